// What the library tells while it works: a typed union, sent to an injected sink. The terminal view, `--json` and the
// log file are consumers of it. Version 1 of this vocabulary; documented in docs/formats/events.md.
import type { HawserError } from './errors.ts'
import type { MeterTotals } from './meter.ts'

/** `backup`: what is about to be replaced or removed was copied to the directory of backups. */
export type Action = 'copy' | 'update' | 'remove' | 'backup'

export type HawserEvent =
  | {
      readonly type: 'start'
      readonly command: string
      readonly from: string
      readonly to: string | undefined
      readonly dryRun: boolean
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
      readonly action: Action
      readonly address: string
      readonly size: number
    }
  /** Bytes of the object that are now at the destination. */
  | {
      readonly type: 'progress'
      readonly address: string
      readonly done: number
      readonly size: number
    }
  | {
      readonly type: 'done'
      readonly action: Action
      readonly address: string
      readonly size: number
      readonly sent: number
      readonly dryRun: boolean
    }
  | { readonly type: 'skip'; readonly address: string; readonly reason: string }
  | {
      readonly type: 'retry'
      readonly error: HawserError
      readonly attempt: number
      readonly delay: number
    }
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

export interface Summary {
  readonly dryRun: boolean
  readonly copied: number
  readonly updated: number
  readonly removed: number
  readonly unchanged: number
  readonly skipped: number
  readonly failed: number
  /** Bytes of the objects copied. */
  readonly bytes: number
  readonly traffic: MeterTotals
  readonly milliseconds: number
}

export type EventSink = (event: HawserEvent) => void
export const noEvents: EventSink = () => {}
