// Directories of a file system that are to be finished when all else is done: each is noted as often as something is done
// in it, on disk, and told once.
import type { Spool } from '../state/types.ts'
import type { Session } from './session.ts'

const kind = 'directory'
const gone = 'gone'
const tell = 'tell'

/** What is known of a directory that was met for itself. */
export interface Met {
  /** The source's time as its listing tells it. */
  readonly modified: bigint
  /** More than its time changes, which is told once it is done. */
  readonly toTell: boolean
}

/** Remembers to finish the directory itself. */
export async function touchDirectory(session: Session, name: string, met?: Met): Promise<void> {
  await remember(session, name, met ? `${met.modified} ${met.toTell ? tell : ''}` : '')
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
export interface Touched extends Partial<Met> {
  readonly name: string
}

/** Children before their parents. A directory is remembered for itself and for each object in it. */
export async function* touchedDirectories(spool: Spool): AsyncGenerator<Touched> {
  let touched: Touched | undefined
  let isGone = false
  for await (const { order: name, payload } of spool.read(kind, 'descending')) {
    if (touched && touched.name !== name) {
      if (!isGone) yield touched
      touched = undefined
      isGone = false
    }
    touched = { name, ...touched, ...parse(payload) }
    if (payload === gone) isGone = true
  }
  if (touched && !isGone) yield touched
}

function parse(payload: string): Partial<Met> {
  if (payload === '' || payload === gone) return {}
  const [modified = '', word] = payload.split(' ')
  return { modified: BigInt(modified), toTell: word === tell }
}
