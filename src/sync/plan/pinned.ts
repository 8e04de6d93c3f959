// Carries out one action of a plan, if both sides are still what they were when it was made. What a run of this plan did
// before, or what a sync would leave as it is, is left; all else is refused.
import { asHawserError, HawserError } from '../../core/errors.ts'
import { isSameEtag } from '../../core/etag.ts'
import { type Key, toKey } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Entry, ObjectInfo } from '../../core/store.ts'
import type { SideName } from '../../cost/side.ts'
import { crc64nvmeOf } from '../../transfer/digest.ts'
import { withKnownSize } from '../archived-size.ts'
import { backupsBelow } from '../backup.ts'
import { presentNow } from '../condition.ts'
import { isConflict, noteConflict } from '../conflicts.ts'
import { type Candidate, decide } from '../decide.ts'
import { deferRemoval } from '../deletes.ts'
import { statOrUndefined } from '../look.ts'
import { perform } from '../perform.ts'
import { putOff } from '../renames/deferred.ts'
import { leaveOldName, notePlanned } from '../renames/old-names.ts'
import { deferReplacement, deferVacating } from '../replace.ts'
import { reservedBelow } from '../selected.ts'
import { seenAt, type Session, sourceKey, targetKey } from '../session.ts'
import { isSpelledSo } from '../spelling.ts'
import { isOfOtherKind } from '../update.ts'
import { sourceDrifted, targetDrifted } from './drift.ts'
import type { PlannedAction, PlannedCopy, SeenState } from './types.ts'

/** Of the spool: old names whose files have been copied to their new ones by an earlier run. */
const carriedOut = 'carried-out'

type Action<Do extends PlannedAction['do']> = Extract<PlannedAction, { do: Do }>

/** One action's failure is reported, and stops no other. @throws HawserError only when the run as a whole is to end */
export async function carryOutPlanned(session: Session, action: PlannedAction): Promise<void> {
  const { report, transfer, to, limits } = session
  // Where nothing more is to be begun, nothing more is asked either.
  if ((report.streak.cause || !limits.allows(0)) && !limits.admit(sizeOf(action))) return
  const key = targetKey(session, action.name)
  const at = { op: 'apply', location: to.store.location, key }
  checkSignal(transfer.signal, at)
  try {
    refuseKept(session, action.name)
    await carryOut(session, action)
  } catch (error) {
    if (transfer.signal?.aborted) throw asHawserError(error, at)
    if (isConflict(error)) await noteConflict(session, action.name, error)
    report.fail(error, at)
  }
}

/** No plan that was made says anything of what is nobody's data, or of backups. @throws HawserError invalid-argument */
function refuseKept({ to, options }: Session, name: Key): void {
  const places = [reservedBelow(to), backupsBelow(to, options)]
  if (!places.some((below) => below !== undefined && name.startsWith(below))) return
  throw new HawserError('invalid-argument', 'what is kept there is not for plans', { op: 'apply' })
}

function sizeOf(action: PlannedAction): number {
  return action.do === 'copy' || action.do === 'rename' ? action.source.size : 0
}

async function carryOut(session: Session, action: PlannedAction): Promise<void> {
  switch (action.do) {
    case 'copy':
    case 'rename':
      return copyPlanned(session, action)
    case 'update':
      return updatePlanned(session, action)
    case 'directory':
      return makePlanned(session, action)
    case 'remove':
      return removePlanned(session, action)
    case 'vacate':
      if (!session.to.store.traits.hierarchical) return
      if (await presentNow(session, action.name)) await deferVacating(session, action.name)
  }
}

async function copyPlanned(session: Session, action: PlannedCopy): Promise<void> {
  const { name, instead, waits, from: planned } = action
  const source = await sourceNow(session, action)
  if (!source) return
  const there = await targetNow(session, name)
  if (instead && isInTheWay(there, instead)) return deferReplacement(session, name, source, instead)
  if (!isAsSeen(session, 'target', there, action.target)) {
    await settle(session, name, source, there)
    return leaveOldOf(session, action, source, there)
  }
  const target = there && action.target && entryOf(there, action.target)
  if (target && (await isDone(session, name, source, target, there))) {
    await leaveOldOf(session, action, source, there)
    return session.report.unchanged()
  }
  if (waits) return putOff(session, { name, source, target, planned })
  const candidate: Candidate = { name, source, target, row: undefined, inTurn: true, planned }
  return perform(session, { candidate, decision: { do: 'copy', source } })
}

