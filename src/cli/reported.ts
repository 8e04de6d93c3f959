// Runs what moves bytes, and keeps what was expected of it beside what came of it.
import { reportPlace, writeReport } from '../cost/report-file.ts'
import { formatReport } from '../cost/report.ts'
import { exitCodeOf } from '../core/exit-codes.ts'
import { addressOfPlace, type Place } from '../core/place.ts'
import type { CopyOptions } from '../sync/copy.ts'
import { flagsOf } from '../sync/history.ts'
import type { SyncOptions } from '../sync/options.ts'
import type { RunResult } from '../sync/report.ts'
import type { Outcome } from './command.ts'

export interface Reported {
  readonly command: string
  readonly from: readonly Place[]
  readonly to: Place
  readonly options: SyncOptions & CopyOptions
}

/**
 * @param file of the report; none is written where undefined, or where the run as a whole failed
 * @throws HawserError local-io for a report that cannot be written, before anything is done where that can be known,
 *   and what the run throws
 */
export async function reported(
  file: string | undefined,
  { command, from, to, options }: Reported,
  run: () => Promise<RunResult>,
): Promise<Outcome> {
  if (file !== undefined) reportPlace(file)
  const started = new Date()
  const result = await run()
  const { summary, predicted, actual, expected, failures } = result
  if (file !== undefined && predicted) {
    const text = formatReport({
      command,
      from: from.map(addressOfPlace),
      to: addressOfPlace(to),
      options: flagsOf(options),
      dryRun: summary.dryRun,
      started,
      ended: new Date(),
      exitCode: exitCodeOf(failures.map(({ code }) => code)),
      predicted: { totals: predicted, milliseconds: expected },
      actual: actual && { totals: actual, milliseconds: summary.milliseconds },
      unverified: summary.unverified,
      archived: summary.archived,
      failed: summary.failed,
      failures,
    })
    await writeReport(file, text)
  }
  return { kind: 'run', result }
}
