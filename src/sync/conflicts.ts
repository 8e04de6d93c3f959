// Conflicts: what another program changed during a run; the names that were left for it are remembered until a run comes
// through with them.
import { asHawserError, HawserError, isHawserError } from '../core/errors.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { toKey } from '../core/key.ts'
import type { Session } from './session.ts'

export function isConflict(error: unknown): error is HawserError {
  return isHawserError(error) && exitCodes[error.code] === exitCodes.conflict
}

/** The source's failures are told apart as conflicts where they are read. */
export function isChangedMeanwhile(error: unknown): boolean {
  return isHawserError(error) && error.code === 'precondition-failed'
}

export function changedMeanwhile(error: unknown): HawserError {
  const { location, key, cause } = asHawserError(error, { op: 'sync' })
  return new HawserError('conflict', 'another program changed the destination during the run', {
    op: 'sync',
    location,
    key,
    hint: 'Run the command again: it looks at what is there now.',
    cause,
  })
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
