// What a run is told: the same names as the command's flags.
import type { EventSink } from '../core/events.ts'
import type { RunMeter } from '../core/meter.ts'
import type { State } from '../state/types.ts'

export interface TransferOptions {
  /** What earlier runs know: makes a second run a listing, and an interrupted one go on. */
  readonly state: State
  /** Keep mode, symbolic links and directories too. */
  readonly archive?: boolean | undefined
  /** Do nothing, tell what would be done. */
  readonly dryRun?: boolean | undefined
  /** Transfers at once; 32 unless given. */
  readonly jobs?: number | undefined
  /** Bytes; grows with the object where a store allows only so many parts. */
  readonly partSize?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: EventSink | undefined
  /** Counts the requests and bytes of the run; pass the one that the stores were opened with, if any. */
  readonly meter?: RunMeter | undefined
}

export interface SyncOptions extends TransferOptions {
  /** Remove what the source does not have. */
  readonly delete?: boolean | undefined
  /** Compare contents, not sizes and times. */
  readonly checksum?: boolean | undefined
  /** Refuse to remove more than so many objects, or with a `%` more than that share. */
  readonly maxDelete?: number | `${number}%` | undefined
}

export const defaultJobs = 32

/** Bytes that the buffers of all transfers take together. */
export const transferMemory: number = 40 * 1024 * 1024
