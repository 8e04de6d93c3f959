// Gives a file's new name what the destination has under another one: inside its store, no byte of the file is sent.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Condition, Entry, ObjectInfo } from '../../core/store.ts'
import type { CopyWork } from '../../core/work.ts'
import { contentTypeByName } from '../../transfer/content-type.ts'
import { copyInside } from '../../transfer/inside.ts'
import { changedObject } from '../../transfer/source.ts'
import { backUp } from '../backup.ts'
import { conditionOn } from '../condition.ts'
import { knownOf } from '../decide.ts'
import { removals } from '../deletes.ts'
import { touchParent } from '../directories.ts'
import { attributesToChange } from '../execute.ts'
import { record } from '../record.ts'
import { seenAt, type Session, targetKey } from '../session.ts'
import { formatEntry } from '../spooled.ts'
import { type Deferred, renamed } from './deferred.ts'
import type { Origin } from './origin.ts'

/**
 * @returns false where what is there is not what it was any more: nothing was done then
 * @throws HawserError precondition-failed where what the name has is no longer what was listed
 */
export async function copyFromOrigin(
  session: Session,
  { name, source, target }: Deferred,
  origin: Origin,
): Promise<boolean> {
  const { costs, options, report, signatures, spool } = session
  const work = await workOf(session, name, source, origin)
  const at = { action: origin.isRename ? 'rename' : 'copy', from: work.from } as const
  const storageClass = options.properties?.storageClass ?? origin.there.storageClass
  costs.planned.copyWithin(origin.there, storageClass, target)
  if (origin.isRename) costs.planned.remove(origin.there)
  if (target) await backUp(session, name, target)
  if (!report.dryRun) {
    report.begin('copy', work.to, source.size)
    const condition = await conditionOn(session, name, target)
    const info = await carry(session, { ...work, condition }, source, origin)
    if (!info) return false
    costs.done.copyWithin(origin.there, storageClass, target)
    const movedFrom = origin.isRename ? origin.name : undefined
    await record(session, name, knownOf(source), info, origin.crc64nvme, movedFrom)
    if (origin.isRename) await signatures.target.move(origin.there, info)
    else await signatures.target.copy(origin.there, info)
    await touchParent(session, name)
  }
  if (origin.isRename) {
    await spool.take(removals, origin.name)
    await spool.push(renamed, origin.name, formatEntry(origin.there))
  }
  report.done(at.action, work.to, source.size, 0, source.size, at.from)
  return true
}

async function workOf(
  session: Session,
  name: string,
  source: Entry,
  { name: oldName, there }: Origin,
): Promise<CopyWork> {
  const { to, options } = session
  const { metadata, properties } = options
  return {
    do: 'copy',
    from: seenAt(to, there),
    to: { location: to.store.location, key: targetKey(session, name) },
    attributes: 'all',
    metadata,
    contentType: options.contentType ?? (await newContentType(there, oldName, source.key)),
    properties,
    condition: undefined,
  }
}

/** Of an object whose type went by its name, as an upload would give it; undefined: it keeps its own. */
async function newContentType(
  { contentType }: ObjectInfo,
  oldName: Key,
  newName: Key,
): Promise<string | undefined> {
  if (contentType === undefined || contentType !== (await contentTypeByName(oldName)))
    return undefined
  const given = await contentTypeByName(newName)
  return given === contentType ? undefined : given
}

/** Undefined where what was to be copied is gone or another one. */
async function carry(
  session: Session,
  work: CopyWork & { readonly condition: Condition | undefined },
  source: Entry,
  { there }: Origin,
): Promise<ObjectInfo | undefined> {
  const { to, transfer } = session
  const changed = await attributesToChange(session, source, there)
  try {
    const copied = await copyInside(
      work,
      { ...transfer, source: to.store },
      (done) => session.report.progress(work.to, done, work.from.size, { sent: 0 }),
      changed,
    )
    return copied.info
  } catch (error) {
    const isGone = isHawserError(error) && error.code === 'not-found' && error.key === there.key
    if (changedObject(error) === work.from || isGone) return undefined
    throw error
  }
}
