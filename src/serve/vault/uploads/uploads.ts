// Uploads in parts.
import { replayBody } from '../../body/incoming.ts'
import type { VaultContext } from '../context.ts'
import { KeyLocks } from '../locks.ts'
import type { PartInfo, Uploads } from '../types.ts'
import { begin } from './begin.ts'
import { abort, complete } from './complete.ts'
import { infoOf, isForgotten, multipartOf, noSuchUpload, openRow, type Desk } from './desk.ts'
import { listUploads } from './list.ts'
import { infoOfPart, receivePart } from './receive.ts'

export function uploadsOf(context: VaultContext): Uploads {
  const receptions: Desk['receptions'] = new Map()
  const completed: Desk['completed'] = new Map(
    context.ledger.completed().map(({ id, at }) => [id, at]),
  )
  const desk: Desk = {
    context,
    get multipart() {
      return multipartOf(context.store)
    },
    turns: new KeyLocks(),
    receptions,
    completed,
  }
  return {
    begin: (bucket, key, upload, options) => begin(desk, bucket, key, upload, options),

    // Completed ones too, for a second completion; nothing else takes those.
    async find(bucket, key, id) {
      const row = context.ledger.upload(id)
      const isGone = row?.completed && isForgotten(desk, row.completed.at)
      if (!row || isGone || row.bucket !== bucket.name || row.key !== key) throw noSuchUpload(id)
      return infoOf(row)
    },

    part: (_bucket, { id }, number, body, options) => receivePart(desk, id, number, body, options),

    async copyPart(_bucket, { id, checksum }, number, from, options): Promise<PartInfo> {
      const { start, end } = from.range
      let begun = false
      async function* bytes(): AsyncGenerator<Uint8Array> {
        begun = true
        yield* from.bytes
      }
      try {
        const body = replayBody(bytes(), end - start, checksum?.algorithm)
        return await receivePart(desk, id, number, body, options)
      } finally {
        // Leaving bytes that were not begun frees what they hold.
        if (!begun) await from.bytes[Symbol.asyncIterator]().return?.()
      }
    },

    async parts({ id }, after, limit) {
      openRow(desk, id)
      return context.ledger.parts(id, after, limit).map(infoOfPart)
    },

    list: async (bucket, query) => listUploads(desk, bucket, query),
    complete: (bucket, { id }, request) => complete(desk, bucket, id, request),
    abort: (_bucket, { id }, options) => abort(desk, id, options),
  }
}
