// Listings of unfinished uploads.
import { endOf, commonPrefix } from '../listing/prefixes.ts'
import type { UploadRow } from '../ledger/types.ts'
import type { Bucket, UploadInfo, Uploads } from '../types.ts'
import { infoOf, type Desk } from './desk.ts'

type Query = Parameters<Uploads['list']>[1]
type Page = Awaited<ReturnType<Uploads['list']>>
type Position = Pick<UploadRow, 'key' | 'started' | 'id'>

/** Rows that are read at once. */
const batchSize = 100

export function listUploads(desk: Desk, bucket: Bucket, query: Query): Page {
  const uploads: UploadInfo[] = []
  const prefixes: string[] = []
  let next: Page['next']
  if (query.limit <= 0) return { uploads, prefixes, next }
  for (const { name, row } of itemsOf(desk, bucket, query)) {
    if (uploads.length + prefixes.length === query.limit) return { uploads, prefixes, next }
    if (row) uploads.push(infoOf(row))
    else prefixes.push(name)
    next = { key: name, id: row?.id }
  }
  return { uploads, prefixes, next: undefined }
}

interface Item {
  readonly name: string
  /** Undefined for a common prefix. */
  readonly row: UploadRow | undefined
}

function* itemsOf({ context }: Desk, bucket: Bucket, query: Query): Generator<Item> {
  const { prefix, after } = query
  let passed = after.startsWith(prefix) && commonPrefix(after, query) === after ? after : undefined
  let from =
    passed === undefined
      ? startOf(context.ledger.upload(query.afterId ?? ''), query)
      : behind(passed)
  for (;;) {
    const rows = context.ledger.uploads(bucket.name, { prefix, from, limit: batchSize })
    for (const row of rows) {
      const isSame = row.id === from?.id && row.key === from.key
      if (isSame || (passed !== undefined && row.key.startsWith(passed))) continue
      const group = commonPrefix(row.key, query)
      yield { name: group ?? row.key, row: group === undefined ? row : undefined }
      passed = group
    }
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return
    from = passed !== undefined && last.key.startsWith(passed) ? behind(passed) : last
  }
}

/** Behind the upload `afterId`; where that has ended, all uploads of the key `after` count. */
function startOf(afterRow: UploadRow | undefined, { after, afterId }: Query): Position | undefined {
  if (after === '') return undefined
  if (afterId === undefined) return { key: after, started: Number.MAX_SAFE_INTEGER, id: '' }
  return afterRow?.key === after ? afterRow : { key: after, started: 0, id: '' }
}

function behind(prefix: string): Position {
  return { key: endOf(prefix), started: 0, id: '' }
}
