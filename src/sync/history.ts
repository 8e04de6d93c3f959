// Every run leaves its mark in the state's history, however it ends; a dry run leaves none.
import { asHawserError, HawserError, isAbort } from '../core/errors.ts'
import { exitCodeOf, exitCodes } from '../core/exit-codes.ts'
import { addressOfPlace, type Place } from '../core/place.ts'
import type { CopyOptions } from './copy.ts'
import type { SyncOptions } from './options.ts'
import type { RunHistory, RunStart } from '../state/types.ts'
import { speedOf } from '../cost/speed.ts'
import type { RunReport, RunResult } from './report.ts'

export interface RunDescription {
  readonly command: string
  readonly from: readonly Place[]
  readonly to: Place
}

export async function inHistory(
  { command, from, to }: RunDescription,
  report: RunReport,
  options: SyncOptions & CopyOptions,
  run: () => Promise<RunResult>,
): Promise<RunResult> {
  const { archives, runs } = options.state
  const between = { from: from.map(addressOfPlace).join(' '), to: addressOfPlace(to) }
  report.speed = await speedOf(runs, between)
  if (options.dryRun) return run()
  const start = { command, ...between, options: flagsOf(options) }
  return recorded(runs, start, report, async (id) => {
    report.run = id
    const result = await run()
    await archives.flush()
    return result
  })
}

/** Of what a run that is interrupted did until then. */
export interface CutShort {
  /** As those of a run that came to its end; undefined where it had not begun. */
  readonly numbers: unknown
  /** What there is to say of it, and what the user can do about it. */
  readonly message: string
  readonly hint: string | undefined
}

/** Of a run that came to its end. */
type Ended = { readonly failures: readonly HawserError[] } & (
  | { readonly summary: unknown }
  | { readonly totals: unknown }
)

/**
 * Notes the beginning of a run, which is told its id, and its end, however it ends.
 * @param report tells what an interrupted run did, once nothing of it is under way any more
 */
export async function recorded<T extends Ended>(
  runs: RunHistory,
  start: RunStart,
  report: { cutShort(): CutShort },
  run: (id: string) => Promise<T>,
): Promise<T> {
  const id = await runs.begin(start)
  try {
    const result = await run(id)
    const numbers = 'summary' in result ? result.summary : result.totals
    await runs.end(id, numbers, exitCodeOf(result.failures.map(({ code }) => code)))
    return result
  } catch (error) {
    const failure = asHawserError(error, { op: start.command })
    const { code, op, cause } = failure
    const cut = isAbort(failure) ? report.cutShort() : undefined
    await Promise.allSettled([runs.end(id, cut?.numbers, exitCodes[code])])
    if (!cut) throw error
    throw new HawserError('interrupted', cut.message, { op, hint: cut.hint, cause })
  }
}

/** The flags of the run that were given, without what opens stores and the state, and what is not plain. */
export function flagsOf(options: SyncOptions & CopyOptions): Record<string, unknown> {
  const { state: _state, onEvent: _onEvent, signal: _signal, meter: _meter, ...flags } = options
  const { backupDir, modifyWindow, newerThan, olderThan, filesFrom, ignoreFiles, ...others } = flags
  const { prices, missingIsEmpty: _missingIsEmpty, ...plain } = others
  const all = {
    ...plain,
    backupDir: backupDir && addressOfPlace(backupDir),
    modifyWindow: modifyWindow?.toString(),
    newerThan: newerThan?.toString(),
    olderThan: olderThan?.toString(),
    filesFrom: filesFrom?.length,
    ignoreFiles: ignoreFiles?.map(({ name }) => name),
    prices: prices?.name,
  }
  return givenOf(all)
}

export function givenOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isGiven(value)))
}

function isGiven(value: unknown): boolean {
  const nothing = value === undefined || value === false
  return !nothing && !(Array.isArray(value) && value.length === 0)
}
