// What a run will take: told of each thing that is to be done as it is decided, it adds up bytes, requests and prices.
// Another one is told of what was done, so that both stand side by side. Holds sums only: any number of objects fits.
import type { Meter, MeterTotals, RequestKind } from '../core/meter.ts'
import type { Store } from '../core/store.ts'
import type { Cost, PriceLabel, Totals } from '../core/totals.ts'
import type { CareCosts } from '../transfer/care.ts'
import { defaultPrices } from './default-prices.ts'
import { appliesTo, type PriceTable } from './prices.ts'
import {
  addCounts,
  type Asked,
  countsOf,
  type DeltaShape,
  factsOf,
  type RequestCounts,
  requestsOfCopyInside,
  requestsOfDelta,
  requestsOfListing,
  requestsOfParts,
  requestsOfLooks,
  requestsOfRemovals,
  requestsOfTransfer,
  requestsOfUpdate,
  type RequestShape,
  type StoreFacts,
} from './requests.ts'
import { addCosts, type StoredAs, StoreTally } from './tally.ts'

export type { Cost, Totals } from '../core/totals.ts'
export type { StoredAs } from './tally.ts'

export interface EstimateOptions {
  readonly source: Store
  readonly target: Store
  /** Bytes; the part size that the user wants, if any. */
  readonly partSize?: number | undefined
  /** Bytes; the largest buffer of the run's transfers. */
  readonly largestBuffer: number
  /** Instead of the known prices, for the services that the table names. */
  readonly prices?: PriceTable | undefined
  /** Nanoseconds since 1970, to judge the age of objects by; the present unless given. */
  readonly now?: bigint | undefined
  /** How object stores are asked, where it is not as S3 is. */
  readonly shape?: RequestShape | undefined
}

export type SideName = 'source' | 'target'

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

/** Of two parts of one run. */
export function addTotals(a: Totals, b: Totals): Totals {
  const labels = new Map([...a.prices, ...b.prices].map((label) => [label.name, label]))
  return {
    objects: {
      copied: a.objects.copied + b.objects.copied,
      updated: a.objects.updated + b.objects.updated,
      removed: a.objects.removed + b.objects.removed,
    },
    bytes: {
      copied: a.bytes.copied + b.bytes.copied,
      sent: a.bytes.sent + b.bytes.sent,
      received: a.bytes.received + b.bytes.received,
      inside: a.bytes.inside + b.bytes.inside,
      saved: a.bytes.saved + b.bytes.saved,
    },
    requests: addCounts(a.requests, b.requests),
    cost: addCosts(a.cost, b.cost),
    prices: [...labels.values()],
    unpriced: [...new Set([...a.unpriced, ...b.unpriced])],
  }
}

interface Side {
  readonly endpoint: string | undefined
  readonly facts: StoreFacts
  readonly tally: StoreTally
  removed: number
}

export class Estimate {
  readonly #source: Side
  readonly #target: Side
  readonly #partSize: number | undefined
  readonly #largestBuffer: number
  readonly #now: bigint
  readonly #objects = { copied: 0, updated: 0, removed: 0 }
  readonly #bytes = { copied: 0, sent: 0, received: 0, inside: 0, saved: 0 }

  constructor(options: EstimateOptions) {
    const { source, target, partSize, largestBuffer } = options
    this.#source = sideOf(source, options)
    this.#target = sideOf(target, options)
    this.#partSize = partSize
    this.#largestBuffer = largestBuffer
    this.#now = options.now ?? BigInt(Date.now()) * 1_000_000n
  }

  /** An object is copied from the source to the target. */
  copy(planned: PlannedCopy): void {
    const { size, inside, from, to, replaces, delta, compressed } = planned
    this.#objects.copied++
    this.#bytes.copied += size
    if (inside) this.#copyInside(this.#source, planned)
    else if (compressed) {
      this.#ask(requestsOfParts(compressed.parts, this.#route), from, to)
      this.#move(compressed.size, from)
      this.#bytes.saved += size - compressed.size
    } else if (delta) this.#delta(planned, delta)
    else {
      this.#ask(requestsOfTransfer(size, this.#route), from, to)
      this.#move(size, from)
    }
    this.#replace(compressed?.size ?? size, to, replaces)
  }

