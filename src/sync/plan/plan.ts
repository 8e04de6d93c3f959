// Makes a plan of a sync: its dry run, and what that decided written down.
import { addressOfPlace, type Place } from '../../core/place.ts'
import { defaultReserved } from '../../layers/reserved.ts'
import { refuseBackup } from '../backup.ts'
import type { Seen } from '../deletes.ts'
import { flagsOf, inHistory } from '../history.ts'
import { RunLimits } from '../limits.ts'
import type { SyncOptions } from '../options.ts'
import { RunReport, type RunResult } from '../report.ts'
import { refuseOverlap } from '../overlap.ts'
import { openSession, type Session } from '../session.ts'
import { syncTrees } from '../sync.ts'
import { countNoted, notedLines } from './note.ts'
import { settingsOf } from './settings.ts'
import type { PlanHeader, PlannedPlace } from './types.ts'

export interface PlanOptions extends Omit<SyncOptions, 'dryRun' | 'maxTransfer' | 'maxDuration'> {
  /** The version of the program, for the plan to tell. */
  readonly hawser: string
}

/** Takes the plan, and resolves when it is kept. */
export type PlanWriter = (header: PlanHeader, lines: AsyncIterable<string>) => Promise<void>

/**
 * Changes nothing. Where something failed, there is no plan: it would leave that out, and all removals.
 * @throws HawserError as sync, and what `write` throws
 */
export async function plan(
  from: Place,
  to: Place,
  { hawser, ...given }: PlanOptions,
  write: PlanWriter,
): Promise<RunResult> {
  const options: SyncOptions = { ...given, dryRun: true }
  refuseOverlap(from, to, options)
  refuseBackup(from, to, options)
  const report = new RunReport(options)
  const limits = new RunLimits({}, report.streak)
  const settings = { report, limits, exclusive: true, guarded: true, notes: true }
  await using session = await openSession(from, to, options, settings)
  const description = { command: 'plan', from: [session.from], to: session.to }
  return await inHistory(description, report, options, async () => {
    const seen = await syncTrees(session, description.command)
    if (report.failed > 0) report.warn(`no plan was written, because ${report.failed} failed`)
    const result = report.finish()
    const header = result.summary.failed > 0 ? undefined : await headerOf(session, result, seen)
    if (header) await write({ ...header, hawser }, notedLines(session))
    return result
  })
}

async function headerOf(
  session: Session,
  { summary, predicted }: RunResult,
  seen: Seen,
): Promise<Omit<PlanHeader, 'hawser'> | undefined> {
  const { copied, renamed, updated, removed, unchanged, skipped, archived, bytes, saved } = summary
  return (
    predicted && {
      created: session.started,
      from: plannedPlace(session.from),
      to: plannedPlace(session.to),
      settings: settingsOf(session.options),
      selection: selectionOf(session.options),
      counts: { copied, renamed, updated, removed, unchanged, skipped, archived, bytes, saved },
      totals: predicted,
      seen,
      actions: await countNoted(session),
    }
  )
}

export function plannedPlace(place: Place): PlannedPlace {
  const { location, traits } = place.store
  const { hierarchical, reserved = '' } = traits
  return {
    address: addressOfPlace(place),
    endpoint: location.endpoint,
    reserved: hierarchical || reserved === defaultReserved ? undefined : reserved,
  }
}

function selectionOf(options: SyncOptions): Record<string, unknown> {
  const { rules, ignoreFiles, gitignore, maxSize, minSize, newerThan, olderThan, ...more } = options
  const { deleteExcluded, filesFrom, ignoreMissingArgs, deleteMissingArgs, maxDelete, state } = more
  const filters = { rules, ignoreFiles, gitignore, maxSize, minSize, newerThan, olderThan }
  const names = { filesFrom, ignoreMissingArgs, deleteMissingArgs }
  return flagsOf({ ...filters, ...names, deleteExcluded, maxDelete, state })
}
