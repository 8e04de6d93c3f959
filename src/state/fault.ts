// Failures of the state, classified where they happen and carried between threads as plain data.
import { HawserError, type ErrorCode } from '../core/errors.ts'

export interface Fault {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
}

/** A failure that is classified already. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

// https://sqlite.org/rescode.html: the primary codes are the low byte of the extended ones.
const sqlite = {
  perm: 3,
  busy: 5,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  open: 14,
  notADb: 26,
}

/** The file is not a database, or no longer a whole one. */
export function isDamage(error: unknown): boolean {
  const result = sqliteResult(error)
  return result === sqlite.corrupt || result === sqlite.notADb
}

/** The lock that a database stands for is held by another. */
export function isBusy(error: unknown): boolean {
  return sqliteResult(error) === sqlite.busy
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'its directory cannot be made',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'this is not a directory',
  EEXIST: 'this is not a directory',
}

export function faultOf(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault
  const detail = error instanceof Error ? error.message : String(error)
  const errno = text(error, 'code')
  const result = sqliteResult(error)
  if (result === sqlite.full || errno === 'ENOSPC' || errno === 'EDQUOT')
    return {
      code: 'no-space',
      message: 'no space left for the state of runs',
      hint: 'Free some space, or choose another directory with --state-dir.',
    }
  if (result === sqlite.busy)
    return {
      code: 'local-io',
      message: 'the state of runs is kept busy by another process',
      hint: 'Try again, or choose another directory with --state-dir.',
    }
  const denied = [sqlite.perm, sqlite.readonly, sqlite.io, sqlite.open].includes(result ?? 0)
  if (denied || text(error, 'syscall') !== undefined)
    return {
      code: 'local-io',
      message: `the state of runs cannot be written here: ${reasons[errno ?? ''] ?? detail}`,
      hint: 'Choose a directory that can be written with --state-dir.',
    }
  return { code: 'internal', message: `the state failed: ${detail}` }
}

export function errorOf(fault: Fault, directory: string): HawserError {
  return new HawserError(fault.code, fault.message, {
    op: 'state',
    location: { scheme: 'file', endpoint: undefined, root: directory },
    hint: fault.hint,
  })
}

function sqliteResult(error: unknown): number | undefined {
  if (text(error, 'code') !== 'ERR_SQLITE_ERROR') return undefined
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

function text(error: unknown, property: 'code' | 'syscall'): string | undefined {
  if (!(error instanceof Error) || !(property in error)) return undefined
  const value: unknown = Reflect.get(error, property)
  return typeof value === 'string' ? value : undefined
}
