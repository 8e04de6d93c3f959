// Which call of a faulty store has which fault: decided by a seed, so that a failing test can be run again.
import { HawserError } from '../../core/errors.ts'
import type { StoreOp } from '../wrap.ts'

export type Fault =
  /** Fails before anything is done. */
  | 'unavailable'
  /** The same, and asks to wait. */
  | 'rate-limited'
  /** Makes the change, then fails. */
  | 'lost-answer'
  /** Fails in the middle of what is read, listed or removed. */
  | 'truncate'
  /** Lets other work go first; takes turns of the event loop, not time. */
  | 'slow'
  /** Flips one bit of what is read or written. */
  | 'wrong-bytes'
  /** Fails, and every call after it too, for good: what a killed process sees. */
  | 'kill'

export interface FaultSchedule {
  readonly seed: number
  /** The share of calls that have the fault, where it applies to them: from 0 to 1. */
  readonly rates?: Readonly<Partial<Record<Fault, number>>> | undefined
  /** Rates hold for these methods alone. */
  readonly only?: readonly StoreOp[] | undefined
  /** Faults for certain calls: the nth one of a method, or of all, from 1. They come before the rates. */
  readonly exactly?: readonly ExactFault[] | undefined
  /** What `rate-limited` asks for, in milliseconds; 2,000 by default. */
  readonly retryAfter?: number | undefined
  /** Told of each fault as it is decided. */
  readonly onFault?: ((fault: Fault, op: StoreOp) => void) | undefined
}

interface ExactFault {
  readonly op: StoreOp | 'any'
  readonly nth: number
  readonly fault: Fault
}

/** One call: its fault, if any, and the numbers that place it. */
export interface Turn {
  readonly fault: Fault | undefined
  /** The next number from 0 to below 1. */
  random(): number
}

const changes: ReadonlySet<StoreOp> = new Set([
  'write',
  'remove',
  'setAttributes',
  'rename',
  'begin',
  'part',
  'copyPart',
  'complete',
  'abort',
  'copy',
  'createBucket',
  'removeBucket',
])
const streams: ReadonlySet<StoreOp> = new Set([
  'list',
  'read',
  'readInto',
  'remove',
  'readPart',
  'parts',
  'uploads',
  'listBuckets',
])
const bodies: ReadonlySet<StoreOp> = new Set(['read', 'readInto', 'readPart', 'write', 'part'])

/** In the order in which the rates are added up. */
const faults: readonly Fault[] = [
  'kill',
  'unavailable',
  'rate-limited',
  'lost-answer',
  'truncate',
  'wrong-bytes',
  'slow',
]

const everywhere: ReadonlySet<Fault> = new Set(['kill', 'unavailable', 'rate-limited', 'slow'])

function applies(fault: Fault, op: StoreOp): boolean {
  if (fault === 'lost-answer') return changes.has(op)
  if (fault === 'truncate') return streams.has(op)
  if (fault === 'wrong-bytes') return bodies.has(op)
  return everywhere.has(fault)
}

/** The turns of a store's calls. The nth call of a method has the same turn whatever other methods are called between. */
export class Turns {
  readonly #schedule: FaultSchedule
  readonly #counts = new Map<StoreOp | 'any', number>()

  /** @throws HawserError invalid-argument where a fault does not apply to the method it is for */
  constructor(schedule: FaultSchedule) {
    for (const { op, fault } of schedule.exactly ?? []) {
      if (op === 'any' ? everywhere.has(fault) : applies(fault, op)) continue
      const message = `the fault ${fault} does not apply to ${op}`
      throw new HawserError('invalid-argument', message, { op: 'faulty' })
    }
    this.#schedule = schedule
  }

  next(op: StoreOp): Turn {
    const nth = this.#count(op)
    const all = this.#count('any')
    const random = generator(this.#schedule.seed, op, nth)
    const exact = this.#schedule.exactly?.find(
      (one) => (one.op === op && one.nth === nth) || (one.op === 'any' && one.nth === all),
    )
    const fault = exact?.fault ?? this.#byRate(op, random())
    if (fault) this.#schedule.onFault?.(fault, op)
    return { fault, random }
  }

  #byRate(op: StoreOp, drawn: number): Fault | undefined {
    const { rates = {}, only } = this.#schedule
    if (only && !only.includes(op)) return undefined
    let sum = 0
    return faults.find((fault) => applies(fault, op) && drawn < (sum += rates[fault] ?? 0))
  }

  #count(op: StoreOp | 'any'): number {
    const count = (this.#counts.get(op) ?? 0) + 1
    this.#counts.set(op, count)
    return count
  }
}

/** Mulberry32, begun from a hash (FNV-1a) of the seed and the call. */
function generator(seed: number, op: StoreOp, nth: number): () => number {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(`${seed} ${op} ${nth}`))
    state = Math.imul(state ^ byte, 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
