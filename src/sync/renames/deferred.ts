// Copies that wait until all names were seen: of files that had another name before, and those that replace what may be
// what another name has now. They lie on disk until then.
import { type Key, toKey } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import type { Candidate } from '../decide.ts'
import { readOrigin } from '../plan/read.ts'
import { originFields } from '../plan/write.ts'
import type { PlannedOrigin } from '../plan/types.ts'
import { type Session, sourceKey, targetKey } from '../session.ts'
import { formatEntry, parseEntry } from '../spooled.ts'

const copies = 'deferred'

/** A copy that waits. */
export interface Deferred {
  readonly name: string
  readonly source: Entry
  /** What it replaces. */
  readonly target: Entry | undefined
  /** Where a plan says that the destination has its bytes. */
  readonly planned?: PlannedOrigin | undefined
  /** See Candidate. */
  readonly mayRename?: true | undefined
}

/** Whether the copy must wait: it is written down then. */
export async function deferCopy(
  session: Session,
  { name, target, row }: Candidate,
  source: Entry,
): Promise<boolean> {
  const { renames, options, pair } = session
  if (!renames || source.kind !== 'file' || !source.file) return false
  // What is edited in place was nothing else's content; what has come in its place may have sent it elsewhere.
  const replaces = target !== undefined && row?.source.inode !== source.file.inode
  const rows = replaces ? [] : await options.state.pairs.ofInode(pair, source.file.inode)
  if (!replaces && !rows.some(({ key }) => key !== name)) return false
  await putOff(session, { name, source, target })
  return true
}

/** Writes the copy down, until its turn comes. */
export async function putOff({ spool }: Session, deferred: Deferred): Promise<void> {
  const { name, source, target, planned } = deferred
  const origin = planned && originFields(planned)
  await spool.push(copies, name, JSON.stringify([textOf(source), textOf(target), origin]))
}

export async function countDeferred({ spool }: Session): Promise<number> {
  return spool.count(copies)
}

export async function* deferredCopies(session: Session): AsyncGenerator<Deferred> {
  for await (const { order: name, payload } of session.spool.read(copies, 'ascending')) {
    const deferred = parse(session, name, payload)
    if (deferred) yield deferred
  }
}

export async function isDeferred({ spool }: Session, name: string): Promise<boolean> {
  if ((await spool.count(copies)) === 0) return false
  return (await spool.get(copies, name)) !== undefined
}

/** Whether something that waits is to come into the directory. */
export async function isAwaited({ spool, to }: Session, directory: Key): Promise<boolean> {
  return spool.holds(copies, directory.slice(to.prefix.length))
}

/** It waits no longer. */
export async function release({ spool }: Session, name: string): Promise<void> {
  await spool.take(copies, name)
}

function textOf(entry: Entry | undefined): string | null {
  return entry ? formatEntry(entry) : null
}

function parse(session: Session, name: string, payload: string): Deferred | undefined {
  const parsed: unknown = JSON.parse(payload)
  const [source, target, origin]: unknown[] = Array.isArray(parsed) ? parsed : []
  if (typeof source !== 'string') return undefined
  return {
    name,
    source: parseEntry(sourceKey(session, name), source),
    target:
      typeof target === 'string' ? parseEntry(targetKey(session, toKey(name)), target) : undefined,
    planned: origin === null || origin === undefined ? undefined : readOrigin(origin),
  }
}