  /** An object of the target, whose bytes are right, is given the attributes of the source's. */
  update(target: StoredAs, sourceClass?: string): void {
    const { size, storageClass } = target
    this.#objects.updated++
    this.#ask(requestsOfUpdate(size, this.#route), sourceClass, storageClass)
    const { setsAttributes, maxCopy } = this.#target.facts
    if (setsAttributes) return
    if (maxCopy === undefined) this.#move(size, sourceClass)
    else {
      this.#bytes.inside += size
      this.#target.tally.retrieve(size, storageClass)
    }
    this.#replace(size, storageClass, target)
  }

  /** An object of the target gets a copy beside it, as a backup does. */
  copyWithin(
    { size, storageClass }: StoredAs,
    more: Pick<PlannedCopy, 'to' | 'replaces' | 'conditional' | 'signed'> = {},
  ): void {
    const planned = { size, from: storageClass, to: storageClass, ...more }
    this.#copyInside(this.#target, planned)
    this.#replace(size, planned.to, planned.replaces)
  }

  /** An object of the target gets another key without a copy; its old one counts as removed. */
  rename(replaces: StoredAs | undefined): void {
    this.#objects.removed++
    if (replaces) this.#target.tally.drop(replaces, this.#now)
  }

  /** An object of the target is proven before what it replaces is given up; what is there was looked at. */
  prove({ size, aside, times, pieces }: CareCosts): void {
    const { facts, tally } = this.#target
    if (aside) {
      this.#copyInside(this.#target, { size, conditional: true })
      if (facts.shape) tally.ask({ remove: 1 })
    }
    for (let time = 0; time < times; time++)
      if (pieces > 0) this.read('target', { size }, pieces)
      else this.look('target')
  }

  /**
   * An object is removed, together with others.
   * @param keys that are removed with it
   * @param alone requests of its own, where it is not removed with others
   */
  remove(object: StoredAs, side: SideName = 'target', keys = 0, alone = 0): void {
    const { tally, facts } = this.#side(side)
    this.#objects.removed++
    this.#side(side).removed += keys + (alone === 0 ? 1 : 0)
    if (facts.shape) tally.ask({ remove: alone }, object.storageClass)
    tally.drop(object, this.#now)
  }

  /** An object of the source goes once it is moved, in so many requests of its own; with none, it stays. */
  leave(object: StoredAs, requests: number): void {
    const { tally, facts } = this.#source
    if (!facts.shape || requests === 0) return
    tally.ask({ remove: requests }, object.storageClass)
    tally.drop(object, this.#now)
  }

  /** So many entries are listed in one go. */
  list(side: SideName, entries: number): void {
    const { tally, facts } = this.#side(side)
    tally.ask(requestsOfListing(entries, facts))
  }

  /** The facts of objects are asked for, as evidence. */
  look(side: SideName, objects = 1, storageClass?: string): void {
    const { tally, facts } = this.#side(side)
    tally.ask(requestsOfLooks(objects, facts), storageClass)
  }

  /** An object is read, to be compared, in so many requests. */
  read(side: SideName, object: Omit<StoredAs, 'modified'>, requests = 1): void {
    const { tally, facts } = this.#side(side)
    if (!facts.shape) return
    tally.ask({ read: requests }, object.storageClass)
    tally.retrieve(object.size, object.storageClass)
    tally.receive(object.size)
    this.#bytes.received += object.size
  }

  /** Counts what is asked while it is found out what there is to do, and passes it on. */
  asking(side: SideName, onward: Meter): Meter {
    const { tally } = this.#side(side)
    return {
      request: (kind) => {
        tally.ask({ [kind]: 1 })
        onward.request(kind)
      },
      sent: (bytes) => onward.sent(bytes),
      received: (bytes) => onward.received(bytes),
    }
  }

  totals(): Totals {
    const sides = [this.#source, this.#target]
    const labels = new Map<PriceTable, PriceLabel>()
    const unpriced = new Set<string>()
    let requests: RequestCounts = {}
    let cost: Cost | undefined
    for (const { endpoint, facts, tally, removed } of sides) {
      const removals = requestsOfRemovals(removed, facts)
      requests = addCounts(addCounts(requests, tally.requests), removals)
      const { table } = tally
      if (table) {
        const { name, date, currency } = table
        labels.set(table, { name, date, currency })
        cost = addCosts(cost, tally.cost(removals))
      } else if (endpoint !== undefined) unpriced.add(endpoint)
      for (const name of tally.unpriced) unpriced.add(name)
    }
    return {
      objects: { ...this.#objects },
      bytes: { ...this.#bytes },
      requests,
      cost,
      prices: [...labels.values()],
      unpriced: [...unpriced],
    }
  }

  /**
   * What was done, of which this estimate was told, with the requests and bytes that a meter counted: each request at
   * the mean price of its kind in `planned`, and all that was received as going out. What no meter sees (retrieval,
   * early deletion, storage) is as it was told.
   */
  metered({ requests, sent, received }: MeterTotals, planned: Estimate): Totals {
    const told = this.totals()
    const bytes = { ...told.bytes, sent, received }
    if (!told.cost) return { ...told, bytes, requests }
    let price = 0
    for (const [kind, count] of countsOf(requests)) price += (count / 1000) * planned.#priceOf(kind)
    const giver = this.#source.tally.table ? this.#source : this.#target
    const transfer =
      giver.tally.transferCost(0, received) + this.#target.tally.transferCost(sent, 0)
    const { retrieval, earlyDeletion } = told.cost
    const total = price + transfer + retrieval + earlyDeletion
    return { ...told, bytes, requests, cost: { ...told.cost, requests: price, transfer, total } }
  }

  get #route() {
    return {
      source: this.#source.facts,
      target: this.#target.facts,
      partSize: this.#partSize,
      largestBuffer: this.#largestBuffer,
    }
  }

  #side(name: SideName): Side {
    return name === 'source' ? this.#source : this.#target
  }

  #ask(asked: Asked, from: string | undefined, to: string | undefined): void {
    this.#source.tally.ask(asked.source, from)
    this.#target.tally.ask(asked.target, to)
  }

  /** What is saved is copied inside of the target. */
  #delta(planned: PlannedCopy, delta: PlannedDelta): void {
    const { size, from, to } = planned
    const { saved, scanned, base } = delta
    this.#ask(requestsOfDelta(size, delta, this.#route), from, to)
    this.#move(size - saved, from)
    this.#receive(scanned, from)
    this.#bytes.saved += saved
    this.#target.tally.retrieve(saved, base)
  }

  /** Bytes pass through here. */
  #move(size: number, from: string | undefined): void {
    this.#receive(size, from)
    if (this.#target.facts.shape) {
      this.#bytes.sent += size
      this.#target.tally.send(size)
    }
  }

