// One of the two stores of a run, as its costs see it.
import type { Store } from '../core/store.ts'
import { defaultPrices } from './default-prices.ts'
import { appliesTo, type PriceTable } from './prices.ts'
import { factsOf, type RequestShape, type StoreFacts } from './requests.ts'
import { StoreTally } from './tally.ts'

export type SideName = 'source' | 'target'

export type Sides = Readonly<Record<SideName, Side>>

export interface SideOptions {
  /** Instead of the known prices, for the services that the table names. */
  readonly prices?: PriceTable | undefined
  /** How object stores are asked, where it is not as S3 is. */
  readonly shape?: RequestShape | undefined
}

export interface Side {
  readonly endpoint: string | undefined
  readonly facts: StoreFacts
  readonly tally: StoreTally
  /** Keys that are removed together with others. */
  removed: number
}

export function sideOf(store: Store, { prices, shape }: SideOptions): Side {
  const { location } = store
  const table = [prices, defaultPrices].find((known) => known && appliesTo(known, location))
  return {
    endpoint: location.endpoint,
    facts: factsOf(store, shape),
    tally: new StoreTally(table),
    removed: 0,
  }
}
