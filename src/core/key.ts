// Keys: the names of objects. Byte-exact, never trimmed or normalised, ordered by their UTF-8 bytes.
import { HawserError } from './errors.ts'

declare const brand: unique symbol
/** An object's name below its store's root. Well-formed Unicode; may be empty only as a prefix. */
export type Key = string & { readonly [brand]: 'Key' }

/**
 * Brands a string as a key.
 * @throws HawserError invalid-argument where the text has a lone surrogate: it has no UTF-8 form.
 */
export function toKey(text: string): Key {
  if (isKey(text)) return text
  throw new HawserError('invalid-argument', `not a valid name: ${JSON.stringify(text)}`, {
    op: 'key',
    hint: 'Names must be valid Unicode text.',
  })
}

export function isKey(text: string): text is Key {
  return text.isWellFormed()
}

export const emptyKey: Key = toKey('')

/**
 * Orders keys as stores list them: by UTF-8 bytes, which is the order of code points.
 * JavaScript's own order differs above U+FFFF, and a wrong merge order with deletes loses data.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

/** Ranks a UTF-16 unit so that surrogates (code points above U+FFFF) come after U+E000..U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** The key below a prefix; the prefix is joined as it is, a `/` is never added. */
export function joinKey(prefix: Key, rest: string): Key {
  return toKey(prefix + rest)
}

/** Bytes of the key in UTF-8, which is what stores limit. */
export function keyBytes(key: string): number {
  return Buffer.byteLength(key)
}
