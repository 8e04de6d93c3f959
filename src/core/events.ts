// What the library tells while it works: a typed union, sent to an injected sink. The terminal view, `--json` and the
// log file are consumers of it. Version 1 of this vocabulary; documented in docs/formats/events.md.
import type { HawserError } from './errors.ts'
import type { MeterTotals } from './meter.ts'
import type { ThawTier } from './store.ts'
import type { RestoreCost, Totals } from './totals.ts'

/**
 * `backup`: what is about to be replaced or removed was copied to the directory of backups. `rename`: a file that has
 * another name by now was copied inside the destination's store, or renamed there; that its old name is gone is told as a
 * removal. `thaw`: an archived object was asked to be made readable; `thawed`: it can be read.
 */
export type Action = 'copy' | 'move' | 'rename' | 'update' | 'remove' | 'backup' | 'thaw' | 'thawed'

/** `verifying`: what was copied is proven; `finishing`: the store puts the object together. */
export type FinishingStep = 'verifying' | 'finishing'

export type HawserEvent =
  | {
      readonly type: 'start'
      readonly command: string
      readonly from: string
      readonly to: string | undefined
      readonly dryRun: boolean
      /** Its id in the history of runs, where it is kept in one. */
      readonly run?: string | undefined
    }
  /** What is to be done as far as it is known; grows until `complete`. */
  | {
      readonly type: 'plan'
      readonly objects: number
      readonly bytes: number
      readonly complete: boolean
    }
  | {
      readonly type: 'begin'
      readonly action: Action | 'check'
      readonly address: string
      readonly size: number
    }
  /** Bytes of the object that are now at the destination, or that have been read to check it. */
  | {
      readonly type: 'progress'
      readonly address: string
      readonly done: number
      readonly size: number
      /** Of `done`, what was sent; all of it where undefined. */
      readonly sent?: number | undefined
      /** Bytes of the object that do not have to be sent, because the destination was found to have them. */
      readonly saved?: number | undefined
      /** Bytes that were read to find out what is to be sent, while that goes on. */
      readonly scanned?: number | undefined
      /** Bytes that are to be read for it, where these are not those of the object but of what it replaces. */
      readonly toScan?: number | undefined
      /** All bytes have arrived, and this is done with them. */
      readonly step?: FinishingStep | undefined
    }
  | {
      readonly type: 'done'
      readonly action: Action
      readonly address: string
      /** What it was made of, where that is another object of the destination's store; of a move, what it was. */
      readonly from?: string | undefined
      /** What is there now; of a removal, the version is that of the delete marker. */
      readonly etag?: string | undefined
      readonly version?: string | undefined
      /** What was there before. */
      readonly replaced?: Replaced | undefined
      readonly size: number
      readonly sent: number
      /** Bytes that did not have to be sent, because the destination had them. */
      readonly saved: number
      /** True where nothing tells whether the bytes arrived as they were sent. */
      readonly unverified?: true | undefined
      readonly dryRun: boolean
    }
  /** What a check found of one name. */
  | ({ readonly type: 'checked' } & Checked)
  | {
      readonly type: 'check-summary'
      /** Whether one tree was checked against its store's own records. */
      readonly audit: boolean
      readonly totals: CheckTotals
    }
  /** What is to be asked for; before that is done. */
  | ({ readonly type: 'restore-plan' } & RestorePlan)
  | { readonly type: 'restore-summary'; readonly totals: RestoreTotals }
  | { readonly type: 'skip'; readonly address: string; readonly reason: string }
  | {
      readonly type: 'retry'
      readonly error: HawserError
      readonly attempt: number
      readonly delay: number
    }
  /** A service asked for less: so many requests are under way there from now on. Told once in a while. */
  | { readonly type: 'slower'; readonly requests: number }
  | { readonly type: 'warn'; readonly message: string; readonly address: string | undefined }
  | { readonly type: 'error'; readonly error: HawserError }
  /** A server has answered a request. */
  | {
      readonly type: 'request'
      readonly id: string
      /** What was asked for, by its name in the protocol: `GetObject`. */
      readonly operation: string
      readonly method: string
      /** As it was sent, without its query. */
      readonly path: string
      readonly status: number
      /** Bytes of the bodies. */
      readonly received: number
      readonly sent: number
      readonly milliseconds: number
      /** Why it was refused. */
      readonly code: string | undefined
    }
  | { readonly type: 'summary'; readonly summary: Summary }

