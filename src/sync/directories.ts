// Directories of a file system get their times and modes last: what is written into them changes their times, and a
// read-only one could not be written into.
import { isHawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import { checkSignal } from '../core/signal.ts'
import type { Entry, ObjectInfo } from '../core/store.ts'
import { knownOf } from './decide.ts'
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
  if (present) report.unchanged()
  else {
    const { signal, meter } = transfer
    await unlockParents(session, name)
    if (!report.dryRun) await to.store.write(ref.key, new Uint8Array(0), { signal, meter })
    report.done('copy', ref, 0, 0)
    await touchParent(session, name)
  }
  await touchDirectory(session, name, source.modified)
}

/** Children before their parents. */
export async function finishDirectories(session: Session): Promise<void> {
  const { spool, report, to, transfer } = session
  for await (const { name, modified } of touchedDirectories(spool)) {
    const at = { op: 'directory', location: to.store.location, key: targetKey(session, name) }
    checkSignal(transfer.signal, at)
    try {
      await finish(session, toKey(name), modified)
    } catch (error) {
      if (transfer.signal?.aborted) throw error
      report.fail(error, at)
    }
  }
}

async function finish(session: Session, name: Key, listed: bigint | undefined): Promise<void> {
  const { to, transfer, options, pair } = session
  const { signal, meter } = transfer
  const source = await sourceDirectory(session, name)
  const before = await modeBefore(session, name)
  if (!source) {
    if (before !== undefined) await lockAgain(session, name, before)
    return
  }
  const key = targetKey(session, name)
  // Made again, in case it went with the last file that was removed from it.
  await to.store.write(key, new Uint8Array(0), { signal, meter })
  const mtime = source.attributes.mtime ?? source.modified
  const { xattrs, mode = before, ...attributes } = source.attributes
  const kept = { ...attributes, mode, mtime }
  const wanted = options.xattrs ? { ...kept, xattrs } : kept
  await to.store.setAttributes?.(key, wanted, { signal, meter })
  // A listing may tell a finer time than the object's own facts do, and is what the next run compares with.
  const modified = listed ?? (await options.state.pairs.get(pair, name))?.source.modified
  const known = { ...knownOf(source), modified: modified ?? source.modified }
  await record(session, name, known, await to.store.stat(key, { signal, meter }), undefined)
}

/** Undefined where the source knows no such directory: an object store need not have a marker for it. */
async function sourceDirectory(session: Session, name: string): Promise<ObjectInfo | undefined> {
  try {
    return await session.from.store.stat(sourceKey(session, name), attributesAsked(session))
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}
