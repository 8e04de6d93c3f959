// How much a run may send, for how long it may begin to, and how often it may fail alike: what is under way ends, the rest is for the next run.
import { HawserError } from '../core/errors.ts'
import type { ObjectRef } from '../core/work.ts'
import type { TransferOptions } from './options.ts'
import { countOf } from './count.ts'
import { longestStreak, Streak } from './streak.ts'

type Limit = 'maxTransfer' | 'maxDuration' | 'failures'

/** What was not begun. */
export interface Refused {
  readonly objects: number
  readonly bytes: number
  /** Which limits there was no getting past: by the names of their options, or failures that were all alike. */
  readonly why: ReadonlySet<Limit>
}

export class RunLimits {
  readonly #maxTransfer: number
  readonly #end: number
  readonly #now: () => number
  #reserved = 0
  #objects = 0
  #bytes = 0
  #largest = 0
  readonly #streak: Streak
  readonly #why = new Set<Limit>()

  /**
   * The time begins now.
   * @param streak of the run's failures
   * @param now milliseconds, from any beginning, that nobody sets
   */
  constructor(
    { maxTransfer, maxDuration }: Pick<TransferOptions, 'maxTransfer' | 'maxDuration'>,
    streak: Streak = new Streak(),
    now: () => number = () => performance.now(),
  ) {
    this.#streak = streak
    this.#maxTransfer = maxTransfer ?? Infinity
    this.#end = now() + (maxDuration ?? Infinity)
    this.#now = now
  }

  /**
   * Whether a transfer of so many bytes may begin; then they are reserved for it. A smaller one may where a larger one
   * may not.
   */
  admit(bytes: number): boolean {
    const late = this.#now() >= this.#end
    const failing = this.#streak.cause !== undefined
    if (!failing && !late && this.#reserved + bytes <= this.#maxTransfer) {
      this.#reserved += bytes
      return true
    }
    this.#why.add(failing ? 'failures' : late ? 'maxDuration' : 'maxTransfer')
    this.#objects++
    this.#bytes += bytes
    this.#largest = Math.max(this.#largest, bytes)
    return false
  }

  /** Whether transfers of so many bytes together may begin. Reserves nothing. */
  allows(bytes: number): boolean {
    return this.#now() < this.#end && this.#reserved + bytes <= this.#maxTransfer
  }

  /** Gives back bytes that were reserved and not sent: copied inside the store, found there already, failed. */
  refund(bytes: number): void {
    this.#reserved = Math.max(0, this.#reserved - bytes)
  }

  /** Undefined while everything was admitted. */
  get refused(): Refused | undefined {
    return this.#objects === 0
      ? undefined
      : { objects: this.#objects, bytes: this.#bytes, why: this.#why }
  }

  /** What the run has to say of it at its end, as one failure; of the same code as those that ended it, where they did. */
  failure(at: ObjectRef): HawserError | undefined {
    if (this.#objects === 0) return undefined
    const { cause } = this.#streak
    const left = `${countOf(this.#objects, 'object')} with ${countOf(this.#bytes, 'byte')}`
    const limits = [...this.#why].map((why) => names[why]).join(' and ')
    // Another run would get no further.
    const never = this.#largest > this.#maxTransfer
    if (cause)
      return new HawserError(cause.code, `${limits}: ${left} left`, {
        op: 'sync',
        ...at,
        hint: `Each ended with: ${cause.message}. Run again when that is mended.`,
        cause,
      })
    return new HawserError('guard', `${limits}: ${left} left`, {
      op: 'sync',
      ...at,
      hint: never
        ? `Run again to go on with the rest. An object has ${countOf(this.#largest, 'byte')}, which is more than the limit: it needs a higher one.`
        : 'Run again to go on with the rest.',
    })
  }
}

const names = {
  maxTransfer: 'the most to transfer is reached',
  maxDuration: 'the time is up',
  failures: `${longestStreak} objects failed alike, with none done in between`,
} as const