/** An object that has made place, as far as it is known. */
export interface Replaced {
  readonly etag: string | undefined
  readonly version: string | undefined
  /** The address of the copy that was kept of it. */
  readonly backup: string | undefined
}

export interface Summary {
  /** As in `start`. */
  readonly command: string
  readonly dryRun: boolean
  readonly copied: number
  readonly moved: number
  /** Those that were copied inside the destination's store, because the file has another name by now. */
  readonly renamed: number
  readonly updated: number
  readonly removed: number
  readonly unchanged: number
  readonly skipped: number
  /** Left because they are archived: neither skipped nor failed. */
  readonly archived: number
  readonly failed: number
  /** Bytes of the objects copied and moved. */
  readonly bytes: number
  /** Of these, the bytes that did not have to be sent, because the destination had them. */
  readonly saved: number
  /** Of the objects copied and moved, and of backups: those of which nothing tells whether they arrived as they were sent. */
  readonly unverified: number
  readonly traffic: MeterTotals
  readonly milliseconds: number
  /** It did not come to its end: these are the numbers until then. */
  readonly interrupted?: true | undefined
  /** Of a dry run: what the run will take, and as far as earlier ones tell, how many milliseconds. */
  readonly estimate?:
    | { readonly totals: Totals; readonly milliseconds: number | undefined }
    | undefined
}

/** Of archived objects that are to be made readable. */
export interface RestorePlan {
  readonly objects: number
  readonly bytes: number
  /** That were asked for before, and are on their way. */
  readonly thawing: number
  /** Those too that are to stay so for longer. */
  readonly readable: number
  readonly tier: ThawTier
  readonly days: number
  /** Undefined where no prices are known. */
  readonly cost: RestoreCost | undefined
}

export interface RestoreTotals {
  readonly dryRun: boolean
  /** Objects that were asked for, and their bytes. */
  readonly asked: number
  readonly bytes: number
  /** Found on their way; found readable; waited for until they were. */
  readonly thawing: number
  readonly readable: number
  readonly thawed: number
  readonly failed: number
  readonly milliseconds: number
  /** As in `Summary`. */
  readonly interrupted?: true | undefined
}

/** Two trees are A, what is compared, and B, what it is compared with. One alone is checked against its own digests. */
export type CheckVerdict =
  | 'equal'
  | 'differs'
  | 'only-in-a'
  | 'only-in-b'
  /** Its bytes are what the store recorded of them. */
  | 'intact'
  | 'damaged'
  /** The store recorded nothing that its bytes could be compared with. */
  | 'unproven'
  | 'skipped'
  | 'error'

/** What a verdict stands on. */
export type Evidence = 'size' | 'kind' | 'etag' | 'md5' | 'crc64nvme' | 'bytes'

export interface Checked {
  readonly verdict: CheckVerdict
  /** Below the tree, or both trees. */
  readonly name: string
  /** Of the object that the verdict is about: where both have one, of that in B. */
  readonly address: string
  readonly size: number
  readonly by: Evidence | undefined
  /** What A, or the store's record, says; and what B, or the bytes, say: sizes, kinds or digests in hex. */
  readonly expected: string | undefined
  readonly found: string | undefined
  /** In words, where there is more to say. */
  readonly reason: string | undefined
}

export interface CheckTotals {
  readonly equal: number
  readonly differing: number
  readonly onlyInA: number
  readonly onlyInB: number
  readonly intact: number
  readonly damaged: number
  readonly unproven: number
  readonly skipped: number
  readonly failed: number
  /** Of what is equal or intact. */
  readonly bytes: number
  readonly traffic: MeterTotals
  readonly milliseconds: number
}

export type EventSink = (event: HawserEvent) => void
export const noEvents: EventSink = () => {}
