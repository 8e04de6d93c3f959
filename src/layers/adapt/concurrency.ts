// How many requests are under way at one service, and who is next. AIMD: additive increase, multiplicative decrease.
import type { ErrorDetails } from '../../core/errors.ts'
import { abortError, checkSignal } from '../../core/signal.ts'
import { RequestPlace } from './place.ts'

export interface ConcurrencyOptions {
  /** The most requests at once: where it begins. */
  readonly most: number
  /** Told how many requests at once are left, when they become fewer; every ten seconds at most. */
  readonly onSlower?: ((requests: number) => void) | undefined
  /** Milliseconds, from any beginning. */
  readonly now?: (() => number) | undefined
}

/** Between two calls of `onSlower`, in milliseconds. */
const tellEvery = 10_000
/** A request whose bytes nobody has asked for, or given, for so long lends its place, in milliseconds. */
const restAfter = 100

/**
 * The places for requests at one service. Waiting for one is first come, first served.
 *
 * A refusal for too many requests halves the places; refusals of requests that had begun before that do not halve them
 * again. So many successes as there are places add one, while all of them are in use.
 */
export class Concurrency {
  readonly #most: number
  readonly #onSlower: ((requests: number) => void) | undefined
  readonly #now: () => number
  /** There are some only while no place is free. */
  readonly #waiting = new Set<() => void>()
  readonly #held = new Set<RequestPlace>()
  #limit: number
  /** Of the places held, those that count. */
  #active = 0
  #successes = 0
  /** How often the places were halved. */
  #halved = 0
  #told = -Infinity
  #watch: NodeJS.Timeout | undefined

  constructor(options: ConcurrencyOptions) {
    this.#most = options.most
    this.#limit = options.most
    this.#onSlower = options.onSlower
    this.#now = options.now ?? (() => performance.now())
  }

  /** How many requests may be under way. */
  get limit(): number {
    return this.#limit
  }

  /** How many requests are under way, but for those that rest. */
  get active(): number {
    return this.#active
  }

  /** @throws HawserError interrupted once the signal has aborted */
  async enter(signal: AbortSignal | undefined, details: ErrorDetails): Promise<RequestPlace> {
    checkSignal(signal, details)
    if (this.#active >= this.#limit) await this.#turn(signal, details)
    else this.#active++
    const place: RequestPlace = new RequestPlace({
      now: this.#now,
      halved: () => this.#halved,
      count: (change) => {
        this.#active += change
        if (change < 0) this.#admit()
      },
      leave: (outcome, halved) => {
        this.#held.delete(place)
        // What began before the places were last halved says nothing of them as they are now.
        if (halved < this.#halved) return
        if (outcome === 'throttled') this.#slower()
        else if (outcome === 'succeeded') this.#succeeded()
      },
    })
    this.#held.add(place)
    return place
  }

  /** Resolves when a place is counted for the caller. */
  async #turn(signal: AbortSignal | undefined, details: ErrorDetails): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      this.#waiting.delete(resolve)
      this.#watchRests()
      if (signal) reject(abortError(signal, details))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#waiting.add(resolve)
    this.#watchRests()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #admit(): void {
    for (const grant of this.#waiting) {
      if (this.#active >= this.#limit) break
      this.#waiting.delete(grant)
      this.#active++
      grant()
    }
    this.#watchRests()
  }

  /**
   * While somebody waits. A stream may rest because who reads it waits for a place too: without this, such streams
   * could hold all places for ever.
   */
  #watchRests(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      return
    }
    this.#watch ??= setInterval(() => {
      const since = this.#now() - restAfter
      for (const place of this.#held) if (this.#waiting.size > 0) place.lend(since)
    }, restAfter / 2)
  }

  #succeeded(): void {
    if (this.#active < this.#limit || this.#limit >= this.#most) return
    this.#successes++
    if (this.#successes < this.#limit) return
    this.#successes = 0
    this.#limit++
  }

  #slower(): void {
    this.#halved++
    this.#successes = 0
    // Places that nobody took have not been too many.
    this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, this.#active) / 2))
    const now = this.#now()
    if (now - this.#told < tellEvery) return
    this.#told = now
    this.#onSlower?.(this.#limit)
  }
}
