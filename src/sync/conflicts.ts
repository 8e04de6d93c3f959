// Names that a run left because of a conflict: remembered until a run comes through with them.
import { type HawserError, isHawserError } from '../core/errors.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { toKey } from '../core/key.ts'
import type { Session } from './session.ts'

export function isConflict(error: unknown): error is HawserError {
  return isHawserError(error) && exitCodes[error.code] === exitCodes.conflict
}

export async function noteConflict(
  { report, options, pair }: Session,
  name: string,
  { message }: HawserError,
): Promise<void> {
  if (report.dryRun) return
  const conflict = { key: toKey(name), noted: new Date(), message }
  await options.state.pairs.putConflict(pair, conflict)
}

/** After a run without a failure that saw every name: those that are gone on both sides are met by none. */
export async function forgetConflicts({ filter, names, options, pair }: Session): Promise<void> {
  if (!filter && !names) await options.state.pairs.settleConflicts(pair)
}
