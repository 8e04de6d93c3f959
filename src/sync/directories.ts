// Directories of a file system get their times and modes last: what is written into them changes their times, and a
// read-only one could not be written into.
import { isHawserError } from '../core/errors.ts'
import { toKey } from '../core/key.ts'
import { checkSignal } from '../core/signal.ts'
import type { Entry, ObjectInfo } from '../core/store.ts'
import { knownOf } from './decide.ts'
import { record } from './record.ts'
import { type Session, sourceKey, targetKey } from './session.ts'

const kind = 'directory'

/** Makes the directory where it is missing, and remembers to finish it. */
export async function beginDirectory(
  session: Session,
  name: string,
  present: Entry | undefined,
): Promise<void> {
  const { report, to, transfer } = session
  const ref = { location: to.store.location, key: targetKey(session, name) }
  if (present) report.unchanged()
  else {
    const { signal, meter } = transfer
    if (!report.dryRun) await to.store.write(ref.key, new Uint8Array(0), { signal, meter })
    report.done('copy', ref, 0, 0)
    await touchParent(session, name)
  }
  await remember(session, name)
}

/** Remembers to finish the directory in which something was written or removed. */
export async function touchParent(session: Session, name: string): Promise<void> {
  const slash = name.lastIndexOf('/', name.length - 2)
  if (slash > 0) await remember(session, name.slice(0, slash + 1))
}

async function remember({ options, to, report, spool }: Session, name: string): Promise<void> {
  if (options.archive && to.store.traits.hierarchical && !report.dryRun)
    await spool.push(kind, name, '')
}

/** Children before their parents. */
export async function finishDirectories(session: Session): Promise<void> {
  const { spool, report, to, transfer } = session
  let last: string | undefined
  for await (const { order: name } of spool.read(kind, 'descending')) {
    if (name === last) continue
    last = name
    checkSignal(transfer.signal, { op: 'directory', location: to.store.location })
    try {
      await finish(session, name)
    } catch (error) {
      if (transfer.signal?.aborted) throw error
      report.fail(error, {
        op: 'directory',
        location: to.store.location,
        key: targetKey(session, name),
      })
    }
  }
}

async function finish(session: Session, name: string): Promise<void> {
  const { to, transfer } = session
  const { signal, meter } = transfer
  const source = await sourceDirectory(session, name)
  if (!source) return
  const key = targetKey(session, name)
  // Made again, in case it went with the last file that was removed from it.
  await to.store.write(key, new Uint8Array(0), { signal, meter })
  const mtime = source.attributes.mtime ?? source.modified
  await to.store.setAttributes?.(key, { ...source.attributes, mtime }, { signal, meter })
  await record(
    session,
    toKey(name),
    knownOf(source),
    await to.store.stat(key, { signal, meter }),
    undefined,
  )
}

/** Undefined where the source knows no such directory: an object store need not have a marker for it. */
async function sourceDirectory(session: Session, name: string): Promise<ObjectInfo | undefined> {
  const { signal, meter } = session.transfer
  try {
    return await session.from.store.stat(sourceKey(session, name), { signal, meter })
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}
