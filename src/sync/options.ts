// What a run is told: the same names as the command's flags.
import type { EventSink } from '../core/events.ts'
import type { RunMeter } from '../core/meter.ts'
import type { Place } from '../core/place.ts'
import type { ObjectProperties } from '../core/store.ts'
import type { PriceTable } from '../cost/prices.ts'
import type { FilterOptions } from '../filter/types.ts'
import type { State } from '../state/types.ts'
import type { Coding } from '../transfer/compress/codings.ts'

export interface TransferOptions {
  /** What earlier runs know: makes a second run a listing, and an interrupted one go on. */
  readonly state: State
  /** Keep mode, symbolic links and directories too. */
  readonly archive?: boolean | undefined
  /** What becomes of symbolic links: passed over, copied as what they point to, or kept; `preserve` with `archive`. */
  readonly links?: LinkPolicy | undefined
  /** With `archive`: keep extended attributes too. */
  readonly xattrs?: boolean | undefined
  /** With `archive`: owners by number, whatever their names are. */
  readonly numericIds?: boolean | undefined
  /** User metadata to give to what is copied, beside what its source has. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Instead of the source's, or the one that goes with the name. */
  readonly contentType?: string | undefined
  /** To give to what is copied. */
  readonly properties?: ObjectProperties | undefined
  /** A bucket to copy to that is missing counts as an empty one: it is going to be made. */
  readonly missingIsEmpty?: boolean | undefined
  /** A source that is gone when it is to be read is passed over, and is no failure. */
  readonly skipVanished?: boolean | undefined
  /** A destination that another program changed during the run is a failure; else it is looked at once more. */
  readonly failOnConflict?: boolean | undefined
  /** Bytes: no transfer begins that would send more in all. What is left out is a failure of the run. */
  readonly maxTransfer?: number | undefined
  /** Milliseconds after which no transfer begins. */
  readonly maxDuration?: number | undefined
  /** What the destination's service does not confirm is read back before what it replaces is given up. */
  readonly verify?: boolean | undefined
  /** Of big objects only what changed is sent, where their destination is an object store; false: all is sent. */
  readonly delta?: DeltaOptions | false | undefined
  /** Files go to an object store in compressed form where that makes them smaller, and then without deltas. */
  readonly compress?: Coding | undefined
  /** Instead of the known prices, for the services that the table names. */
  readonly prices?: PriceTable | undefined
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

export interface DeltaOptions {
  /** Bytes; smaller objects go whole, and no signatures of them are looked for. 50,000,000. */
  readonly threshold?: number | undefined
  /** Bytes, a power of two: the average size of chunks. By default it goes by the object's size. */
  readonly average?: number | undefined
  /** Keep signatures beside the objects too, where the store has a place for them; true. */
  readonly sidecars?: boolean | undefined
}

export type LinkPolicy = 'skip' | 'copy' | 'preserve'

/** What is left alone, and how objects are compared. */
export interface SyncOptions extends TransferOptions, FilterOptions, ComparisonOptions {
  /** Follow renamed files by copies inside the destination's store, and remove what they left; true. */
  readonly renames?: boolean | undefined
  /** With `renames`: copy inside the store also what another file's object has the contents of; true. */
  readonly dedupeCopy?: boolean | undefined
  /** Remove what the source does not have. */
  readonly delete?: boolean | undefined
  /** Only these names, and what lies below those that are directories. */
  readonly filesFrom?: readonly string[] | undefined
  /** A name of `filesFrom` that the source does not have is no failure, nor is a source that is not there. */
  readonly ignoreMissingArgs?: boolean | undefined
  /** A name of `filesFrom` that the source does not have is removed from the destination. */
  readonly deleteMissingArgs?: boolean | undefined
  /** What is replaced or removed is kept there, under its name. In the destination's store. */
  readonly backupDir?: Place | undefined
  /** Refuse to remove more than so many objects, or with a `%` more than that share. */
  readonly maxDelete?: number | `${number}%` | undefined
}

export interface ComparisonOptions {
  /** Compare contents, not sizes and times. */
  readonly checksum?: boolean | undefined
  /** Equal sizes are enough. */
  readonly sizeOnly?: boolean | undefined
  /** Ask object stores for the time that each object's source had: a request for each. */
  readonly compareMetadata?: boolean | undefined
  /** Nanoseconds that times may differ by; 1,000 unless given, which is what file systems lose. */
  readonly modifyWindow?: bigint | undefined
  /** Objects of one size are equal only where their times are: contents are not looked at. */
  readonly exactTimestamps?: boolean | undefined
  /** Leave alone what is newer at the destination. */
  readonly update?: boolean | undefined
  /** Leave alone what the destination has. */
  readonly ignoreExisting?: boolean | undefined
  /** Copy only what the destination has. */
  readonly existing?: boolean | undefined
}

export const defaultJobs = 32

/** Bytes that the buffers of all transfers take together. */
export const transferMemory: number = 40 * 1024 * 1024
