// Directories of a file system get their times and modes last: what is written into them changes their times, and a
// read-only one could not be written into.
import { isHawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import { checkSignal } from '../core/signal.ts'
import type { Entry, ObjectInfo } from '../core/store.ts'
import type { Spool } from '../state/types.ts'
import { knownOf } from './decide.ts'
import { noteDirectory } from './plan/note-copy.ts'
import { record } from './record.ts'
import { attributesAsked, type Session, sourceKey, targetKey } from './session.ts'

const kind = 'directory'
const gone = 'gone'

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
    if (!report.dryRun) await to.store.write(ref.key, new Uint8Array(0), { signal, meter })
    report.done('copy', ref, 0, 0)
    await touchParent(session, name)
  }
  await remember(session, name, `${source.modified}`)
}

/** Remembers to finish the directory in which something was written or removed. */
export async function touchParent(session: Session, name: string): Promise<void> {
  const slash = name.lastIndexOf('/', name.length - 2)
  if (slash > 0) await remember(session, name.slice(0, slash + 1), '')
}

/** One that was removed is not finished, whatever was done in it before. */
export async function leaveDirectory(session: Session, name: string): Promise<void> {
  await remember(session, name, gone)
}

/** @param modified the source's time as its listing tells it, or nothing, or that the directory is gone */
async function remember(session: Session, name: string, modified: string): Promise<void> {
  const { options, to, report, spool } = session
  if (options.archive && to.store.traits.hierarchical && !report.dryRun)
    await spool.push(kind, name, modified)
}

/** Children before their parents. */
export async function finishDirectories(session: Session): Promise<void> {
  const { spool, report, to, transfer } = session
  for await (const { name, modified } of eachOnce(spool)) {
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

/** A directory is remembered for itself and for each object in it. */
async function* eachOnce(
  spool: Spool,
): AsyncGenerator<{ name: string; modified: bigint | undefined }> {
  let name: string | undefined
  let modified: bigint | undefined
  let isGone = false
  for await (const { order, payload } of spool.read(kind, 'descending')) {
    if (name !== undefined && name !== order) {
      if (!isGone) yield { name, modified }
      modified = undefined
      isGone = false
    }
    name = order
    if (payload === gone) isGone = true
    else if (payload !== '') modified = BigInt(payload)
  }
  if (name !== undefined && !isGone) yield { name, modified }
}

async function finish(session: Session, name: Key, listed: bigint | undefined): Promise<void> {
  const { to, transfer, options, pair } = session
  const { signal, meter } = transfer
  const source = await sourceDirectory(session, name)
  if (!source) return
  const key = targetKey(session, name)
  // Made again, in case it went with the last file that was removed from it.
  await to.store.write(key, new Uint8Array(0), { signal, meter })
  const mtime = source.attributes.mtime ?? source.modified
  const { xattrs, ...attributes } = source.attributes
  const wanted = options.xattrs ? { ...attributes, xattrs, mtime } : { ...attributes, mtime }
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
