// Where signatures lie in a store: below a prefix that is kept for them, and is not user data.
import { createHash } from 'node:crypto'
import { joinKey, keyBytes, type Key } from '../../core/key.ts'

/**
 * The key of an object's signature: `<reserved>sig/<key>`, or where that is too long for the store,
 * `<reserved>sig-long/<SHA-256 of the key in hex>`.
 * @param maxKeyBytes of the store
 */
export function signatureKey(reserved: Key, key: Key, maxKeyBytes: number): Key {
  const [plain, long] = signaturePrefixes(reserved)
  if (keyBytes(plain + key) <= maxKeyBytes) return joinKey(plain, key)
  return joinKey(long, createHash('sha256').update(key).digest('hex'))
}

/** What the keys of all signatures begin with. */
export function signaturePrefixes(reserved: Key): readonly [plain: Key, long: Key] {
  return [joinKey(reserved, 'sig/'), joinKey(reserved, 'sig-long/')]
}