/**
 * A copy of the same bytes, as of a directory's none, leaves a bucket's object with the same ETag. Where contents are to
 * be compared, the source's tell whether the row is of them.
 */
async function isDone(
  session: Session,
  name: Key,
  source: Entry,
  target: Entry,
  there: ObjectInfo,
): Promise<boolean> {
  const { from, to, options, pair, rules, transfer } = session
  if (to.store.traits.hierarchical || source.size !== target.size) return false
  if (isOfOtherKind(session, source, there)) return false
  const row = await options.state.pairs.get(pair, name)
  const asRecorded = { ...rules, checksum: false }
  if (!row || decide({ name, source, target, row }, asRecorded).do !== 'same') return false
  if (!rules.checksum || source.kind === 'directory') return true
  return row.crc64nvme === (await crc64nvmeOf(from.store, seenAt(from, source), transfer))
}

/** A part of what is in the way may be gone already. */
function isInTheWay(there: Entry | undefined, instead: 'file' | 'directory'): boolean {
  return !there || (instead === 'directory' && there.kind === 'directory')
}

async function updatePlanned(session: Session, action: Action<'update'>): Promise<void> {
  const { name, crc64nvme } = action
  const source = await sourceNow(session, action)
  if (!source) return
  const there = await targetNow(session, name)
  if (!there || !isAsSeen(session, 'target', there, action.target))
    return settle(session, name, source, there)
  const target = entryOf(there, action.target)
  const candidate: Candidate = { name, source, target, row: undefined, inTurn: true }
  return perform(session, { candidate, decision: { do: 'update', source, target, crc64nvme } })
}

/** One that went with what was in it is made again. */
async function makePlanned(session: Session, action: Action<'directory'>): Promise<void> {
  const { name, instead } = action
  const source = await sourceNow(session, action)
  if (!source) return
  const there = await targetNow(session, name)
  if (there && there.kind !== 'directory') throw targetDrifted(session, name)
  if (instead && !there) return deferReplacement(session, name, source, instead)
  const row = there && (await session.options.state.pairs.get(session.pair, name))
  const candidate: Candidate = { name, source, target: there, row, inTurn: true }
  const isSame = there && row && decide(candidate, session.rules).do === 'same'
  return perform(session, { candidate, decision: isSame ? { do: 'same' } : { do: 'copy', source } })
}

async function removePlanned(session: Session, action: Action<'remove'>): Promise<void> {
  const { name, source, target } = action
  const { options, pair, from, transfer, report } = session
  const now = await lookAt(session, 'source', name)
  const isThere = now && (source || (await isSpelledSo(from, now.key, transfer)))
  if (isThere ? !isAsSeen(session, 'source', now, source) : source)
    throw sourceDrifted(session, name)
  const there = await targetNow(session, name)
  if (!there) {
    await options.state.pairs.remove(pair, name)
    return report.unchanged()
  }
  const isLinked = isUnwritten(there, target) && (there.file?.links ?? 1n) > 1n
  if (!isLinked && !isAsSeen(session, 'target', there, target)) throw targetDrifted(session, name)
  const doomed = entryOf(there, target)
  return action.old ? notePlanned(session, name, doomed) : deferRemoval(session, name, doomed)
}

/** Of a rename that an earlier run of the plan carried out, as far as that is proven still. */
async function leaveOldOf(
  { options, pair, to, spool }: Session,
  { do: what, name, from }: PlannedCopy,
  { file, modified }: Entry,
  there: ObjectInfo | undefined,
): Promise<void> {
  if (what !== 'rename' || !from || there?.etag === undefined || file?.links !== 1n) return
  const row = await options.state.pairs.get(pair, name)
  const isOfFile = row?.source.inode === file.inode && row.source.modified === modified
  if (!isOfFile || row.target.etag !== there.etag) return
  const confirms = !to.store.traits.hierarchical
  if (confirms && (there.crc64nvme === undefined || there.crc64nvme !== from.crc64nvme)) return
  await spool.push(carriedOut, from.name, '')
}

