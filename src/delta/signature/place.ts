// Where signatures lie in a store: below a prefix that is kept for them, and is not user data.
import type { Key } from '../../core/key.ts'
import { reservedKey, reservedPrefixes } from '../../core/reserved-key.ts'

/** @param maxKeyBytes of the store */
export function signatureKey(reserved: Key, key: Key, maxKeyBytes: number): Key {
  return reservedKey(reserved, 'sig', key, maxKeyBytes)
}

/** What the keys of all signatures begin with. */
export function signaturePrefixes(reserved: Key): readonly [plain: Key, long: Key] {
  return reservedPrefixes(reserved, 'sig')
}
