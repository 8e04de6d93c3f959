// Removals come last, and only when everything else succeeded; they are kept on disk until then, and guarded.
import { HawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import type { Entry } from '../core/store.ts'
import type { ObjectRef } from '../core/work.ts'
import { formatAddress } from '../core/location.ts'
import { tellFailure } from './archived.ts'
import { backUp } from './backup.ts'
import { changedMeanwhile, isChangedMeanwhile, isConflict, noteConflict } from './conflicts.ts'
import { countOf } from './count.ts'
import { inOrder } from './in-order.ts'
import { noteRemoval } from './plan/note.ts'
import { canReplace, isToHold, vacate } from './replace.ts'
import type { Session } from './session.ts'
import type { SpoolItem } from '../state/types.ts'
import type { SignedObject } from '../transfer/delta/shelf.ts'
import { leaveDirectory, touchParent } from './touched.ts'
import { unlockParents } from './unlock.ts'
import { formatEntry, parseEntry } from './spooled.ts'

/** Of the spool: what is to be removed. */
export const removals = 'remove'
/** Of the spool: those of them whose objects were copied to other names of their files. */
export const renamed = 'renamed'
/** Of the spool: old names of files that stay, although their objects were copied. */
export const kept = 'kept'
/** From so many objects on, removing more than this share of them needs the user's word. */
const guardFrom = 100
const guardShare = 0.5

export async function deferRemoval(session: Session, name: string, target: Entry): Promise<void> {
  await session.spool.push(removals, name, formatEntry(target))
}

/** What is to be removed. */
interface Doomed {
  readonly entry: Entry
  readonly backup: ObjectRef | undefined
}

/** How many objects each side was seen to have: what the guards judge by. */
export interface Seen {
  source: number
  target: number
}

/** @returns whether what was to be removed is, as far as that succeeded */
export async function removeExtraneous(session: Session, seen: Seen): Promise<boolean> {
  const { report, spool } = session
  const count = await spool.count(removals)
  const keep = (why: string): false => {
    if (count > 0)
      report.warn(`nothing was removed, because ${why}: ${countOf(count, 'object')} would be`)
    return false
  }
  if (report.failed > 0) return keep(`${report.failed} failed`)
  if (!(await canReplace(session))) return keep('what is to take its place cannot be copied')
  const lost = Math.max(0, count - (await countRenamed(session)))
  const refusal = lost > 0 && guard(session, lost, seen.target, await isEmpty(session, seen))
  if (refusal) {
    report.fail(refusal, { op: 'delete' })
    return false
  }
  if (count > 0) report.plan(count, 0)
  if (report.dryRun) await tellRemovals(session)
  else {
    await removeSpooled(session)
    await vacate(session)
  }
  return true
}

/** Distinct names: one may have been copied to several, as hard links are. */
async function countRenamed({ spool }: Session): Promise<number> {
  let count = 0
  let last: string | undefined
  for await (const { order } of spool.read(renamed, 'ascending')) {
    if (order !== last) count++
    last = order
  }
  return count
}

/** Names of a list that are all missing tell of an empty source only where nothing else is there either. */
async function isEmpty(session: Session, { source }: Seen): Promise<boolean> {
  return source === 0 && (!session.names || holdsNothing(session))
}

export async function holdsNothing({ from, options, costs, transfer }: Session): Promise<boolean> {
  let nothing = true
  const entries = from.store.list(from.prefix, {
    directories: options.archive ?? false,
    onProblem: () => (nothing = false),
    signal: transfer.signal,
    meter: costs.asking('source'),
  })
  for await (const _ of entries) return false
  return nothing
}

/**
 * Why so much must not be removed; undefined where it may.
 * @param present how many objects the destination was seen to have
 * @param empty whether the source has nothing at all
 */
function guard(
  session: Session,
  count: number,
  present: number,
  empty: boolean,
): HawserError | undefined {
  const { from, to, options, names } = session
  const refuse = (why: string, hint: string): HawserError =>
    new HawserError('guard', why, {
      op: 'delete',
      location: to.store.location,
      key: to.prefix,
      hint,
    })
  const { maxDelete } = options
  if (empty) {
    const source = formatAddress(from.store.location, from.prefix)
    return refuse(
      `the source ${source} is empty: refusing to remove ${count === 1 ? 'the only object' : `all ${count} objects`}`,
      'Check the source; to empty the destination on purpose, use rm -r.',
    )
  }
  if (maxDelete === undefined) {
    // Of single names that were given, each is what the user meant.
    if (names || present < guardFrom || count <= present * guardShare) return undefined
    return refuse(
      `refusing to remove ${count} of ${present} objects`,
      `Check the source; --max-delete ${count} allows it.`,
    )
  }
  const most =
    typeof maxDelete === 'number' ? maxDelete : (Number.parseFloat(maxDelete) / 100) * present
  if (count <= most) return undefined
  return refuse(
    `refusing to remove ${countOf(count, 'object')}: --max-delete is ${maxDelete}`,
    'Raise --max-delete to allow it.',
  )
}

async function tellRemovals(session: Session): Promise<void> {
  const { report, to } = session
  for await (const doomed of backedUp(session)) {
    if (!doomed) continue
    const { entry } = doomed
    await noteRemoval(session, entry.key.slice(to.prefix.length), entry, onlyOldNames(session))
    planRemoval(session, entry)
    report.done('remove', { location: to.store.location, key: entry.key }, entry.size, 0)
  }
}

/** Nothing else is removed in the run. A plan names what is. */
export function onlyOldNames({ rules, names, pinned }: Session): boolean {
  return !rules.delete && !names && !pinned
}

/** Only as it was seen, which takes an object store a request for each. */
function removesOneByOne(session: Session): boolean {
  return session.pinned || onlyOldNames(session)
}

function planRemoval(session: Session, entry: Entry): void {
  const { costs, signatures } = session
  const alone = removesOneByOne(session) ? 1 : 0
  costs.planned.remove(entry, 'target', signatures.target.keysWith(entry), alone)
}

/** Children before their directories. */
async function removeSpooled(session: Session): Promise<void> {
  const { report, costs, to, transfer, options, pair, spool, signatures } = session
  const { signal, meter } = transfer
  // On a file system the check costs nothing.
  const onDisk = to.store.traits.hierarchical
  const pinned = onDisk || removesOneByOne(session)
  // Of what is under way: a few pages at most.
  let entries = new Map<Key, Doomed>()
  async function* refs(): AsyncGenerator<SignedObject> {
    for await (const doomed of backedUp(session)) {
      if (!doomed) continue
      const { entry } = doomed
      const { key, etag, size } = entry
      entries.set(key, doomed)
      planRemoval(session, entry)
      await unlockParents(session, key.slice(to.prefix.length))
      yield pinned && !(onDisk && key.endsWith('/')) ? { key, etag, size } : { key, size }
    }
  }
  const keep = (directory: Key): Promise<boolean> => isToHold(session, directory)
  const removed = signatures.target.removeObjects(refs(), { signal, meter, keep })
  for await (const { key, error, marker } of removed) {
    const at = { location: to.store.location, key }
    const { entry, backup } = entries.get(key) ?? {}
    entries.delete(key)
    // One that millions pass through makes the collector keep what has passed.
    if (entries.size === 0) entries = new Map()
    // A directory that still holds something stays: another program's, or what no listing tells.
    if (error && onDisk && key.endsWith('/')) continue
    const name = toKey(key.slice(to.prefix.length))
    if (error && onlyOldNames(session) && isChangedMeanwhile(error)) {
      await spool.push(kept, name, '')
      continue
    }
    if (error) {
      const failure = isChangedMeanwhile(error) ? changedMeanwhile(error) : error
      if (isConflict(failure)) await noteConflict(session, name, failure)
      report.fail(failure, { op: 'remove', ...at })
      continue
    }
    await options.state.pairs.remove(pair, name)
    await touchParent(session, name)
    if (entry?.kind === 'directory') await leaveDirectory(session, name)
    if (entry) costs.done.remove(entry)
    const info = { etag: undefined, version: marker }
    report.done('remove', at, entry?.size ?? 0, 0, { info, replaced: entry, backup })
  }
}

/** What is to be removed, once its backup is confirmed; undefined for what has none, although one is wanted. */
async function* backedUp(session: Session): AsyncGenerator<Doomed | undefined> {
  const { spool, options, to, transfer, jobs } = session
  const items = spool.read(removals, 'descending')
  const entryOf = ({ order, payload }: SpoolItem): Entry =>
    parseEntry(toKey(to.prefix + order), payload)
  if (!options.backupDir) {
    for await (const item of items) yield { entry: entryOf(item), backup: undefined }
    return
  }
  yield* inOrder(items, { limit: jobs, ahead: jobs }, async (item) => {
    const entry = entryOf(item)
    try {
      return { entry, backup: await backUp(session, item.order, entry) }
    } catch (error) {
      if (transfer.signal?.aborted) throw error
      const at = { op: 'backup', location: to.store.location, key: entry.key }
      await tellFailure(session, undefined, error, at)
      return undefined
    }
  })
}
