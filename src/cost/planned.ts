// What is told of a copy when it is decided, and when it is done.
import type { DeltaShape } from './requests.ts'
import type { StoredAs } from './tally.ts'

export interface PlannedCopy {
  readonly size: number
  /** No byte passes through here: what `target.copy.accepts(source)` says. */
  readonly inside: boolean
  /** The storage class of the source. */
  readonly from?: string | undefined
  /** The storage class of the copy; the service's default where none is asked for. */
  readonly to?: string | undefined
  /** What the copy replaces, if anything. */
  readonly replaces?: StoredAs | undefined
  /** The destination must be in a certain state. */
  readonly conditional?: boolean | undefined
  /** Its signature is written beside a copy inside. */
  readonly signed?: boolean | undefined
  /** How it goes where the destination may have parts of it; what was asked to find that out is counted apart. */
  readonly delta?: PlannedDelta | undefined
  /** What is sent of a file that is compressed: how many bytes, in how many parts, or 0 for whole. */
  readonly compressed?: { readonly size: number; readonly parts: number } | undefined
}

export interface PlannedDelta extends DeltaShape {
  /** The storage class of what has them at the destination. */
  readonly base?: string | undefined
  /** Bytes that are not sent. */
  readonly saved: number
  /** Bytes of the source that were read to find that out. */
  readonly scanned: number
}
