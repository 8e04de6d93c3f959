// Directories of a file system that are to be finished when all else is done: each is noted as often as something is done
// in it, on disk, and told once.
import type { Spool } from '../state/types.ts'
import type { Session } from './session.ts'

const kind = 'directory'
const gone = 'gone'

/** Remembers to finish the directory itself. @param modified the source's time as its listing tells it */
export async function touchDirectory(
  session: Session,
  name: string,
  modified?: bigint,
): Promise<void> {
  await remember(session, name, modified === undefined ? '' : `${modified}`)
}

/** Remembers to finish the directory in which something was written or removed. */
export async function touchParent(session: Session, name: string): Promise<void> {
  const slash = name.lastIndexOf('/', name.length - 2)
  if (slash > 0) await touchDirectory(session, name.slice(0, slash + 1))
}

/** One that was removed is not finished, whatever was done in it before. */
export async function leaveDirectory(session: Session, name: string): Promise<void> {
  await remember(session, name, gone)
}

async function remember(session: Session, name: string, payload: string): Promise<void> {
  const { options, to, report, spool } = session
  if (options.archive && to.store.traits.hierarchical && !report.dryRun)
    await spool.push(kind, name, payload)
}

/** A directory to finish. */
export interface Touched {
  readonly name: string
  /** The source's time, where its listing told it. */
  readonly modified: bigint | undefined
}

/** Children before their parents. A directory is remembered for itself and for each object in it. */
export async function* touchedDirectories(spool: Spool): AsyncGenerator<Touched> {
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
