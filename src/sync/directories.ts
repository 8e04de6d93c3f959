// Directories of a file system get their times and modes last: what is written into them changes their times, and a
// read-only one could not be written into.
import { isHawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import { checkSignal } from '../core/signal.ts'
import type { Meter } from '../core/meter.ts'
import type { Entry, ObjectInfo, StatOptions, Store } from '../core/store.ts'
import { knownOf } from './decide.ts'
import { attributesOfSource, isToChange } from './directory-attributes.ts'
import { noteDirectory } from './plan/note-copy.ts'
import { record } from './record.ts'
import { attributesAsked, type Session, sourceKey, targetKey } from './session.ts'
import { touchDirectory, touchedDirectories, touchParent } from './touched.ts'
import { lockAgain, modeBefore, unlockParents } from './unlock.ts'

/** Makes the directory where it is missing, and remembers to finish it. */
export async function beginDirectory(
  session: Session,
  name: string,
  source: Entry,
  present: Entry | undefined,
): Promise<void> {
  const { report, to, transfer } = session
  const ref = { location: to.store.location, key: targetKey(session, name) }
  await noteDirectory(session, name, source, present)
  let toTell = false
  if (present) {
    toTell = await isToUpdate(session, name, present)
    if (!toTell) report.unchanged()
    else if (report.dryRun) report.done('update', ref, 0, 0)
  } else {
    const { signal, meter } = transfer
    await unlockParents(session, name)
    if (!report.dryRun) await to.store.write(ref.key, new Uint8Array(0), { signal, meter })
    report.done('copy', ref, 0, 0)
    await touchParent(session, name)
  }
  await touchDirectory(session, name, { modified: source.modified, toTell })
}

/** Whether more than its time is to follow its source's. */
async function isToUpdate(session: Session, name: string, { file }: Entry): Promise<boolean> {
  const { to, costs } = session
  const asked = attributesAsked(session)
  const source = await sourceDirectory(session, name, costs.asking('source'))
  const isReadable = ((file?.mode ?? 0) & 0o400) !== 0
  const xattrs = asked.xattrs && isReadable
  const call = { ...asked, xattrs, meter: costs.asking('target') }
  const there = await directoryAt(to.store, targetKey(session, name), call)
  if (!source || !there) return false
  const before = await modeBefore(session, name)
  const present = { ...there.attributes, mode: before ?? there.attributes.mode }
  return isToChange(attributesOfSource(session, source, before), present)
}

/** Children before their parents. */
export async function finishDirectories(session: Session): Promise<void> {
  const { spool, report, to, transfer } = session
  for await (const touched of touchedDirectories(spool)) {
    const name = toKey(touched.name)
    const at = { op: 'directory', location: to.store.location, key: targetKey(session, name) }
    checkSignal(transfer.signal, at)
    try {
      const info = await finish(session, name, touched.modified)
      if (info && touched.toTell) report.done('update', at, 0, 0, { info })
    } catch (error) {
      if (transfer.signal?.aborted) throw error
      report.fail(error, at)
    }
  }
}

/** @returns undefined for one that the source does not have */
async function finish(
  session: Session,
  name: Key,
  listed: bigint | undefined,
): Promise<ObjectInfo | undefined> {
  const { to, transfer, options, pair } = session
  const { signal, meter } = transfer
  const source = await sourceDirectory(session, name)
  const before = await modeBefore(session, name)
  if (!source) {
    if (before !== undefined) await lockAgain(session, name, before)
    return undefined
  }
  const key = targetKey(session, name)
  // Made again, in case it went with the last file that was removed from it.
  await to.store.write(key, new Uint8Array(0), { signal, meter })
  const wanted = attributesOfSource(session, source, before)
  await to.store.setAttributes?.(key, wanted, { signal, meter })
  // A listing may tell a finer time than the object's own facts do, and is what the next run compares with.
  const modified = listed ?? (await options.state.pairs.get(pair, name))?.source.modified
  const known = { ...knownOf(source), modified: modified ?? source.modified }
  const info = await to.store.stat(key, { signal, meter })
  await record(session, name, known, info, undefined)
  return info
}

/** Undefined where the source knows no such directory: an object store need not have a marker for it. */
async function sourceDirectory(
  session: Session,
  name: string,
  meter: Meter | undefined = session.transfer.meter,
): Promise<ObjectInfo | undefined> {
  const asked = { ...attributesAsked(session), meter }
  return directoryAt(session.from.store, sourceKey(session, name), asked)
}

async function directoryAt(
  store: Store,
  key: Key,
  asked: StatOptions,
): Promise<ObjectInfo | undefined> {
  try {
    return await store.stat(key, asked)
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}
