// What the main thread and a database's thread say to each other. One message is one batch.
import type { Fault } from './fault.ts'
import type { Schema } from './schema.ts'

export type SqlValue = string | number | bigint | null | Uint8Array
export type Row = readonly (SqlValue | undefined)[]
/** One statement, run once with each row of values. */
export interface Step {
  readonly sql: string
  readonly rows: readonly (readonly SqlValue[])[]
}

/** The database that the thread is for; spools and locks have numbers above it. */
export const mainDatabase = 0

/** What a thread is started with. */
export interface Assignment {
  readonly directory: string
  readonly schema: Schema
}

export type Request =
  /** All or nothing; resolves with the number of changed rows once it is committed. */
  | { readonly do: 'write'; readonly database: number; readonly steps: readonly Step[] }
  | {
      readonly do: 'read'
      readonly database: number
      readonly sql: string
      readonly values: readonly SqlValue[]
    }
  /** An empty database that no other process sees. */
  | { readonly do: 'spool' }
  /** Resolves with undefined where another holds the lock. */
  | { readonly do: 'lock'; readonly name: string }
  /** Drops a spool, frees a lock. */
  | { readonly do: 'close'; readonly database: number }
  /** Closes everything; the last message. */
  | { readonly do: 'end' }

export interface Results {
  write: number
  read: readonly Row[]
  spool: number
  lock: number | undefined
  close: undefined
  end: undefined
}

export interface Call {
  readonly id: number
  readonly request: Request
}
export type Reply =
  | { readonly id: number; readonly value: Results[keyof Results] }
  | { readonly id: number; readonly fault: Fault }
  | { readonly warning: string }
