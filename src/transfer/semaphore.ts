// Bounded concurrency: permits that are waited for in order, and work over a stream with so many at once.
import { abortError, checkSignal } from '../core/signal.ts'

const waits = { op: 'wait' }

/** Counts permits; waiting is first come, first served, and ends with the signal. */
export class Semaphore {
  #free: number
  readonly #waiting: { readonly want: number; readonly grant: () => void }[] = []

  constructor(permits: number) {
    this.#free = permits
  }

  /**
   * Resolves when `want` permits are held. A call that wants more than there are waits for ever: the caller's bug.
   * @throws HawserError interrupted once the signal has aborted
   */
  async acquire(want = 1, signal?: AbortSignal): Promise<void> {
    checkSignal(signal, waits)
    if (this.#waiting.length === 0 && this.#free >= want) {
      this.#free -= want
      return
    }
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        want,
        grant: (): void => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        this.#grant()
        if (signal) reject(abortError(signal, waits))
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiter)
    })
  }

  release(count = 1): void {
    this.#free += count
    this.#grant()
  }

  #grant(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#free >= next.want;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift()
      this.#free -= next.want
      next.grant()
    }
  }
}

/**
 * Runs `work` over a stream, at most `limit` at once; pulls an item only when one can start. The first failure stops
 * the pulling, is waited for with what is under way, and thrown.
 */
export async function forEachConcurrent<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // A count, not a set: one that millions pass through makes the collector keep what has passed.
  const running = { count: 0 }
  let wake: () => void = nobody
  let failure: { readonly error: unknown } | undefined
  const start = (item: T): void => {
    running.count++
    void work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        running.count--
        wake()
      })
  }
  // Not Promise.race: it would leave a reaction on a slow task for each quick one that passes it.
  const oneEnds = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  try {
    for await (const item of items) {
      if (failure) break
      start(item)
      if (running.count >= limit) await oneEnds()
      if (failure) break
    }
  } catch (error) {
    failure ??= { error }
  }
  while (running.count > 0) await oneEnds()
  if (failure) throw failure.error
}

function nobody(): void {}
