// Reads a long result as pages, one ahead of the reader.
import { checkSignal } from '../core/signal.ts'

/** Few: what lives for a moment only is cheap to collect, and two pages are held. */
export const pageRows = 200

/** Calls `fetch` with the last item of the page before; a page shorter than `pageRows` is the last one. */
export async function* paged<T>(
  fetch: (last: T | undefined) => Promise<readonly T[]>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  let next: Promise<readonly T[]> | undefined = fetch(undefined)
  while (next !== undefined) {
    checkSignal(signal, { op: 'state' })
    const page: readonly T[] = await next
    next = page.length < pageRows ? undefined : fetch(page.at(-1))
    // Its failure is met when it is awaited; a reader who leaves early does not care.
    next?.catch(() => undefined)
    for (const item of page) {
      checkSignal(signal, { op: 'state' })
      yield item
    }
  }
}
