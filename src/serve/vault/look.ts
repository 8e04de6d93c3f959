// Looks at a key: the ledger and the Store together.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { ObjectBody, Store } from '../../core/store.ts'
import type { VaultContext } from './context.ts'
import { isDirectoryName, isRefusedName, plainKey } from './places.ts'
import { resolve, type Resolved } from './resolve.ts'
import type { CallOptions, OpenOptions } from './types.ts'

/** What the key holds now. */
export async function look(
  { store, ledger }: VaultContext,
  bucket: string,
  key: string,
  { signal }: CallOptions,
): Promise<Resolved> {
  const file = await atPlain(store, bucket, key, (plain) => store.stat(plain, { signal }))
  // After the file: a row is there before its bytes are.
  return resolve(store, bucket, key, ledger.versions(bucket, key), file)
}

/** As look, with what is at the object's own name opened: where it is what is wanted, it is looked for only once. */
export async function lookAndOpen(
  { store, ledger }: VaultContext,
  bucket: string,
  key: string,
  { signal, buffer }: Pick<OpenOptions, 'signal' | 'buffer'>,
): Promise<{ readonly resolved: Resolved; readonly body: ObjectBody | undefined }> {
  const body = await atPlain(store, bucket, key, (plain) => store.read(plain, { signal, buffer }))
  const rows = ledger.versions(bucket, key)
  return { resolved: resolve(store, bucket, key, rows, body?.info), body }
}

/** Undefined where there is no object, and where the key can be none of this store. */
async function atPlain<T>(
  store: Store,
  bucket: string,
  key: string,
  use: (plain: Key) => Promise<T>,
): Promise<T | undefined> {
  if (isDirectoryName(store, key)) return undefined
  try {
    return await use(plainKey(bucket, key))
  } catch (error) {
    if (isRefusedName(error) || isNoObject(store, error)) return undefined
    throw error
  }
}

/** There is nothing, or what is never read: a pipe, a socket or a device among the files. */
function isNoObject({ traits }: Store, error: unknown): boolean {
  if (!isHawserError(error)) return false
  return error.code === 'not-found' || (traits.hierarchical && error.code === 'unsupported')
}
