// Looks at a key: the ledger and the Store together.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { ObjectInfo, Store } from '../../core/store.ts'
import type { VaultContext } from './context.ts'
import { isDirectoryName, isRefusedName, plainKey } from './places.ts'
import { resolve, type Resolved } from './resolve.ts'
import type { CallOptions } from './types.ts'

/** What the key holds now. */
export async function look(
  { store, ledger }: VaultContext,
  bucket: string,
  key: string,
  { signal }: CallOptions,
): Promise<Resolved> {
  const file = await fileAt(store, plainKey(bucket, key), signal)
  // After the file: a row is there before its bytes are.
  return resolve(store, bucket, key, ledger.versions(bucket, key), file)
}

/** The object at the key, if there is one, and the key can be one of this store. */
async function fileAt(
  store: Store,
  key: Key,
  signal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  if (isDirectoryName(store, key)) return undefined
  try {
    return await store.stat(key, { signal })
  } catch (error) {
    if (isRefusedName(error) || (isHawserError(error) && error.code === 'not-found'))
      return undefined
    throw error
  }
}
