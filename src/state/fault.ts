// Failures of a database, classified where they happen and carried between threads as plain data.
import { HawserError, type ErrorCode } from '../core/errors.ts'
import type { Schema } from './schema.ts'

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

export function isErrno(error: unknown, code: string): boolean {
  return text(error, 'code') === code
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'its directory cannot be made',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'this is not a directory',
  EEXIST: 'this is not a directory',
}

export function faultOf(error: unknown, schema: Schema): Fault {
  if (error instanceof FaultError) return error.fault
  const detail = error instanceof Error ? error.message : String(error)
  const errno = text(error, 'code')
  const { what, elsewhere } = schema
  const result = sqliteResult(error)
  if (result === sqlite.full || errno === 'ENOSPC' || errno === 'EDQUOT')
    return {
      code: 'no-space',
      message: `no space left for ${what}`,
      hint: `Free some space, or ${elsewhere}.`,
    }
  if (result === sqlite.busy)
    return {
      code: 'local-io',
      message: `${what} is kept busy by another process`,
      hint: `Try again, or ${elsewhere}.`,
    }
  const denied = [sqlite.perm, sqlite.readonly, sqlite.io, sqlite.open].includes(result ?? 0)
  if (denied || text(error, 'syscall') !== undefined)
    return {
      code: 'local-io',
      message: `${what} cannot be written here: ${reasons[errno ?? ''] ?? detail}`,
      hint: `${elsewhere.charAt(0).toUpperCase()}${elsewhere.slice(1)}.`,
    }
  if (isDamage(error) && schema.onDamage === 'refuse') return damageOf(schema)
  return { code: 'internal', message: `${what} failed: ${detail}` }
}

/** Of a database that is never replaced. */
export function damageOf({ name, what }: Schema): Fault {
  return {
    code: 'integrity',
    message: `${what} is damaged, or is no database of Hawser's`,
    hint: `Restore ${name}.sqlite from a copy, or move it away to begin without what it knew.`,
  }
}

export function errorOf(fault: Fault, schema: Schema, directory: string): HawserError {
  return new HawserError(fault.code, fault.message, {
    op: schema.name,
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
