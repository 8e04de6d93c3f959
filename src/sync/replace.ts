// Copies in the place of what is to be removed, where a file is to become a directory or the other way round: they are
// deferred until that is gone, which is only removed once it is sure that they can be made.
import { HawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import type { Entry, KeyRef } from '../core/store.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { archivedAs } from './archived.ts'
import type { Candidate } from './decide.ts'
import type { Step } from './ground.ts'
import { statOrUndefined } from './look.ts'
import { note } from './plan/note.ts'
import { type Session, sourceKey, targetKey } from './session.ts'
import { formatEntry, parseEntry } from './spooled.ts'
import { unlockParents } from './unlock.ts'

const copies = 'replace'
const directories = 'vacate'

export async function deferReplacement(
  { spool }: Session,
  name: string,
  source: Entry,
  present: 'file' | 'directory',
): Promise<void> {
  await spool.push(copies, name, `${present} ${formatEntry(source)}`)
}

/** Of a directory in the way that nothing is left in when all else is removed. */
export async function deferVacating(session: Session, name: string): Promise<void> {
  await session.spool.push(directories, name, '')
  await note(session, { do: 'vacate', name: toKey(name) })
}

/** What the copy of this name takes the place of; undefined where it is no such copy. */
export async function takesPlaceOf(
  { spool }: Session,
  name: string,
): Promise<'file' | 'directory' | undefined> {
  if ((await spool.count(copies)) === 0) return undefined
  const payload = await spool.get(copies, name)
  return payload === undefined ? undefined : presentIn(payload)
}

/** Whether what they replace may go for them: their sources are still there and can be read, and the run's limits let them all begin. */
export async function canReplace(session: Session): Promise<boolean> {
  const { spool, from, costs, options, limits, transfer, jobs } = session
  const call = { signal: transfer.signal, meter: costs.asking('source') }
  let bytes = 0
  let gone = 0
  await forEachConcurrent(spool.read(copies, 'ascending'), jobs, async ({ order, payload }) => {
    const { source } = parse(session, order, payload)
    const { size, kind } = source
    if (kind !== 'directory') bytes += size
    if (await archivedAs(session, source)) gone++
    else if (
      !options.skipVanished &&
      !(await statOrUndefined(from.store, sourceKey(session, order), call))
    )
      gone++
  })
  return gone === 0 && limits.allows(bytes)
}

/** @param removed whether what was in the way is gone; a dry run does not find out by trying */
export async function* replacements(session: Session, removed: boolean): AsyncGenerator<Step> {
  const { spool, report } = session
  for await (const { order: name, payload } of spool.read(copies, 'ascending')) {
    const { source, present } = parse(session, name, payload)
    const candidate: Candidate = { name, source, target: undefined, row: undefined, inTurn: true }
    yield removed || !report.dryRun
      ? { candidate, decision: { do: 'copy', source } }
      : { candidate, decision: { do: 'blocked', source, present } }
  }
}

/** Of directories that are empty now: those stay that something is to come to. */
export async function isToHold({ spool, to }: Session, directory: Key): Promise<boolean> {
  if ((await spool.count(copies)) === 0) return false
  return spool.holds(copies, directory.slice(to.prefix.length))
}

/** Where one still holds something, the copy in its place fails, and says so. */
export async function vacate(session: Session): Promise<void> {
  const { spool, to, transfer } = session
  async function* refs(): AsyncGenerator<KeyRef> {
    for await (const { order } of spool.read(directories, 'descending')) {
      await unlockParents(session, order)
      yield { key: targetKey(session, order) }
    }
  }
  const { signal, meter } = transfer
  const keep = (directory: Key): Promise<boolean> => isToHold(session, directory)
  for await (const { error } of to.store.remove(refs(), { signal, meter, keep }))
    if (error) continue
}

export function inTheWay(
  session: Session,
  name: string,
  present: 'file' | 'directory',
): HawserError {
  const needed = present === 'file' ? 'directory' : 'file'
  return new HawserError('conflict', `a ${present} is where a ${needed} is needed`, {
    op: 'sync',
    location: session.to.store.location,
    key: targetKey(session, name),
    hint: session.options.delete
      ? 'What is in the way is not to be removed, or not in this run: nothing is, where something fails.'
      : 'With --delete, what the source does not have gives place.',
  })
}

function parse(
  session: Session,
  name: string,
  payload: string,
): { readonly source: Entry; readonly present: 'file' | 'directory' } {
  return {
    present: presentIn(payload),
    source: parseEntry(sourceKey(session, name), payload.slice(payload.indexOf(' ') + 1)),
  }
}

function presentIn(payload: string): 'file' | 'directory' {
  return payload.startsWith('file ') ? 'file' : 'directory'
}
