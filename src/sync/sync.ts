// Makes one tree like another: lists both in key order, copies what differs, then removes what is too much.
import { addressOfPlace, type Place } from '../core/place.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { refuseBackup } from './backup.ts'
import { forgetConflicts } from './conflicts.ts'
import type { Candidate } from './decide.ts'
import { removeExtraneous, type Seen } from './deletes.ts'
import { finishDirectories } from './directories.ts'
import type { Step } from './ground.ts'
import { inHistory } from './history.ts'
import { abandonOutdated, removeLeftBehind } from './leftovers.ts'
import { RunLimits } from './limits.ts'
import type { SyncOptions } from './options.ts'
import { perform } from './perform.ts'
import { planned } from './planned.ts'
import { readAhead } from './read-ahead.ts'
import { tellKept } from './renames/old-names.ts'
import { performDeferred } from './renames/perform.ts'
import { replacements } from './replace.ts'
import { tellLeftOut } from './reserved.ts'
import { RunReport, type RunResult } from './report.ts'
import { judged } from './selected.ts'
import { refuseOverlap } from './overlap.ts'
import { openSession, type Session, tellLimits } from './session.ts'
import { mergedTrees, sourceAlone } from './trees.ts'

/**
 * Makes `to` hold what `from` holds. Failures of single objects are in the result, and nothing is removed then.
 * @throws HawserError when the run as a whole cannot go on: a missing source or bucket, a guard, an interruption
 */
export async function sync(from: Place, to: Place, options: SyncOptions): Promise<RunResult> {
  refuseOverlap(from, to, options)
  refuseBackup(from, to, options)
  const report = new RunReport(options)
  const settings = {
    report,
    limits: new RunLimits(options, report.streak),
    exclusive: true,
    guarded: true,
  }
  await using session = await openSession(from, to, options, settings)
  const description = { command: 'sync', from: [session.from], to: session.to }
  return await inHistory(description, report, options, async () => {
    await syncTrees(session, description.command)
    return report.finish()
  })
}

/** @returns what both trees were seen to have */
export async function syncTrees(session: Session, command: string): Promise<Seen> {
  const { report, options } = session
  await removeLeftBehind(session)
  report.start(command, [addressOfPlace(session.from)], addressOfPlace(session.to))
  await tellLeftOut(session.from, report, session.transfer)
  const source = { location: session.from.store.location, key: session.from.prefix }
  let absent = false
  const trees = mergedTrees(session, () => (absent = true))
  const seen = await copyDifferences(session, trees)
  if (absent) report.warn('the source is not there', source)
  else if (seen.source === 0 && !session.names) report.warn('the source is empty', source)
  await complete(session, absent ? undefined : seen)
  if (!report.dryRun && report.failed === 0) {
    await abandonOutdated(session)
    await forgetConflicts(session)
  }
  await options.state.pairs.flush()
  return seen
}

/**
 * What comes after all that need not wait: copies that others wait for, removals, and what takes the place of these.
 * @param seen what the guards judge removals by; undefined where nothing is to be removed
 */
export async function complete(session: Session, seen: Seen | undefined): Promise<void> {
  const { limits, report, to } = session
  await performDeferred(session)
  tellLimits(limits, report, to)
  const inTime = limits.refused === undefined
  const removed = seen !== undefined && (await removeExtraneous(session, seen))
  await performAll(session, replacements(session, removed))
  await tellKept(session)
  if (inTime) tellLimits(limits, report, to)
  await finishDirectories(session)
}

/** Copies a tree whatever the destination holds. */
export async function copyTree(session: Session): Promise<void> {
  await removeLeftBehind(session)
  await copyDifferences(session, sourceAlone(session))
  await finishDirectories(session)
  await session.options.state.pairs.flush()
}

async function copyDifferences(session: Session, trees: AsyncIterable<Candidate>): Promise<Seen> {
  const seen = { source: 0, target: 0 }
  await performAll(session, readAhead(planned(session, judged(session, trees, seen)), planAhead))
  return seen
}

async function performAll(session: Session, steps: AsyncIterable<Step>): Promise<void> {
  await forEachConcurrent(steps, session.jobs, (step) => perform(session, step))
}

/** Decisions that may wait to be carried out: so that the totals are known early, in bounded memory. */
const planAhead = 5_000
