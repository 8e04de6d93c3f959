// Every run leaves its mark in the state's history, however it ends; a dry run leaves none.
import { asHawserError } from '../core/errors.ts'
import { exitCodeOf, exitCodes } from '../core/exit-codes.ts'
import { addressOfPlace, type Place } from '../core/place.ts'
import type { CopyOptions } from './copy.ts'
import type { SyncOptions } from './options.ts'
import type { RunResult } from './report.ts'

export interface RunDescription {
  readonly command: string
  readonly from: readonly Place[]
  readonly to: Place
}

export async function inHistory(
  { command, from, to }: RunDescription,
  options: SyncOptions & CopyOptions,
  run: () => Promise<RunResult>,
): Promise<RunResult> {
  if (options.dryRun) return run()
  const { runs } = options.state
  const id = await runs.begin({
    command,
    from: from.map(addressOfPlace).join(' '),
    to: addressOfPlace(to),
    options: flagsOf(options),
  })
  try {
    const result = await run()
    await runs.end(id, result.summary, exitCodeOf(result.failures.map(({ code }) => code)))
    return result
  } catch (error) {
    const { code } = asHawserError(error, { op: command })
    await Promise.allSettled([runs.end(id, undefined, exitCodes[code])])
    throw error
  }
}

function flagsOf(options: SyncOptions & CopyOptions): Record<string, unknown> {
  const { archive, checksum, delete: remove, jobs, maxDelete, partSize, recursive } = options
  return { archive, checksum, delete: remove, jobs, maxDelete, partSize, recursive }
}
