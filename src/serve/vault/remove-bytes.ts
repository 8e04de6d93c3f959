// Removes one object of the Store.
import type { Key } from '../../core/key.ts'
import type { KeyRef, Store } from '../../core/store.ts'

/** Absent counts as removed. */
export async function removeBytes(
  store: Store,
  key: Key,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  for await (const { error } of store.remove(only({ key }), options)) if (error) throw error
}

async function* only(ref: KeyRef): AsyncGenerator<KeyRef> {
  yield ref
}
