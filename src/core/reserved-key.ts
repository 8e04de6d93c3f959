// Where what is kept for an object lies in its store: below a prefix that holds no user data.
import { createHash } from 'node:crypto'
import { joinKey, type Key, keyBytes } from './key.ts'

/**
 * `<reserved><kind>/<key>`, or where that is too long for the store, `<reserved><kind>-long/<SHA-256 of the key in hex>`.
 * @param maxKeyBytes of the store
 */
export function reservedKey(reserved: Key, kind: string, key: Key, maxKeyBytes: number): Key {
  const [plain, long] = reservedPrefixes(reserved, kind)
  if (keyBytes(plain + key) <= maxKeyBytes) return joinKey(plain, key)
  return joinKey(long, createHash('sha256').update(key).digest('hex'))
}

/** What the keys of all of a kind begin with. */
export function reservedPrefixes(reserved: Key, kind: string): readonly [plain: Key, long: Key] {
  return [joinKey(reserved, `${kind}/`), joinKey(reserved, `${kind}-long/`)]
}
