// Values as SQLite holds them, and back. Its integers are signed and of 64 bits.
import { toKey, type Key } from '../core/key.ts'
import type { SqlValue } from './protocol.ts'

type Column = SqlValue | undefined

/** Unsigned 64-bit values (checksums, inodes) become the signed value of the same bits. */
export function fromUnsigned(value: bigint | undefined): SqlValue {
  return value === undefined ? null : BigInt.asIntN(64, value)
}
export function toUnsigned(value: Column): bigint | undefined {
  return value === null ? undefined : BigInt.asUintN(64, toInteger(value))
}

/** Times beyond 64 bits of nanoseconds (before 1678, after 2262) become text. */
export function fromTime(value: bigint | undefined): SqlValue {
  if (value === undefined) return null
  return BigInt.asIntN(64, value) === value ? value : value.toString()
}
export function toTime(value: Column): bigint | undefined {
  if (value === null) return undefined
  return typeof value === 'string' ? BigInt(value) : toInteger(value)
}

export function toInteger(value: Column): bigint {
  if (typeof value === 'bigint') return value
  throw unexpected('an integer', value)
}
export function toNumber(value: Column): number {
  return Number(toInteger(value))
}

export function fromText(value: string | undefined): SqlValue {
  return value ?? null
}

/** Selects a text column whole: before version 24, Node reads text only up to its first NUL. */
export function wholeText(column: string): string {
  return `iif(instr(${column}, char(0)), CAST(${column} AS BLOB), ${column})`
}
export function toText(value: Column): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  throw unexpected('text', value)
}
export function toOptionalText(value: Column): string | undefined {
  return value === null ? undefined : toText(value)
}
export function toKeyColumn(value: Column): Key {
  return toKey(toText(value))
}

export function toDate(value: Column): Date {
  return new Date(toNumber(value))
}

function unexpected(wanted: string, value: Column): TypeError {
  return new TypeError(`the database holds ${typeof value} where it should hold ${wanted}`)
}
