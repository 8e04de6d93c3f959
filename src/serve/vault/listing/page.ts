// One page of a listing, of objects or of versions.
import { compareKeys } from '../../../core/key.ts'
import { S3Error } from '../../errors.ts'
import type { VaultContext } from '../context.ts'
import type { ListQuery } from '../types.ts'
import { Candidates, type Candidate } from './candidates.ts'
import { Files } from './files.ts'
import { HiddenKeys } from './hidden.ts'
import { holdsAny, itemsOf, type Item, type Pick } from './items.ts'
import { isCurrent, keptFiles } from './kept.ts'
import { commonPrefix, endOf } from './prefixes.ts'

export interface Page<T> {
  readonly items: readonly Item<T>[]
  /** Whether others follow. */
  readonly more: boolean
}

/** Keys whose rows are read at once. */
const batchSize = 1000

/**
 * @param rest what is listed of the key `after` itself: the versions that an earlier page did not have
 * @throws S3Error NotImplemented for a store that does not list in the order of keys
 */
export async function readPage<T>(
  context: VaultContext,
  bucket: string,
  query: ListQuery,
  pick: Pick<T>,
  rest: readonly T[] = [],
): Promise<Page<T>> {
  const { store, ledger } = context
  const { prefix, after, limit } = query
  if (store.traits.order !== 'key')
    throw new S3Error('NotImplemented', { message: 'This store does not list in order.' })
  if (limit <= 0) return { items: [], more: false }
  const start = await startOf(context, bucket, query, pick, rest)
  const items = [...start.items]
  const files = await filesFor(context, bucket, query, start.passed)
  const behind = start.passed === undefined ? after : endOf(start.passed)
  const hidden = new HiddenKeys(ledger, bucket, prefix, behind)
  const candidates = new Candidates(store, files, hidden, query)
  let batch: readonly Candidate[] = []
  try {
    if (start.passed !== undefined) await candidates.passOver(start.passed)
    while (items.length <= limit) {
      batch = await candidates.next(Math.min(batchSize, limit + 1 - items.length))
      if (batch.length === 0) break
      for await (const item of itemsOf(context, bucket, query, candidates, batch, pick)) {
        items.push(item)
        if (items.length > limit) break
      }
    }
  } catch (error) {
    await files.close()
    throw error
  }
  const last = items[limit - 1]
  const more = items.length > limit
  if (more && last && store.traits.hierarchical) {
    const unused = batch.filter(({ name }) => compareKeys(name, last.name) > 0)
    files.giveBack(unused.flatMap(({ found }) => found ?? []))
    keptFiles(context).keep(placeOf(bucket, query, last.name), files)
  } else await files.close()
  return { items: items.slice(0, limit), more }
}

interface Start<T> {
  readonly items: readonly Item<T>[]
  /** The common prefix that is done with. */
  readonly passed: string | undefined
}

/** What comes of the key `after` itself, and of a common prefix that begins before it. */
async function startOf<T>(
  context: VaultContext,
  bucket: string,
  query: ListQuery,
  pick: Pick<T>,
  rest: readonly T[],
): Promise<Start<T>> {
  const { prefix, delimiter, after } = query
  const group = after.startsWith(prefix) ? commonPrefix(after, query) : undefined
  if (group === undefined)
    return { items: rest.map((value) => ({ name: after, value })), passed: undefined }
  if (group === after) return { items: [], passed: group }
  const items = [{ name: group, value: undefined }]
  if (rest.length > 0) return { items, passed: group }
  // With other delimiters all keys are looked at, in any case.
  if (delimiter !== '/') return { items: [], passed: undefined }
  const holds = await holdsAny(context, bucket, { ...query, prefix: group }, pick)
  return { items: holds ? items : [], passed: group }
}

/** The Store's listing from there on: where the page before has left it, or anew. */
async function filesFor(
  context: VaultContext,
  bucket: string,
  query: ListQuery,
  passed: string | undefined,
): Promise<Files> {
  const { store } = context
  const { prefix, delimiter, after, signal } = query
  const kept = keptFiles(context).take(placeOf(bucket, query, after))
  if (kept && (await isCurrent(store, bucket, after, kept, signal))) return kept
  await kept?.close()
  const shallow = delimiter === '/'
  const from = passed === undefined ? after : shallow ? passed : endOf(passed)
  // One that may be kept outlives its request.
  const lasting = store.traits.hierarchical ? undefined : signal
  return new Files(store, { bucket, prefix, shallow, after: from, signal: lasting })
}

function placeOf(bucket: string, { prefix, delimiter }: ListQuery, after: string): string {
  return JSON.stringify([bucket, prefix, delimiter, after])
}
