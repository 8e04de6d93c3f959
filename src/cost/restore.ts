// What it costs to thaw archived objects: requests and retrieval by tier, and the copies that stay readable for a time.
import type { Location } from '../core/location.ts'
import type { ThawTier } from '../core/store.ts'
import type { RestoreCost } from '../core/totals.ts'
import { defaultPrices } from './default-prices.ts'
import { appliesTo, classPrices, type PriceTable } from './prices.ts'

const daysPerMonth = 30

export class RestoreEstimate {
  readonly #table: PriceTable | undefined
  readonly #tier: ThawTier
  readonly #days: number
  #requests = 0
  #retrieval = 0
  #storage = 0

  /** @param prices instead of the known ones, for the services that the table names */
  constructor(
    location: Location,
    { tier, days, prices }: { tier: ThawTier; days: number; prices?: PriceTable | undefined },
  ) {
    this.#table = [prices, defaultPrices].find((known) => known && appliesTo(known, location))
    this.#tier = tier
    this.#days = days
  }

  /** @param readableFor days for which it can be read already: nothing is retrieved, and only the others are added */
  add(size: number, storageClass: string | undefined, readableFor?: number): void {
    const table = this.#table
    const prices = table && classPrices(table, storageClass)
    const restored = prices?.restore.get(this.#tier)
    if (!table || !prices || !restored) return
    this.#requests += restored.request / 1000
    if (readableFor === undefined) this.#retrieval += (size / table.gigabyte) * restored.retrieval
    const monthly = classPrices(table, undefined)?.storage ?? 0
    // Where storage costs the same there is no copy: the object itself is moved.
    if (prices.storage >= monthly) return
    const days = Math.max(0, this.#days - (readableFor ?? 0))
    this.#storage += (size / table.gigabyte) * monthly * (days / daysPerMonth)
  }

  /** Undefined where no prices are known. */
  get cost(): RestoreCost | undefined {
    if (!this.#table) return undefined
    const [requests, retrieval, storage] = [this.#requests, this.#retrieval, this.#storage]
    const { currency } = this.#table
    return { requests, retrieval, storage, total: requests + retrieval + storage, currency }
  }
}
