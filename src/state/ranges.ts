// Ranges of text by prefix, as SQLite compares it: by its UTF-8 bytes.
import type { SqlValue } from './protocol.ts'

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
