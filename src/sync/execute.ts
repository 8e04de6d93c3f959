// Does one piece of work and records what came of it: emits events, decides nothing.
import type { Attributes } from '../core/attributes.ts'
import type { Entry } from '../core/store.ts'
import type { CopyWork, UpdateWork } from '../core/work.ts'
import { isSameMode, isSameTime, knownOf } from './decide.ts'
import type { Known } from '../state/types.ts'
import { copyInside } from '../transfer/inside.ts'
import { transferObject, type Transferred } from '../transfer/object.ts'
import { record } from './record.ts'
import { touchParent } from './directories.ts'
import { seenAt, type Session, targetKey } from './session.ts'
import type { Key } from '../core/key.ts'

/** Copies the object that was seen under this name, and records the pair. */
export async function executeCopy(session: Session, name: string, source: Entry): Promise<void> {
  const copied = await copyTo(session, source, targetKey(session, name))
  if (!copied) return
  const { size, etag, version, modified } = copied.work.from
  const seen: Known = { ...knownOf(source), size, etag, version, modified }
  await record(session, name, seen, copied.info, copied.crc64nvme)
  await touchParent(session, name)
}

/** Copies one object to a key. @returns undefined in a dry run */
export async function copyTo(
  session: Session,
  source: Entry,
  key: Key,
): Promise<Transferred | undefined> {
  return transferTo(session, source, key, 'copy', async () => {})
}

/** Copies one object to a key; it is done when `finish` is. @returns undefined in a dry run */
export async function transferTo(
  session: Session,
  source: Entry,
  key: Key,
  action: 'copy' | 'move',
  finish: (copied: Transferred) => Promise<void>,
): Promise<Transferred | undefined> {
  const { report, to, from, transfer } = session
  const work: CopyWork = {
    do: 'copy',
    from: seenAt(from, source),
    to: { location: to.store.location, key },
    attributes: session.options.archive ? 'all' : 'time',
    condition: undefined,
  }
  if (report.dryRun) {
    const inside = to.store.copy?.accepts(from.store)
    report.done(action, work.to, source.size, inside ? 0 : source.size)
    return undefined
  }
  report.begin(action, work.to, source.size)
  const onProgress = (done: number): void => report.progress(work.to, done, source.size)
  const copied = await transferObject(work, transfer, onProgress)
  await finish(copied)
  report.done(action, work.to, copied.work.from.size, copied.sent)
  return copied
}

/** Gives the destination, whose bytes are right, the source's attributes; where they are right too, only records it. */
export async function executeUpdate(
  session: Session,
  name: string,
  source: Entry,
  target: Entry,
  crc64nvme: bigint | undefined,
): Promise<void> {
  const { report, from, to, transfer } = session
  const work: UpdateWork = {
    do: 'update',
    from: seenAt(from, source),
    to: seenAt(to, target),
    attributes: session.options.archive ? 'all' : 'time',
  }
  const { signal, meter } = transfer
  const inside = to.store.copy?.accepts(from.store) ?? false
  const found = await from.store.stat(work.from.key, { signal, meter })
  const wanted = wantedAttributes(work, found, inside && !from.store.traits.hierarchical)
  const before = await to.store.stat(work.to.key, { signal, meter })
  // What was compared may have been replaced since: then nothing is known of its bytes.
  if (before.size !== target.size || before.etag !== target.etag) {
    report.plan(1, source.size)
    return executeCopy(session, name, source)
  }
  const changed = differing(wanted, before.attributes)
  if (!changed) {
    if (!report.dryRun) await record(session, name, knownOf(source), before, crc64nvme)
    return report.unchanged()
  }
  if (report.dryRun) return report.done('update', work.to, source.size, 0)
  report.begin('update', work.to, source.size)
  const sent = await giveAttributes(session, work, { ...before.attributes, ...wanted })
  const after = await to.store.stat(work.to.key, { signal, meter })
  await record(session, name, knownOf(source), after, crc64nvme)
  report.done('update', work.to, source.size, sent)
}

async function giveAttributes(
  session: Session,
  work: UpdateWork,
  attributes: Attributes,
): Promise<number> {
  const { to, transfer } = session
  const { signal, meter } = transfer
  if (to.store.setAttributes) {
    await to.store.setAttributes(work.to.key, attributes, { signal, meter })
    return 0
  }
  if (to.store.copy?.accepts(to.store)) {
    const ontoItself: CopyWork = { ...work, do: 'copy', from: work.to, condition: undefined }
    const inside = { ...transfer, source: to.store }
    return (await copyInside(ontoItself, inside, () => {}, attributes)).sent
  }
  const again: CopyWork = { ...work, do: 'copy', condition: undefined }
  return (await transferObject(again, transfer, () => {})).sent
}

/** @param kept whether a copy keeps what is there and gives nothing else, as one inside an object store does */
function wantedAttributes(
  work: UpdateWork,
  source: { attributes: Attributes; modified: bigint },
  kept: boolean,
): Attributes {
  if (kept && source.attributes.mtime === undefined) return {}
  const mtime = source.attributes.mtime ?? source.modified
  return work.attributes === 'all' && source.attributes.mode !== undefined
    ? { mtime, mode: source.attributes.mode }
    : { mtime }
}

function differing(wanted: Attributes, present: Attributes): boolean {
  return (
    (wanted.mtime !== undefined && !isSameTime(wanted.mtime, present.mtime)) ||
    (wanted.mode !== undefined && !isSameMode(wanted.mode, present.mode))
  )
}
