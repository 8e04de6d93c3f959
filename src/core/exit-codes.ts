// The one table from error codes to the command's exit codes.
import type { ErrorCode } from './errors.ts'

export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  'invalid-argument': 2,
  'invalid-config': 2,
  unsupported: 2,
  guard: 3,
  'not-found': 4,
  'permission-denied': 5,
  unauthenticated: 5,
  'already-exists': 6,
  'precondition-failed': 6,
  conflict: 6,
  integrity: 7,
  range: 7,
  archived: 0,
  offline: 8,
  'rate-limited': 8,
  unavailable: 8,
  timeout: 8,
  'no-space': 9,
  'local-io': 9,
  internal: 70,
  interrupted: 130,
}

/** One cause: its code. Several different causes: 1. None: 0. */
export function exitCodeOf(codes: Iterable<ErrorCode>): number {
  const distinct = new Set<number>()
  for (const code of codes) distinct.add(exitCodes[code])
  distinct.delete(0)
  if (distinct.size === 0) return 0
  const [only] = distinct
  return distinct.size === 1 && only !== undefined ? only : 1
}
