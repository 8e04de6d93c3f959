// Makes one tree like another: lists both in key order, copies what differs, then removes what is too much.
import { asHawserError } from '../core/errors.ts'
import { checkSignal } from '../core/signal.ts'
import { addressOfPlace, type Place } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { type Candidate, decide, type Decision, knownOf, type Rules } from './decide.ts'
import { deferRemoval, removeExtraneous, type Seen } from './deletes.ts'
import { beginDirectory, finishDirectories } from './directories.ts'
import { compareContents } from './evidence.ts'
import { executeCopy, executeUpdate } from './execute.ts'
import { record } from './record.ts'
import { inHistory } from './history.ts'
import { abandonOutdated, removeLeftBehind } from './leftovers.ts'
import { mergedTrees, sourceAlone } from './trees.ts'
import type { SyncOptions } from './options.ts'
import { readAhead } from './read-ahead.ts'
import type { RunResult } from './report.ts'
import { openSession, refuseOverlap, seenAt, type Session, targetKey } from './session.ts'
import { compareKeys, toKey } from '../core/key.ts'

/**
 * Makes `to` hold what `from` holds. Failures of single objects are in the result, and nothing is removed then.
 * @throws HawserError when the run as a whole cannot go on: a missing source or bucket, a guard, an interruption
 */
export async function sync(from: Place, to: Place, options: SyncOptions): Promise<RunResult> {
  refuseOverlap(from, to, options)
  await using session = await openSession(from, to, options)
  const description = { command: 'sync', from: [session.from], to: session.to }
  return await inHistory(description, options, () => syncTrees(session))
}

async function syncTrees(session: Session<SyncOptions>): Promise<RunResult> {
  const { report, options } = session
  await removeLeftBehind(session)
  report.start('sync', addressOfPlace(session.from), addressOfPlace(session.to))
  const seen = await copyDifferences(session, mergedTrees(session))
  await removeExtraneous(session, seen)
  await finishDirectories(session)
  if (!report.dryRun && report.failed === 0) await abandonOutdated(session)
  await options.state.pairs.flush()
  return report.finish()
}

/** Copies a tree whatever the destination holds. */
export async function copyTree(session: Session<SyncOptions>): Promise<void> {
  await removeLeftBehind(session)
  await copyDifferences(session, sourceAlone(session))
  await finishDirectories(session)
  await session.options.state.pairs.flush()
}

async function copyDifferences(
  session: Session<SyncOptions>,
  trees: AsyncIterable<Candidate>,
): Promise<Seen> {
  const seen = { source: 0, target: 0 }
  const steps = readAhead(decisions(session, trees, seen), planAhead)
  await forEachConcurrent(steps, session.jobs, (step) => perform(session, step))
  return seen
}

/** Decisions that may wait to be carried out: so that the totals are known early, in bounded memory. */
const planAhead = 5_000

interface Step {
  readonly candidate: Candidate
  readonly decision: Decision
}

async function* decisions(
  session: Session<SyncOptions>,
  trees: AsyncIterable<Candidate>,
  seen: { source: number; target: number },
): AsyncGenerator<Step> {
  const { from, to, options, report } = session
  const rules: Rules = {
    archive: options.archive ?? false,
    checksum: options.checksum ?? false,
    delete: options.delete ?? false,
    source: from.store.traits,
    target: to.store.traits,
  }
  // Below a link that is passed over, the destination's objects are passed over too. Other names may come between
  // (`link`, `link-2`, `link/a`), so that several are kept until their place in the order is past.
  let passedOver: string[] = []
  for await (const candidate of trees) {
    if (candidate.source) seen.source++
    if (candidate.target) seen.target++
    const { name } = candidate
    passedOver = passedOver.filter(
      (below) => name.startsWith(below) || compareKeys(name, below) < 0,
    )
    if (!candidate.source && passedOver.some((below) => name.startsWith(below))) continue
    const decision = decide(candidate, rules)
    if (decision.do === 'skip') passedOver.push(`${name}/`)
    if (decision.do === 'nothing') {
      if (candidate.source) report.unchanged()
      if (candidate.source && candidate.target && !candidate.row && !report.dryRun)
        await record(
          session,
          candidate.name,
          knownOf(candidate.source),
          candidate.target,
          undefined,
        )
      continue
    }
    if (decision.do === 'copy' && !isPresentDirectory(candidate))
      report.plan(1, decision.source.size)
    yield { candidate, decision }
  }
  report.planComplete()
  if (seen.source === 0)
    report.warn('the source is empty', { location: from.store.location, key: from.prefix })
}

function isPresentDirectory({ source, target }: Candidate): boolean {
  return source?.kind === 'directory' && target?.kind === 'directory'
}

/** One object's failure is reported and stops no other. */
async function perform(
  session: Session<SyncOptions>,
  { candidate, decision }: Step,
): Promise<void> {
  const { report, transfer, to } = session
  const at = { op: 'sync', location: to.store.location, key: targetKey(session, candidate.name) }
  checkSignal(transfer.signal, at)
  try {
    await carryOut(session, candidate, decision)
  } catch (error) {
    if (transfer.signal?.aborted) throw asHawserError(error, at)
    report.fail(error, at)
  }
}

async function carryOut(
  session: Session<SyncOptions>,
  candidate: Candidate,
  decision: Decision,
): Promise<void> {
  const { name } = candidate
  switch (decision.do) {
    case 'copy':
      if (decision.source.kind === 'directory' && session.to.store.traits.hierarchical)
        return beginDirectory(session, name, decision.source, candidate.target)
      return executeCopy(session, name, decision.source)
    case 'compare':
      return executeCompare(session, candidate, decision.source, decision.target)
    case 'remove':
      return deferRemoval(session, name, decision.target)
    case 'skip':
      return session.report.skip(seenAt(session.from, decision.source), decision.reason)
    case 'forget':
      return session.options.state.pairs.remove(session.pair, toKey(name))
    case 'nothing':
      return undefined
  }
}

/** Finds out whether the bytes are the same: then only attributes may have to follow. */
async function executeCompare(
  session: Session<SyncOptions>,
  { name, row }: Candidate,
  source: Entry,
  target: Entry,
): Promise<void> {
  const { from, to, transfer, report, options } = session
  const sides = [
    { store: from.store, seen: seenAt(from, source), entry: source },
    { store: to.store, seen: seenAt(to, target), entry: target },
  ] as const
  const { same, crc64nvme } = await compareContents(sides[0], sides[1], row, transfer)
  if (!same) {
    report.plan(1, source.size)
    return executeCopy(session, name, source)
  }
  // Without a record, the attributes of an object cost a request to see: only where the user asked for them.
  if (row || options.archive || to.store.traits.modified === 'native')
    return executeUpdate(session, name, source, target, crc64nvme ?? row?.crc64nvme)
  if (!report.dryRun) await record(session, name, knownOf(source), target, crc64nvme)
  report.unchanged()
}
