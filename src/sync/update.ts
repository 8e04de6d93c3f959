// Gives objects whose bytes are right the attributes of their sources.
import { type Attributes, isLink, isSameXattrs } from '../core/attributes.ts'
import { toKey } from '../core/key.ts'
import type { Entry, ObjectInfo } from '../core/store.ts'
import type { CopyWork, UpdateWork } from '../core/work.ts'
import { copyInside } from '../transfer/inside.ts'
import { transferObject, type Transferred } from '../transfer/object.ts'
import { refuseArchived } from './archived.ts'
import { withKnownSize } from './archived-size.ts'
import { notAsListed } from './condition.ts'
import { isSameMode, isSameTime, knownOf } from './decide.ts'
import { executeCopy } from './execute.ts'
import { permitted } from './permitted.ts'
import { note } from './plan/note.ts'
import { record } from './record.ts'
import { attributesAsked, seenAt, type Session } from './session.ts'

/** Gives the destination, whose bytes are right, the source's attributes; where they are right too, only records it. */
export async function executeUpdate(
  session: Session,
  name: string,
  source: Entry,
  target: Entry,
  crc64nvme: bigint | undefined,
): Promise<void> {
  const { report, costs, from, to, transfer } = session
  const work: UpdateWork = {
    do: 'update',
    from: seenAt(from, source),
    to: seenAt(to, target),
    ...wantedOf(session),
  }
  const { signal, meter } = transfer
  const inside = to.store.copy?.accepts(from.store) ?? false
  const found = await from.store.stat(work.from.key, attributesAsked(session))
  const wanted = wantedAttributes(work, found, inside && !from.store.traits.hierarchical)
  const { xattrs } = attributesAsked(session)
  const before = withKnownSize(await to.store.stat(work.to.key, { xattrs, signal, meter }), target)
  // What was compared may have been replaced since: then nothing is known of its bytes.
  const isOther = before.size !== target.size || before.etag !== target.etag
  if (isOther || isOfOtherKind(session, source, before)) {
    if (session.pinned) throw notAsListed(work.to)
    report.plan(1, source.size)
    return executeCopy(session, name, source, before)
  }
  const changed = differing(session, wanted, before.attributes)
  if (!changed) {
    costs.planned.look('source')
    costs.planned.look('target')
    if (!report.dryRun) await record(session, name, knownOf(source), before, crc64nvme)
    return report.unchanged()
  }
  await refuseArchived(session, target, 'target')
  costs.planned.update(target, source.storageClass)
  await note(session, { do: 'update', name: toKey(name), source, target, crc64nvme })
  if (report.dryRun) return report.done('update', work.to, source.size, 0)
  report.begin('update', work.to, source.size)
  const given = await giveAttributes(session, work, before, { ...before.attributes, ...wanted })
  const { sent, info: after } = given
  await record(session, name, knownOf(source), after, crc64nvme)
  costs.done.update(target, source.storageClass)
  report.done('update', work.to, source.size, sent, { info: after, replaced: before })
}

/** A link and a file of the same bytes are not the same, which a bucket's listing does not tell. */
export function isOfOtherKind({ from, to }: Session, source: Entry, there: ObjectInfo): boolean {
  const isUnlisted = from.store.traits.hierarchical && !to.store.traits.hierarchical
  return isUnlisted && (source.kind === 'symlink') !== isLink(there.attributes)
}

/** @returns what was made of the object: what is there may be another program's by now, and has another etag then */
async function giveAttributes(
  session: Session,
  work: UpdateWork,
  before: ObjectInfo,
  attributes: Attributes,
): Promise<Pick<Transferred, 'sent' | 'info'>> {
  const { to, transfer } = session
  if (to.store.setAttributes)
    return { sent: 0, info: await setAttributes(session, before, attributes) }
  if (to.store.copy?.accepts(to.store)) {
    const ontoItself: CopyWork = { ...work, do: 'copy', from: work.to, condition: undefined }
    // Its bytes are none that were sent: they stay what they are.
    const inside = { ...transfer, source: to.store, verify: false }
    return copyInside(ontoItself, inside, () => {}, attributes)
  }
  const again: CopyWork = { ...work, do: 'copy', condition: undefined }
  return transferObject(again, transfer, () => {})
}

/**
 * Gives a file other attributes, in its place.
 * @throws HawserError precondition-failed where there is another file by now, or one that was written to
 */
export async function setAttributes(
  { to, transfer, rules }: Session,
  before: ObjectInfo,
  attributes: Attributes,
): Promise<ObjectInfo> {
  const { signal, meter } = transfer
  const { key } = before
  const isOther = (now: ObjectInfo): boolean =>
    now.size !== before.size || now.file?.inode !== before.file?.inode
  const last = await to.store.stat(key, { signal, meter })
  // What is in a directory changes its time.
  const isWritten = last.kind !== 'directory' && last.modified !== before.modified
  if (isOther(last) || isWritten) throw notAsListed({ location: to.store.location, key })
  await to.store.setAttributes?.(key, attributes, { signal, meter })
  const now = await to.store.stat(key, { signal, meter })
  if (isOther(now)) throw notAsListed({ location: to.store.location, key })
  const { mtime = now.modified } = attributes
  // Where it was written to since, nothing is known of its bytes: with this time, the next run compares them.
  return isSameTime(mtime, now.modified, rules.modifyWindow) ? now : { ...now, modified: mtime }
}

/** What the copy of an object is to be given beside what that has, to be like the file. */
export async function attributesToChange(
  session: Session,
  source: Entry,
  present: ObjectInfo,
): Promise<Attributes | undefined> {
  const { from, to } = session
  const ask = attributesAsked(session)
  const found = await from.store.stat(source.key, ask)
  const wanted = wantedAttributes(wantedOf(session), found, false)
  const isWhole = !ask.xattrs || !to.store.traits.hierarchical
  const { attributes } = isWhole ? present : await to.store.stat(present.key, ask)
  return differing(session, wanted, attributes) ? { ...attributes, ...wanted } : undefined
}

type Wanted = Pick<UpdateWork, 'attributes' | 'xattrs'>

function wantedOf({ rules }: Session): Wanted {
  return {
    attributes: rules.attributes === undefined ? 'time' : 'all',
    xattrs: rules.attributes === 'xattrs',
  }
}

/** @param kept whether a copy keeps what is there and gives nothing else, as one inside an object store does */
function wantedAttributes(
  work: Wanted,
  source: { attributes: Attributes; modified: bigint },
  kept: boolean,
): Attributes {
  if (kept && source.attributes.mtime === undefined) return {}
  const mtime = source.attributes.mtime ?? source.modified
  if (work.attributes === 'time') return { mtime }
  const { xattrs = {}, ...plain } = source.attributes
  return work.xattrs ? { ...plain, xattrs, mtime } : { ...plain, mtime }
}

/** An object is given any owners; a file those that its user may give. */
function differing({ to, rules }: Session, wanted: Attributes, present: Attributes): boolean {
  const { uid, gid } = to.store.traits.hierarchical ? permitted(wanted, present) : wanted
  return (
    (wanted.mtime !== undefined && !isSameTime(wanted.mtime, present.mtime, rules.modifyWindow)) ||
    (wanted.mode !== undefined && !isSameMode(wanted.mode, present.mode)) ||
    (uid !== undefined && uid !== present.uid) ||
    (gid !== undefined && gid !== present.gid) ||
    (wanted.xattrs !== undefined && !isSameXattrs(wanted.xattrs, present.xattrs ?? {}))
  )
}