/** What an earlier run of the plan has copied to new names goes with the rest. */
export async function leaveOldNames(session: Session): Promise<void> {
  for await (const { order } of session.spool.read(carriedOut, 'ascending'))
    await leaveOldName(session, toKey(order), true)
}

/**
 * The destination has something else than what was planned. That may be what the plan wants: this is decided as ever,
 * but nothing is copied for it.
 */
async function settle(
  session: Session,
  name: Key,
  source: Entry,
  target: Entry | undefined,
): Promise<void> {
  const { options, pair, rules } = session
  const directories = [source, target].filter((entry) => entry?.kind === 'directory').length
  if (!target || directories === 1) throw targetDrifted(session, name)
  const row = await options.state.pairs.get(pair, name)
  const candidate: Candidate = { name, source, target, row, inTurn: true }
  const decision = decide(candidate, rules)
  if (decision.do === 'copy') throw targetDrifted(session, name)
  return perform(session, { candidate, decision })
}

/** Undefined for what is gone, where that is no failure. @throws HawserError conflict */
async function sourceNow(
  session: Session,
  { name, source }: { readonly name: Key; readonly source: SeenState },
): Promise<Entry | undefined> {
  const { options, report, from } = session
  const now = await lookAt(session, 'source', name)
  if (!now && options.skipVanished) {
    report.skip({ location: from.store.location, key: sourceKey(session, name) }, 'vanished')
    return undefined
  }
  if (!now || !isAsSeen(session, 'source', now, source)) throw sourceDrifted(session, name)
  return entryOf(now, source)
}

function targetNow(session: Session, name: Key): Promise<ObjectInfo | undefined> {
  return lookAt(session, 'target', name)
}

async function lookAt(
  session: Session,
  side: SideName,
  name: Key,
): Promise<ObjectInfo | undefined> {
  const { from, to, costs, transfer } = session
  const { store } = side === 'source' ? from : to
  const key = side === 'source' ? sourceKey(session, name) : targetKey(session, name)
  return statOrUndefined(store, key, { signal: transfer.signal, meter: costs.asking(side) })
}

/** What is in a directory changes its times: of one only that it is there counts. */
function isAsSeen(
  { from, to }: Session,
  side: SideName,
  now: Entry | undefined,
  seen: SeenState | undefined,
): boolean {
  if (!now || !seen) return now === seen
  const { hierarchical } = (side === 'source' ? from : to).store.traits
  // A listing of a bucket does not tell a link from a file.
  if (hierarchical && now.kind !== seen.kind) return false
  if (hierarchical && now.kind === 'directory') return true
  if (!hierarchical)
    return withKnownSize(now, seen).size === seen.size && isSameEtag(now.etag, seen.etag)
  if (now.size !== seen.size) return false
  const { file } = now
  const sameFile = file?.inode === seen.file?.inode && file?.ctime === seen.file?.ctime
  return sameFile && now.modified === seen.modified
}

/** The file that was seen, which may have got another name: as a rename that was killed leaves it. */
function isUnwritten({ kind, size, modified, file }: Entry, seen: SeenState): boolean {
  if (!file || kind !== 'file' || kind !== seen.kind) return false
  return size === seen.size && modified === seen.modified && file.inode === seen.file?.inode
}

/** As a listing would tell it, whose times may be finer, and which tells no version. */
function entryOf(now: Entry, seen: SeenState): Entry {
  const { key, size, etag, file } = now
  const { kind, version } = seen
  const modified = kind === 'directory' && file ? now.modified : seen.modified
  const storageClass = now.storageClass ?? seen.storageClass
  return { key, kind, size, modified, etag, version, storageClass, file }
}
