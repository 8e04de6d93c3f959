// What a run takes: of objects, bytes, requests and money.
import type { RequestCounts } from './meter.ts'

/** In the currency of the prices. */
export interface Cost {
  readonly requests: number
  /** Bytes that come in and go out. */
  readonly transfer: number
  /** Reading from storage classes that charge for it. */
  readonly retrieval: number
  /** The rest of the least time for which objects are charged that go before it is over. */
  readonly earlyDeletion: number
  /** All of these. */
  readonly total: number
  /** How much more, or less, each month costs from then on. */
  readonly storagePerMonth: number
}

/** Of thawing archived objects, in `currency`. */
export interface RestoreCost {
  readonly requests: number
  readonly retrieval: number
  /** Of the readable copies, beside what stays archived. */
  readonly storage: number
  readonly total: number
  readonly currency: string
}

export interface PriceLabel {
  readonly name: string
  readonly date: string
  readonly currency: string
}

/** What a run takes in all. */
export interface Totals {
  readonly objects: { readonly copied: number; readonly updated: number; readonly removed: number }
  /** Of objects: all that is copied; what is sent and received for it; what is copied inside a store; what was there already of what is sent. */
  readonly bytes: {
    readonly copied: number
    readonly sent: number
    readonly received: number
    readonly inside: number
    readonly saved: number
  }
  readonly requests: RequestCounts
  /** Undefined where no prices are known, or nothing costs any. */
  readonly cost: Cost | undefined
  readonly prices: readonly PriceLabel[]
  /** Services whose prices are not known, and storage classes that are priced as the default one. */
  readonly unpriced: readonly string[]
}
