// The facet of stores with archives.
import type { CallOptions } from './calls.ts'
import type { Entry, KeyRef } from './entry.ts'

/** Objects that nobody can read until the store was asked to thaw them, which takes minutes to days. */
export interface Archive {
  /** Whether an object may be archived, as far as its listing tells: with false there is no need to ask. */
  mayHold(entry: Entry): boolean
  /** Whether what a class holds is thawed so fast, as far as that is known of it. */
  takes(tier: ThawTier, storageClass: string | undefined): boolean
  /** What the store says of the object now. @throws not-found */
  state(ref: KeyRef, options?: CallOptions): Promise<ArchiveState>
  /**
   * Asks for the object to be made readable, or to stay readable for longer. What is on its way already stays so, and
   * what is not archived stays as it is.
   * @throws not-found; precondition-failed where another object is there than the one of the ETag; invalid-argument for
   *   a tier that the object's class does not have
   */
  thaw(ref: KeyRef, options: ThawOptions): Promise<void>
}

export type ArchiveState =
  | { readonly kind: 'readable' }
  | { readonly kind: 'archived'; readonly storageClass: string | undefined }
  /** It was asked for, and is not readable yet. */
  | { readonly kind: 'thawing'; readonly storageClass: string | undefined }
  /** Readable for a time, after which it must be asked for again. */
  | {
      readonly kind: 'thawed'
      readonly storageClass: string | undefined
      readonly until: Date | undefined
    }

export interface ThawOptions extends CallOptions {
  /** How fast, and at what price. */
  readonly tier: ThawTier
  /** Whole days to be readable, from 1; where what is thawed stays so, it does not count. */
  readonly days: number
}

export type ThawTier = 'bulk' | 'standard' | 'expedited'
