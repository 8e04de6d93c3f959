// Gives a file's new name what the destination has under another one: inside its store, no byte of the file is sent.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Attributes } from '../../core/attributes.ts'
import type { Entry, ObjectInfo, Rename } from '../../core/store.ts'
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
  deferred: Deferred,
  origin: Origin,
): Promise<boolean> {
  const { limits, report, spool } = session
  const { name, source } = deferred
  // Nothing is to be sent, but the time may be up.
  if (!limits.admit(0)) return true
  const { isRename, there } = origin
  const work = await workOf(session, name, source, origin)
  tellPlanned(session, deferred, origin)
  if (deferred.target) await backUp(session, name, deferred.target)
  if (!report.dryRun && !(await carry(session, work, deferred, origin))) return false
  if (isRename) {
    await spool.take(removals, origin.name)
    await spool.push(renamed, origin.name, formatEntry(there))
  }
  const { size } = source
  report.done(isRename ? 'rename' : 'copy', work.to, size, 0, { saved: size, from: work.from })
  return true
}

function tellPlanned(session: Session, { target }: Deferred, { there, isRename }: Origin): void {
  const { costs } = session
  costs.planned.copyWithin(there, classOf(session, there), target)
  if (isRename) costs.planned.remove(there)
}

function classOf({ options }: Session, there: Entry): string | undefined {
  return options.properties?.storageClass ?? there.storageClass
}

/** Records it, too. */
async function carry(
  session: Session,
  work: CopyWork,
  { name, source, target }: Deferred,
  origin: Origin,
): Promise<boolean> {
  const { costs, report, signatures, to } = session
  const { there, crc64nvme, isRename } = origin
  report.begin('copy', work.to, source.size)
  const condition = await conditionOn(session, name, target)
  const changed = await attributesToChange(session, source, there)
  const renames = isRename && !target ? to.store.rename : undefined
  const done = renames
    ? await giveName(session, { ...work, condition }, renames, changed)
    : await copyThere(session, { ...work, condition }, changed)
  if (!done) return false
  costs.done.copyWithin(there, classOf(session, there), target)
  const known = knownOf(source)
  // Where it was moved in one step, nothing is left to be removed.
  const movedFrom = isRename && !renames ? origin.name : undefined
  await record(session, name, known, done, crc64nvme, movedFrom)
  if (renames) await forget(session, origin.name)
  if (isRename) await signatures.target.move(there, done)
  else await signatures.target.copy(there, done)
  await touchParent(session, name)
  return true
}

async function forget(session: Session, name: Key): Promise<void> {
  await session.options.state.pairs.remove(session.pair, name)
  await touchParent(session, name)
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

/** Undefined where what was to be copied is gone, or another one by now. */
async function copyThere(
  session: Session,
  work: CopyWork,
  changed: Attributes | undefined,
): Promise<ObjectInfo | undefined> {
  const { to, transfer, report } = session
  const onProgress = (done: number): void =>
    report.progress(work.to, done, work.from.size, { sent: 0 })
  return unlessGone(work, async () => {
    const context = { ...transfer, source: to.store }
    return (await copyInside(work, context, onProgress, changed)).info
  })
}

/** In one step, which only takes what has the etag. */
async function giveName(
  { to, transfer }: Session,
  { from, to: { key }, condition }: CopyWork,
  rename: Rename,
  changed: Attributes | undefined,
): Promise<ObjectInfo | undefined> {
  const { signal, meter } = transfer
  const renamedTo = await unlessGone({ from }, () =>
    rename({ key: from.key, etag: from.etag }, key, { condition, signal, meter }),
  )
  if (!renamedTo || !changed || !to.store.setAttributes) return renamedTo
  await to.store.setAttributes(key, changed, { signal, meter })
  return to.store.stat(key, { signal, meter })
}

async function unlessGone(
  { from }: Pick<CopyWork, 'from'>,
  task: () => Promise<ObjectInfo>,
): Promise<ObjectInfo | undefined> {
  try {
    return await task()
  } catch (error) {
    const isGone = isHawserError(error) && error.code === 'not-found' && error.key === from.key
    if (changedObject(error) === from || isGone) return undefined
    throw error
  }
}
