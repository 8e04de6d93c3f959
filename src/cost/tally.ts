// What is asked of one store, counted by what it is charged for, and its price.
import type { RequestKind } from '../core/meter.ts'
import type { Cost } from '../core/totals.ts'
import { type ClassPrices, classPrices, type PriceTable } from './prices.ts'
import { countsOf, type RequestCounts } from './requests.ts'

/** An object as it was seen in a store. */
export interface StoredAs {
  readonly size: number
  readonly storageClass?: string | undefined
  /** Nanoseconds since 1970. */
  readonly modified: bigint
}

type MutableCounts = { -readonly [Kind in keyof RequestCounts]: RequestCounts[Kind] }

interface ClassTally {
  readonly requests: MutableCounts
  retrieved: number
  /** Bytes, each for the days that are left of the least time. */
  earlyByteDays: number
  /** Bytes as they are charged, more or less than before. */
  stored: number
  /** Of these, those that are charged as the default class is. */
  storedAsDefault: number
}

const nanosecondsPerDay = 86_400 * 1e9
const daysPerMonth = 30

export class StoreTally {
  readonly #table: PriceTable | undefined
  readonly #classes = new Map<string, ClassTally>()
  readonly #requests: MutableCounts = {}
  #received = 0
  #sent = 0
  /** Storage classes that the table does not know: priced as its default. */
  readonly unpriced: Set<string> = new Set()

  constructor(table: PriceTable | undefined) {
    this.#table = table
  }

  /** Requests to objects of a storage class. */
  ask(counts: RequestCounts, storageClass?: string): void {
    const tally = this.#tallyOf(storageClass)
    for (const [kind, count] of countsOf(counts)) {
      if (count === 0) continue
      tally.requests[kind] = (tally.requests[kind] ?? 0) + count
      this.#requests[kind] = (this.#requests[kind] ?? 0) + count
    }
  }
  get requests(): RequestCounts {
    return this.#requests
  }

  send(bytes: number): void {
    this.#sent += bytes
  }
  receive(bytes: number): void {
    this.#received += bytes
  }

  /** Bytes of an object are read or copied. */
  retrieve(bytes: number, storageClass: string | undefined): void {
    this.#tallyOf(storageClass).retrieved += bytes
  }

  /** An object comes to be. */
  store(size: number, storageClass: string | undefined): void {
    this.#change(size, storageClass, 1)
  }

  /** An object goes: removed, or replaced. */
  drop({ size, storageClass, modified }: StoredAs, now: bigint): void {
    this.#change(size, storageClass, -1)
    const prices = this.#pricesOf(storageClass)
    if (!prices || prices.minimumDays === 0) return
    const age = Math.max(0, Number(now - modified) / nanosecondsPerDay)
    const left = prices.minimumDays - age
    if (left > 0) this.#tallyOf(storageClass).earlyByteDays += charged(size, prices) * left
  }

  /**
   * Undefined where no prices are known.
   * @param more requests that cost the same whatever the storage class
   */
  cost(more: RequestCounts = {}): Cost | undefined {
    const table = this.#table
    if (!table) return undefined
    const { gigabyte } = table
    let requests = 0
    for (const [kind] of countsOf(this.#requests)) requests += this.requestCost(kind)
    for (const [kind, count] of countsOf(more)) requests += (count / 1000) * this.priceOf(kind)
    const transfer = this.transferCost(this.#sent, this.#received)
    let retrieval = 0
    let earlyDeletion = 0
    let storagePerMonth = 0
    const asDefault = this.#pricesOf(undefined)?.storage ?? 0
    for (const [name, tally] of this.#classes) {
      const prices = this.#pricesOf(name)
      if (!prices) continue
      retrieval += (tally.retrieved / gigabyte) * prices.retrieval
      earlyDeletion += (tally.earlyByteDays / daysPerMonth / gigabyte) * prices.earlyDeletion
      storagePerMonth +=
        (tally.stored / gigabyte) * prices.storage + (tally.storedAsDefault / gigabyte) * asDefault
    }
    const total = requests + transfer + retrieval + earlyDeletion
    return { requests, transfer, retrieval, earlyDeletion, total, storagePerMonth }
  }

  /** Of bytes that come to the service and leave it; 0 where no prices are known. */
  transferCost(sent: number, received: number): number {
    const table = this.#table
    if (!table) return 0
    return (sent / table.gigabyte) * table.transferIn + tiered(received / table.gigabyte, table)
  }

  /** Of all requests of a kind; 0 where no prices are known. */
  requestCost(kind: RequestKind): number {
    let cost = 0
    for (const [name, { requests }] of this.#classes)
      cost += ((requests[kind] ?? 0) / 1000) * this.priceOf(kind, name)
    return cost
  }

  /** Of 1,000 requests of a kind; 0 where no prices are known. */
  priceOf(kind: RequestKind, storageClass?: string): number {
    if (!this.#table) return 0
    if (kind === 'list' || kind === 'remove' || kind === 'control')
      return this.#table.requests[kind]
    return this.#pricesOf(storageClass)?.requests[kind] ?? 0
  }

  get table(): PriceTable | undefined {
    return this.#table
  }

  #change(size: number, storageClass: string | undefined, sign: 1 | -1): void {
    const prices = this.#pricesOf(storageClass)
    const tally = this.#tallyOf(storageClass)
    tally.stored += sign * (prices ? charged(size, prices) : size)
    tally.storedAsDefault += sign * (prices?.addedDefaultBytes ?? 0)
  }

  #tallyOf(storageClass: string | undefined): ClassTally {
    const name = storageClass ?? this.#table?.defaultClass ?? ''
    let tally = this.#classes.get(name)
    if (!tally) {
      tally = { requests: {}, retrieved: 0, earlyByteDays: 0, stored: 0, storedAsDefault: 0 }
      this.#classes.set(name, tally)
      if (this.#table && !this.#table.classes.has(name)) this.unpriced.add(name)
    }
    return tally
  }

  #pricesOf(storageClass: string | undefined): ClassPrices | undefined {
    const table = this.#table
    return table && (classPrices(table, storageClass) ?? classPrices(table, undefined))
  }
}

export function addCosts(a: Cost | undefined, b: Cost | undefined): Cost | undefined {
  if (!a || !b) return a ?? b
  return {
    requests: a.requests + b.requests,
    transfer: a.transfer + b.transfer,
    retrieval: a.retrieval + b.retrieval,
    earlyDeletion: a.earlyDeletion + b.earlyDeletion,
    total: a.total + b.total,
    storagePerMonth: a.storagePerMonth + b.storagePerMonth,
  }
}

function charged(size: number, { minimumBytes, addedBytes }: ClassPrices): number {
  return Math.max(size, minimumBytes) + addedBytes
}

/** What goes out, as if nothing had gone out before it this month. */
function tiered(gigabytes: number, { transferOut }: PriceTable): number {
  let cost = 0
  let before = 0
  for (const { upTo = Infinity, price } of transferOut) {
    if (gigabytes <= before) break
    cost += (Math.min(gigabytes, upTo) - before) * price
    before = upTo
  }
  return cost
}
