// What is listed of the names that a listing looks at.
import { checkSignal } from '../../../core/signal.ts'
import type { VaultContext } from '../context.ts'
import type { VersionRow } from '../ledger/types.ts'
import { look } from '../look.ts'
import { isToldByTime } from '../match.ts'
import { resolve, type Resolved } from '../resolve.ts'
import type { ListQuery } from '../types.ts'
import { Candidates, type Candidate } from './candidates.ts'
import { Files } from './files.ts'
import { HiddenKeys } from './hidden.ts'

/** Keys that are looked at in one go to find a first one that counts. */
const probeSize = 16

/** A common prefix, where it has no value. */
export interface Item<T> {
  readonly name: string
  readonly value: T | undefined
}

/** What is listed of a key. */
export type Pick<T> = (resolved: Resolved) => readonly T[]

/** One after the other; a common prefix, once there is something in it, is passed over. */
export async function* itemsOf<T>(
  context: VaultContext,
  bucket: string,
  { delimiter, signal }: ListQuery,
  candidates: Candidates,
  batch: readonly Candidate[],
  pick: Pick<T>,
): AsyncGenerator<Item<T>> {
  const rows = context.ledger.versionsOf(
    bucket,
    batch.map(({ name }) => name),
  )
  const { rename, traits } = context.store
  let passed: string | undefined
  for (const candidate of batch) {
    checkSignal(signal, { op: 'list', location: context.store.location })
    const { name, group } = candidate
    if (group !== undefined && group === passed) continue
    if (group !== undefined && delimiter === '/') {
      // Object stores have no directories: a common prefix is one because of an object.
      const certain = candidate.found && !traits.hierarchical && !rename
      if (certain || (await holdsGroup(context, bucket, group, signal, pick)))
        yield { name: group, value: undefined }
      continue
    }
    const resolved = await resolveNow(context, bucket, candidate, rows.get(name) ?? [], signal)
    const values = pick(resolved)
    if (values.length === 0) continue
    if (group === undefined) for (const value of values) yield { name, value }
    else {
      passed = group
      yield { name: group, value: undefined }
      await candidates.passOver(group)
    }
  }
}

/** Whether anything is listed of the keys that begin with the prefix and come after a key. */
export async function holdsAny<T>(
  context: VaultContext,
  bucket: string,
  { prefix, after, signal }: ListQuery,
  pick: Pick<T>,
): Promise<boolean> {
  const flat = { prefix, delimiter: '', after, limit: 1, signal }
  const files = new Files(context.store, { bucket, prefix, shallow: false, after, signal })
  const hidden = new HiddenKeys(context.ledger, bucket, prefix, after)
  const candidates = new Candidates(context.store, files, hidden, flat)
  try {
    for (;;) {
      const batch = await candidates.next(probeSize)
      if (batch.length === 0) return false
      const items = itemsOf(context, bucket, flat, candidates, batch, pick)
      if ((await items.next()).done !== true) return true
    }
  } finally {
    await files.close()
  }
}

/** A directory may be empty, or hold nothing that counts. */
async function holdsGroup<T>(
  context: VaultContext,
  bucket: string,
  group: string,
  signal: AbortSignal,
  pick: Pick<T>,
): Promise<boolean> {
  const { ledger } = context
  // A file of which the ledger knows tells it without a look at the directory, which may be a large one.
  const [row] = ledger.scan(bucket, { prefix: group, from: group, limit: 1 })
  if (row && pick(await look(context, bucket, row.key, { signal })).length > 0) return true
  return holdsAny(
    context,
    bucket,
    { prefix: group, delimiter: '', after: '', limit: 1, signal },
    pick,
  )
}

/** What the key holds; looked at anew where it changed between the looks at the Store and at the ledger. */
async function resolveNow(
  context: VaultContext,
  bucket: string,
  { name, file }: Candidate,
  rows: readonly VersionRow[],
  signal: AbortSignal,
): Promise<Resolved> {
  const { store } = context
  const resolved = resolve(store, bucket, name, rows, file)
  // Where the Store's times tell bytes, each file has its row before it comes, until after it has gone.
  const doubtful = file
    ? isToldByTime(store) &&
      (resolved.stale.length > 0 || resolved.versions.some(({ row }) => !row))
    : rows.some(({ marker, place }) => !marker && place === undefined)
  return doubtful ? look(context, bucket, name, { signal }) : resolved
}
