// What lies at a place itself, not below it.
import { isHawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { CallOptions, ObjectInfo, Store } from '../core/store.ts'

/**
 * The object of this key, or the directory of a file system, with or without the `/` that its key ends in.
 * @throws HawserError not-found only for a missing bucket
 */
export async function entryAt(place: Place, call: CallOptions): Promise<ObjectInfo | undefined> {
  const { store, prefix } = place
  if (prefix === '') return undefined
  const object = prefix.endsWith('/') ? undefined : await statOrUndefined(store, prefix, call)
  if (object || !store.traits.hierarchical) return object
  return statOrUndefined(store, asTree(place).prefix, call)
}

/** @throws HawserError not-found only for a missing bucket */
export async function statOrUndefined(
  store: Store,
  key: Key,
  { signal, meter }: CallOptions,
): Promise<ObjectInfo | undefined> {
  try {
    return await store.stat(key, { signal, meter })
  } catch (error) {
    // A missing bucket is not a missing object: the store's own message says more.
    if (isHawserError(error) && error.code === 'not-found' && error.key !== undefined)
      return undefined
    throw error
  }
}
