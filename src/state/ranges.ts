// Ranges of text by prefix, as SQLite compares it: by its UTF-8 bytes.
import { compareKeys, type Key } from '../core/key.ts'
import { paged } from './pages.ts'
import type { SqlValue } from './protocol.ts'
import type { ScanOptions } from './types.ts'

/** How keys compare to the first bound of a page. */
export type Bound = '>' | '>='

/** What `fetch` finds of the range, in pages: from the bound on, or after it, and before the end. */
export async function* scanned<T extends { readonly key: Key }>(
  { after, prefix, signal }: ScanOptions,
  fetch: (bound: Bound, start: string, end: SqlValue) => Promise<readonly T[]>,
): AsyncGenerator<T, void, undefined> {
  const start = prefix ?? ''
  const end = afterPrefix(start)
  const resumed = after !== undefined && compareKeys(after, start) >= 0
  const rows = paged<T>((last) => {
    if (last !== undefined) return fetch('>', last.key, end)
    return resumed ? fetch('>', after, end) : fetch('>=', start, end)
  }, signal)
  // Half the time of `yield*`.
  for await (const row of rows) yield row
}

/** SQLite orders every blob after every text. */
const afterEveryText = new Uint8Array(1)

/** The least value after all texts that begin with the prefix. */
export function afterPrefix(prefix: string): SqlValue {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  // The last code point is raised by one.
  const last = points.pop()
  if (last === undefined) return afterEveryText
  // U+D800 to U+DFFF are no characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}