  #receive(size: number, from: string | undefined): void {
    if (!this.#source.facts.shape) return
    this.#bytes.received += size
    this.#source.tally.receive(size)
    this.#source.tally.retrieve(size, from)
  }

  /** What looks at the source is charged as its storage class is, what makes the copy as that of the copy. */
  #copyInside(source: Side, planned: Omit<PlannedCopy, 'inside'>): void {
    const { size, from, to, conditional, signed } = planned
    const asked = requestsOfCopyInside(size, this.#target.facts, conditional)
    const { stat = 0, read = 0, ...made } = asked
    source.tally.ask({ stat, read }, from)
    this.#target.tally.ask(made, to)
    if (signed) this.#target.tally.ask({ write: 1 })
    source.tally.retrieve(size, from)
    this.#bytes.inside += size
  }

  #replace(size: number, to: string | undefined, replaced: StoredAs | undefined): void {
    this.#target.tally.store(size, to)
    if (replaced) this.#target.tally.drop(replaced, this.#now)
  }

  /** The mean price of 1,000 requests of a kind; of a kind that was not asked for, that of the default class. */
  #priceOf(kind: RequestKind): number {
    const tallies = [this.#source.tally, this.#target.tally]
    const count = tallies.reduce((sum, tally) => sum + (tally.requests[kind] ?? 0), 0)
    if (count === 0) return Math.max(...tallies.map((tally) => tally.priceOf(kind)))
    return (tallies.reduce((sum, tally) => sum + tally.requestCost(kind), 0) / count) * 1000
  }
}

function sideOf(store: Store, { prices, shape }: EstimateOptions): Side {
  const { location } = store
  const table = [prices, defaultPrices].find((known) => known && appliesTo(known, location))
  return {
    endpoint: location.endpoint,
    facts: factsOf(store, shape),
    tally: new StoreTally(table),
    removed: 0,
  }
}
