// What a run will take: told of each thing that is to be done as it is decided, it adds up bytes, requests and prices.
// Another one is told of what was done, so that both stand side by side. Holds sums only: any number of objects fits.
import type { Meter, MeterTotals } from '../core/meter.ts'
import type { Store } from '../core/store.ts'
import type { Totals } from '../core/totals.ts'
import type { CareCosts } from '../transfer/care.ts'
import type { PlannedCopy, PlannedDelta } from './planned.ts'
import {
  type Asked,
  requestsOfCopyInside,
  requestsOfDelta,
  requestsOfListing,
  requestsOfLooks,
  requestsOfParts,
  requestsOfTransfer,
  requestsOfUpdate,
} from './requests.ts'
import { type Side, type SideName, sideOf, type SideOptions, type Sides } from './side.ts'
import type { StoredAs } from './tally.ts'
import { meteredTotals, totalsOf } from './totals.ts'

export interface EstimateOptions extends SideOptions {
  readonly source: Store
  readonly target: Store
  /** Bytes; the part size that the user wants, if any. */
  readonly partSize?: number | undefined
  /** Bytes; the largest buffer of the run's transfers. */
  readonly largestBuffer: number
  /** Nanoseconds since 1970, to judge the age of objects by; the present unless given. */
  readonly now?: bigint | undefined
}

export class Estimate {
  readonly #sides: Sides
  readonly #partSize: number | undefined
  readonly #largestBuffer: number
  readonly #now: bigint
  readonly #objects = { copied: 0, updated: 0, removed: 0 }
  readonly #bytes = { copied: 0, sent: 0, received: 0, inside: 0, saved: 0 }

  constructor(options: EstimateOptions) {
    const { source, target, partSize, largestBuffer } = options
    this.#sides = { source: sideOf(source, options), target: sideOf(target, options) }
    this.#partSize = partSize
    this.#largestBuffer = largestBuffer
    this.#now = options.now ?? BigInt(Date.now()) * 1_000_000n
  }

  /** An object is copied from the source to the target. */
  copy(planned: PlannedCopy): void {
    const { size, inside, from, to, replaces, delta, compressed } = planned
    this.#objects.copied++
    this.#bytes.copied += size
    if (inside) this.#copyInside(this.#sides.source, planned)
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
    const { setsAttributes, maxCopy } = this.#sides.target.facts
    if (setsAttributes) return
    if (maxCopy === undefined) this.#move(size, sourceClass)
    else {
      this.#bytes.inside += size
      this.#sides.target.tally.retrieve(size, storageClass)
    }
    this.#replace(size, storageClass, target)
  }

  /** An object of the target gets a copy beside it, as a backup does. */
  copyWithin(
    { size, storageClass }: StoredAs,
    more: Pick<PlannedCopy, 'to' | 'replaces' | 'conditional' | 'signed'> = {},
  ): void {
    const planned = { size, from: storageClass, to: storageClass, ...more }
    this.#copyInside(this.#sides.target, planned)
    this.#replace(size, planned.to, planned.replaces)
  }

  /** An object of the target gets another key without a copy; its old one counts as removed. */
  rename(replaces: StoredAs | undefined): void {
    this.#objects.removed++
    if (replaces) this.#sides.target.tally.drop(replaces, this.#now)
  }

  /** An object of the target is proven before what it replaces is given up; what is there was looked at. */
  prove({ size, aside, times, pieces }: CareCosts): void {
    const { facts, tally } = this.#sides.target
    if (aside) {
      this.#copyInside(this.#sides.target, { size, conditional: true })
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
    const { tally, facts } = this.#sides[side]
    this.#objects.removed++
    this.#sides[side].removed += keys + (alone === 0 ? 1 : 0)
    if (facts.shape) tally.ask({ remove: alone }, object.storageClass)
    tally.drop(object, this.#now)
  }

  /** An object of the source goes once it is moved, in so many requests of its own; with none, it stays. */
  leave(object: StoredAs, requests: number): void {
    const { tally, facts } = this.#sides.source
    if (!facts.shape || requests === 0) return
    tally.ask({ remove: requests }, object.storageClass)
    tally.drop(object, this.#now)
  }

  /** So many entries are listed in one go. */
  list(side: SideName, entries: number): void {
    const { tally, facts } = this.#sides[side]
    tally.ask(requestsOfListing(entries, facts))
  }

  /** The facts of objects are asked for, as evidence. */
  look(side: SideName, objects = 1, storageClass?: string): void {
    const { tally, facts } = this.#sides[side]
    tally.ask(requestsOfLooks(objects, facts), storageClass)
  }

  /** An object is read, to be compared, in so many requests. */
  read(side: SideName, object: Omit<StoredAs, 'modified'>, requests = 1): void {
    const { tally, facts } = this.#sides[side]
    if (!facts.shape) return
    tally.ask({ read: requests }, object.storageClass)
    tally.retrieve(object.size, object.storageClass)
    tally.receive(object.size)
    this.#bytes.received += object.size
  }

  /** Counts what is asked while it is found out what there is to do, and passes it on. */
  asking(side: SideName, onward: Meter): Meter {
    const { tally } = this.#sides[side]
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
    return totalsOf(this.#sides, this.#objects, this.#bytes)
  }

  /** What was done, of which this estimate was told, with what a meter counted: see meteredTotals. */
  metered(counted: MeterTotals, planned: Estimate): Totals {
    return meteredTotals(this.totals(), counted, this.#sides, planned.#sides)
  }

  get #route() {
    return {
      source: this.#sides.source.facts,
      target: this.#sides.target.facts,
      partSize: this.#partSize,
      largestBuffer: this.#largestBuffer,
    }
  }

  #ask(asked: Asked, from: string | undefined, to: string | undefined): void {
    this.#sides.source.tally.ask(asked.source, from)
    this.#sides.target.tally.ask(asked.target, to)
  }

  /** What is saved is copied inside of the target. */
  #delta(planned: PlannedCopy, delta: PlannedDelta): void {
    const { size, from, to } = planned
    const { saved, scanned, base } = delta
    this.#ask(requestsOfDelta(size, delta, this.#route), from, to)
    this.#move(size - saved, from)
    this.#receive(scanned, from)
    this.#bytes.saved += saved
    this.#sides.target.tally.retrieve(saved, base)
  }

  /** Bytes pass through here. */
  #move(size: number, from: string | undefined): void {
    this.#receive(size, from)
    if (this.#sides.target.facts.shape) {
      this.#bytes.sent += size
      this.#sides.target.tally.send(size)
    }
  }

  #receive(size: number, from: string | undefined): void {
    if (!this.#sides.source.facts.shape) return
    this.#bytes.received += size
    this.#sides.source.tally.receive(size)
    this.#sides.source.tally.retrieve(size, from)
  }

  /** What looks at the source is charged as its storage class is, what makes the copy as that of the copy. */
  #copyInside(source: Side, planned: Omit<PlannedCopy, 'inside'>): void {
    const { size, from, to, conditional, signed } = planned
    const asked = requestsOfCopyInside(size, this.#sides.target.facts, conditional)
    const { stat = 0, read = 0, ...made } = asked
    source.tally.ask({ stat, read }, from)
    this.#sides.target.tally.ask(made, to)
    if (signed) this.#sides.target.tally.ask({ write: 1 })
    source.tally.retrieve(size, from)
    this.#bytes.inside += size
  }

  #replace(size: number, to: string | undefined, replaced: StoredAs | undefined): void {
    this.#sides.target.tally.store(size, to)
    if (replaced) this.#sides.target.tally.drop(replaced, this.#now)
  }
}
