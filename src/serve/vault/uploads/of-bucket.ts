// The uploads of a bucket that goes.
import type { VaultContext } from '../context.ts'
import type { Change } from '../ledger/types.ts'
import { assembledKey } from '../places.ts'
import { placesParts } from './desk.ts'
import { uploadOf } from './receive.ts'

const pageSize = 100

/** What they leave in the hidden place; where the Store has uploads of its own for them, those are aborted. */
export async function abortUploads(
  { store, ledger }: VaultContext,
  bucket: string,
): Promise<readonly Extract<Change, { readonly do: 'put-leftover' }>[]> {
  const left: Extract<Change, { readonly do: 'put-leftover' }>[] = []
  let from: { readonly key: string; readonly started: number; readonly id: string } | undefined
  for (;;) {
    const uploads = ledger.uploads(bucket, { prefix: '', from, limit: pageSize })
    for (const { id, backing } of uploads) {
      if (id === from?.id) continue
      if (placesParts(store)) left.push({ do: 'put-leftover', place: assembledKey(id) })
      else await store.multipart?.abort(uploadOf(backing))
    }
    from = uploads.at(-1)
    if (uploads.length < pageSize) return left
  }
}
