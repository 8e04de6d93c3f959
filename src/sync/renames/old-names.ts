// Old names of renamed files, where a run does not remove what the source does not have: one goes only where this run
// itself saw that the file has another name, and no other one. In doubt it stays, and that is told.
import { isAbort, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import type { PairRow } from '../../state/types.ts'
import { type Candidate, isAsRecorded } from '../decide.ts'
import { kept, onlyOldNames, removals, renamed } from '../deletes.ts'
import { touchParent } from '../touched.ts'
import { statOrUndefined } from '../look.ts'
import { noteRemoval } from '../plan/note.ts'
import { type Session, sourceKey, targetKey } from '../session.ts'
import { formatEntry, parseEntry } from '../spooled.ts'

/** Of the spool: what is there under names that the source does not have, as it was recorded. */
const gone = 'gone'

/** Of a name that stays: it may be an old one. */
export async function noteGone(session: Session, candidate: Candidate): Promise<void> {
  const { name, source, hidden, target, row } = candidate
  const { renames, rules, names, spool, to } = session
  if (!renames || rules.delete || names) return
  if (source || hidden || !target || !row) return
  // What was thawed may have another ETag: it is looked at before it goes.
  const isThawed = to.store.archive?.mayHold(target) && target.size === row.target.size
  if (!isThawed && !isAsRecorded(target, row.target)) return
  await spool.push(gone, name, formatEntry(target))
}

/** What a plan says is an old name, and is as it was planned. */
export async function notePlanned({ spool }: Session, name: Key, target: Entry): Promise<void> {
  await spool.push(gone, name, formatEntry(target))
}

/** Whether what the file had before goes, once it is copied: as what the source does not have, or for itself. */
export async function oldNameGoes(session: Session, source: Entry, row: PairRow): Promise<boolean> {
  if (!isSameFile(source, row)) return false
  const { spool } = session
  if ((await spool.get(removals, row.key)) !== undefined) return true
  if ((await spool.get(gone, row.key)) === undefined) return false
  if (await isOnlyName(session, source, row)) return true
  await spool.push(kept, row.key, '')
  return false
}

/**
 * The old name's object has been copied: it is still to be removed, but counts as no removal for the guards.
 * @param verified whether the service confirmed the copy
 * @returns whether it goes
 */
export async function leaveOldName(
  { spool }: Session,
  name: Key,
  verified: boolean,
): Promise<boolean> {
  if (!verified && (await spool.get(gone, name)) !== undefined) {
    await spool.push(kept, name, '')
    return false
  }
  const there = await spool.take(gone, name)
  if (there !== undefined) await spool.push(removals, name, there)
  await spool.push(renamed, name, '')
  return true
}

export async function tellKept({ spool, report, pinned }: Session): Promise<void> {
  // A plan notes no others.
  const count = await spool.count(pinned ? gone : kept)
  if (count === 0) return
  const files = count === 1 ? 'a renamed file' : `${count} renamed files`
  report.warn(
    `the old name of ${files} stays at the destination: it may be needed; --delete removes it`,
  )
}

/** Whether the name goes in this run, if all is well. */
export async function isToGo({ spool }: Session, name: string): Promise<boolean> {
  return (
    (await spool.get(removals, name)) !== undefined || (await spool.get(gone, name)) !== undefined
  )
}

/** The object has another name by now: of the old one nothing is left to remove, and the guards do not count it. */
export async function dropOldName(session: Session, name: Key, size: number): Promise<void> {
  const { options, pair, report, spool, to } = session
  const there = (await spool.take(removals, name)) ?? (await spool.take(gone, name))
  const key = targetKey(session, name)
  const entry = there === undefined ? undefined : parseEntry(key, there)
  report.plan(1, 0)
  if (!report.dryRun) {
    await options.state.pairs.remove(pair, name)
    await touchParent(session, name)
  } else if (entry) await noteRemoval(session, name, entry, onlyOldNames(session))
  const at = { location: to.store.location, key }
  report.done('remove', at, size, 0, { replaced: entry })
}

/** A new name changes neither; the inode alone may be in use again. */
function isSameFile({ file, modified }: Entry, row: PairRow): boolean {
  return file?.inode === row.source.inode && modified === row.source.modified
}

/** The file had one name, and has one: no hard link was taken for it, and no other source needs the old one. */
async function isOnlyName(session: Session, { key, file }: Entry, row: PairRow): Promise<boolean> {
  const { renames, options, pair } = session
  if (!file || renames?.shared !== false || file.device !== row.source.device) return false
  const rows = await options.state.pairs.ofInode(pair, file.inode)
  // A plan knows of it without the state.
  if (rows.length > 1 || (rows.length === 0 && !session.pinned)) return false
  return hasOneName(session, { key, file }, row.key)
}

/** Whether the file has one name in the source now, and not the old one. */
export async function hasOneName(
  session: Session,
  { key, file }: Pick<Entry, 'key' | 'file'>,
  oldName: Key,
): Promise<boolean> {
  const { from, transfer } = session
  try {
    const now = await statOrUndefined(from.store, key, transfer)
    const old = await statOrUndefined(from.store, sourceKey(session, oldName), transfer)
    const isOnly = file !== undefined && now?.file?.inode === file.inode && now.file.links === 1n
    // Where case does not count, it is the same one name.
    return isOnly && (old === undefined || old.file?.inode === file.inode)
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    return false
  }
}
