// Renames what the destination has under a file's old name, where its store can: only where it comes to the same as a copy
// after which the old name goes.
import type { Attributes } from '../../core/attributes.ts'
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Condition, Entry, ObjectInfo } from '../../core/store.ts'
import type { CopyWork } from '../../core/work.ts'
import { presentNow } from '../condition.ts'
import { knownOf } from '../decide.ts'
import { touchParent } from '../touched.ts'
import { unlockParents } from '../unlock.ts'
import { noteCopy } from '../plan/note-copy.ts'
import { record } from '../record.ts'
import { isToHold } from '../replace.ts'
import { type Session, targetKey } from '../session.ts'
import { attributesToChange, setAttributes } from '../update.ts'
import { type Deferred, isAwaited } from './deferred.ts'
import { dropOldName, hasOneName } from './old-names.ts'
import { type Origin, refused } from './origin.ts'

/** Whether the run renames at all: nothing is to be kept of the old object, and nothing is given that takes a copy. */
export function renamesAtOnce({ to, options }: Session): boolean {
  const { backupDir, metadata, contentType, properties } = options
  const isPlain = metadata === undefined && contentType === undefined && properties === undefined
  return to.store.rename !== undefined && backupDir === undefined && isPlain
}

/** @returns false where it takes a copy: nothing was done then */
export async function renameOrigin(
  session: Session,
  deferred: Deferred,
  origin: Origin,
  work: CopyWork,
): Promise<boolean> {
  const { report, costs } = session
  if (!(await comesToTheSame(session, deferred, origin, work))) return false
  const changed = await attributesToChange(session, deferred.source, origin.there)
  if (changed && !canChange(session, origin.there)) return false
  if (!report.dryRun) return rename(session, deferred, origin, work, changed)
  const { source, target } = deferred
  await noteCopy(session, deferred, origin)
  costs.planned.rename(target)
  const told = { saved: source.size, from: work.from, replaced: target }
  report.done('rename', work.to, source.size, 0, told)
  await dropOldName(session, origin.name, source.size)
  return true
}

/** That the source has the file under the new name alone is seen right before. */
async function comesToTheSame(
  session: Session,
  { source, mayRename }: Deferred,
  { isRename, name }: Origin,
  { contentType }: CopyWork,
): Promise<boolean> {
  if (!mayRename || !isRename || contentType !== undefined || !renamesAtOnce(session)) return false
  return hasOneName(session, source, name)
}

async function rename(
  session: Session,
  deferred: Deferred,
  origin: Origin,
  work: CopyWork,
  changed: Attributes | undefined,
): Promise<boolean> {
  const { report, costs, signatures } = session
  const { name, source, target } = deferred
  report.begin('rename', work.to, source.size)
  const renamed = await renameThere(session, deferred, origin, work)
  if (!renamed) return false
  costs.planned.rename(target)
  costs.done.rename(target)
  try {
    const info = changed ? await setAttributes(session, renamed, changed) : renamed
    await signatures.target.move(origin.there, info)
    await record(session, name, knownOf(source), info, origin.crc64nvme)
    const told = { saved: source.size, from: work.from, replaced: target, info }
    report.done('rename', work.to, source.size, 0, told)
  } finally {
    await touchParent(session, name)
    await dropOldName(session, origin.name, source.size)
  }
  return true
}

/** Other names of a file at the destination keep the attributes that they have. */
function canChange({ to }: Session, { file }: ObjectInfo): boolean {
  return to.store.setAttributes !== undefined && file?.links === 1n
}

/** @returns undefined where what was to be renamed is gone or another one by now, or cannot be */
async function renameThere(
  session: Session,
  { name, target }: Deferred,
  { there, name: oldName }: Origin,
  { from, to }: CopyWork,
): Promise<ObjectInfo | undefined> {
  const { signal, meter } = session.transfer
  await unlockParents(session, oldName)
  await unlockParents(session, name)
  const condition = await conditionOnTarget(session, name, target, there)
  const keep = async (directory: Key): Promise<boolean> =>
    (await isToHold(session, directory)) || (await isAwaited(session, directory))
  try {
    const ref = { key: there.key, etag: there.etag }
    return await session.to.store.rename?.(ref, to.key, { condition, keep, signal, meter })
  } catch (error) {
    if (!isHawserError(error)) throw error
    const isOther = error.code === 'not-found' || error.code === 'precondition-failed'
    // Where the disk does not let it be renamed, it may let it be copied, or says why not.
    const isRefused = refused.has(error.code) || error.code === 'local-io'
    if (isRefused || (isOther && error.key === from.key)) return undefined
    throw error
  }
}

/** That what is there is as it was listed, or the file itself, where the file system takes both names for one. */
async function conditionOnTarget(
  session: Session,
  name: string,
  target: Entry | undefined,
  there: ObjectInfo,
): Promise<Condition> {
  if (target?.etag !== undefined) return { kind: 'if-match', etag: target.etag }
  if (target || !session.to.store.traits.hierarchical) return { kind: 'if-absent' }
  const present = await presentNow(session, name)
  const isItself = present?.etag !== undefined && present.etag === there.etag
  const isInPlace = directoryOf(there.key) === directoryOf(targetKey(session, name))
  return isItself && isInPlace ? { kind: 'if-match', etag: present.etag } : { kind: 'if-absent' }
}

function directoryOf(key: Key): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}
