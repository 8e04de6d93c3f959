// Carries out a plan: what a sync would do after it has decided, and nothing else. Done again, it goes on where it ended.
import { HawserError } from '../../core/errors.ts'
import { addressOfPlace, type Place } from '../../core/place.ts'
import { defaultReserved } from '../../layers/reserved.ts'
import { forEachConcurrent } from '../../transfer/semaphore.ts'
import { refuseBackup } from '../backup.ts'
import { holdsNothing, type Seen } from '../deletes.ts'
import { inHistory } from '../history.ts'
import { removeLeftBehind } from '../leftovers.ts'
import { RunLimits } from '../limits.ts'
import type { SyncOptions, TransferOptions } from '../options.ts'
import { RunReport, type RunResult } from '../report.ts'
import { refuseOverlap } from '../overlap.ts'
import { openSession, type Session } from '../session.ts'
import { complete } from '../sync.ts'
import { carryOutPlanned, leaveOldNames } from './pinned.ts'
import { plannedPlace } from './plan.ts'
import type { ReadHeader } from './read.ts'
import type { PlannedAction, PlannedPlace } from './types.ts'

/** What is no matter of what is done, but of how it goes there. */
export interface ApplyOptions extends Pick<
  TransferOptions,
  | 'state'
  | 'jobs'
  | 'partSize'
  | 'prices'
  | 'maxTransfer'
  | 'maxDuration'
  | 'dryRun'
  | 'signal'
  | 'onEvent'
  | 'meter'
> {
  /** The place that the plan names. */
  readonly backupDir?: Place | undefined
}

/** A plan that was read, and proven whole. */
export interface ReadPlan {
  readonly header: ReadHeader
  /** In the order in which they are to be carried out; from the first one each time. */
  actions(): AsyncIterable<PlannedAction>
}

/**
 * What is no longer as it was planned is left, and is a failure: the others go on, but nothing is removed then.
 * @throws HawserError invalid-argument for other places than those of the plan; else as sync
 */
export async function apply(
  from: Place,
  to: Place,
  plan: ReadPlan,
  given: ApplyOptions,
): Promise<RunResult> {
  const options = optionsOf(plan, given)
  refuseOverlap(from, to, options)
  refuseBackup(from, to, options)
  const report = new RunReport(options)
  const limits = new RunLimits(options, report.streak)
  const settings = { report, limits, exclusive: true, guarded: true, pinned: true }
  await using session = await openSession(from, to, options, settings)
  requirePlanned(session.from, plan.header.from)
  requirePlanned(session.to, plan.header.to)
  const description = { command: 'apply', from: [session.from], to: session.to }
  return await inHistory(description, report, options, () => applyTo(session, plan))
}

function optionsOf({ header }: ReadPlan, given: ApplyOptions): SyncOptions {
  const {
    createBucket,
    customerKey: _key,
    customerSourceKey: _sourceKey,
    ...settings
  } = header.settings
  return {
    ...settings,
    ...given,
    backupDir: given.backupDir,
    missingIsEmpty: given.dryRun && createBucket,
    failOnConflict: true,
    // The guards have judged what is to be removed, when it was planned.
    maxDelete: header.counts.removed,
  }
}

/** @throws HawserError invalid-argument */
export function requirePlanned(place: Place, planned: PlannedPlace): void {
  const { address, endpoint, reserved } = plannedPlace(place)
  const isThis = address === planned.address && endpoint === planned.endpoint
  if (isThis && reserved === planned.reserved) return
  const service = planned.endpoint === undefined ? '' : ` at ${planned.endpoint}`
  const beside = isThis ? ` with signatures below ${planned.reserved ?? defaultReserved}` : ''
  const what = `the plan is for ${planned.address}${service}${beside}`
  throw new HawserError('invalid-argument', what, {
    op: 'apply',
    location: place.store.location,
    key: place.prefix,
    hint: 'Apply it with the connection options that it was made with: --endpoint, --region, --profile, --sidecar-prefix.',
  })
}

async function applyTo(session: Session, plan: ReadPlan): Promise<RunResult> {
  const { report, from, to, options, jobs } = session
  await removeLeftBehind(session)
  report.start('apply', [addressOfPlace(from)], addressOfPlace(to))
  const { copied, renamed, bytes } = plan.header.counts
  report.plan(copied + renamed, bytes)
  report.planComplete()
  await forEachConcurrent(plan.actions(), jobs, (action) => carryOutPlanned(session, action))
  await leaveOldNames(session)
  await complete(session, await seenNow(session, plan.header))
  await options.state.pairs.flush()
  return report.finish()
}

/** A source that is empty by now is no reason to remove anything. */
async function seenNow(session: Session, { seen, counts }: ReadHeader): Promise<Seen> {
  const isGone = counts.removed > 0 && (await holdsNothing(session))
  return { ...seen, source: isGone ? 0 : Math.max(1, seen.source) }
}
