// Gives a file's new name what the destination has under another one: inside its store, no byte of the file is sent. It is
// renamed where that can be, and else copied.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Attributes } from '../../core/attributes.ts'
import type { Entry, ObjectInfo } from '../../core/store.ts'
import type { CopyWork } from '../../core/work.ts'
import type { Estimate } from '../../cost/estimate.ts'
import type { Signature } from '../../delta/signature/types.ts'
import { contentTypeByName } from '../../transfer/content-type.ts'
import { copyInside } from '../../transfer/inside.ts'
import type { Transferred } from '../../transfer/object.ts'
import { changedObject } from '../../transfer/source.ts'
import { backUp } from '../backup.ts'
import { conditionOn } from '../condition.ts'
import { knownOf } from '../decide.ts'
import { touchParent } from '../touched.ts'
import { unlockParents } from '../unlock.ts'
import { attributesToChange } from '../update.ts'
import { noteCopy } from '../plan/note-copy.ts'
import { record } from '../record.ts'
import { seenAt, type Session, targetKey } from '../session.ts'
import type { Deferred } from './deferred.ts'
import { leaveOldName } from './old-names.ts'
import { type Origin, refused } from './origin.ts'
import { renameOrigin } from './rename.ts'

/**
 * @returns false where what is there is not what it was any more: nothing was done then
 * @throws HawserError precondition-failed where what the name has is no longer what was listed
 */
export async function copyFromOrigin(
  session: Session,
  deferred: Deferred,
  origin: Origin,
): Promise<boolean> {
  const { limits, report } = session
  const { name, source } = deferred
  // Nothing is to be sent, but the time may be up.
  if (!limits.admit(0)) return true
  const work = await workOf(session, name, source, origin)
  if (await renameOrigin(session, deferred, origin, work)) return true
  const planned = await planCarry(session, deferred, origin)
  const { target: replaced } = deferred
  const backup = replaced && (await backUp(session, name, replaced))
  await noteCopy(session, deferred, origin)
  const carried = report.dryRun ? dry : await carry(session, work, deferred, origin, planned)
  if (!carried) return false
  const { verified, info } = carried
  const isRename = origin.isRename && (await leaveOldName(session, origin.name, verified))
  const { size } = source
  const from = { location: work.from.location, key: targetKey(session, origin.name) }
  const told = { saved: size, from, verified, info, replaced, backup }
  report.done(isRename ? 'rename' : 'copy', work.to, size, 0, told)
  return true
}

const dry = { verified: true, info: undefined }

interface Carry {
  readonly cost: Parameters<Estimate['copyWithin']>
  readonly signature: Signature | undefined
}

async function planCarry(
  { costs, options, signatures, to, guarded }: Session,
  { target }: Deferred,
  { there }: Origin,
): Promise<Carry> {
  const shelf = signatures.target
  const signature = shelf.mayHave(there)
    ? await shelf.find(there, costs.asking('target'))
    : undefined
  const more = {
    to: options.properties?.storageClass ?? there.storageClass,
    replaces: target,
    conditional: guarded && !to.store.traits.hierarchical,
    signed: signature !== undefined && shelf.writesBeside,
  }
  costs.planned.copyWithin(there, more)
  return { cost: [there, more], signature }
}

/**
 * Records it, too.
 * @returns undefined where what was to be copied is gone, or another one by now
 * @throws HawserError integrity where the store tells that the copy has other bytes
 */
async function carry(
  session: Session,
  work: CopyWork,
  { name, source, target }: Deferred,
  { there, crc64nvme }: Origin,
  { cost, signature }: Carry,
): Promise<Transferred | undefined> {
  const { costs, report, signatures } = session
  report.begin('copy', work.to, source.size)
  await unlockParents(session, name)
  const condition = await conditionOn(session, name, target)
  const changed = await attributesToChange(session, source, there)
  const copied = await copyThere(session, { ...work, condition }, changed)
  if (!copied) return undefined
  const { info } = copied
  costs.done.copyWithin(...cost)
  await record(session, name, knownOf(source), info, crc64nvme)
  if (signature) await signatures.target.carry(signature, info)
  await touchParent(session, name)
  return copied
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
    // To read a version takes a permission of its own; the ETag says as much.
    from: { ...seenAt(to, there), version: undefined },
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

async function copyThere(
  session: Session,
  work: CopyWork,
  changed: Attributes | undefined,
): Promise<Transferred | undefined> {
  const { to, transfer, report } = session
  const onProgress = (done: number): void =>
    report.progress(work.to, done, work.from.size, { sent: 0 })
  try {
    return await copyInside(work, { ...transfer, source: to.store }, onProgress, changed)
  } catch (error) {
    if (!isHawserError(error)) throw error
    const isGone = error.code === 'not-found' && error.key === work.from.key
    if (changedObject(error) === work.from || isGone || refused.has(error.code)) return undefined
    throw error
  }
}
