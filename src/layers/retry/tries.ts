// When to try again, and after how long.
import { asHawserError, type ErrorDetails, type HawserError } from '../../core/errors.ts'
import { abortError, checkSignal } from '../../core/signal.ts'
import { sleepFor, type Sleep } from '../wrap.ts'

export interface RetryOptions {
  /** How often one call is tried again before it fails; 5 by default. Streams count from their last progress. */
  readonly retries?: number | undefined
  /** Share one among all stores of a run; each layer has its own by default. */
  readonly budget?: RetryBudget | undefined
  /** Told before each wait: the failure, which retry it leads to (from 1), and the wait in milliseconds. */
  readonly onRetry?: ((error: HawserError, attempt: number, delay: number) => void) | undefined
  /** From 0 to below 1. */
  readonly random?: (() => number) | undefined
  readonly sleep?: Sleep | undefined
}

/**
 * How much trying again a run may do in all, so that a service in trouble is not hit with a multiple of the load. A
 * bucket of tokens in the proportions of the retry quota of the AWS SDKs: a retry takes 5, after a timeout 10; a call
 * that succeeds gives back what its last retry took, or 1 where it took none. An empty bucket means that failures are
 * final at once; successes fill it again.
 */
export class RetryBudget {
  readonly #capacity: number
  #tokens: number

  /** The default lets 64 calls at once go through a short outage together. */
  constructor(capacity = 2500) {
    this.#capacity = capacity
    this.#tokens = capacity
  }

  get tokens(): number {
    return this.#tokens
  }

  /** Whether the tokens were there to take. */
  take(tokens: number): boolean {
    if (tokens > this.#tokens) return false
    this.#tokens -= tokens
    return true
  }

  give(tokens: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + tokens)
  }
}

/** RetryOptions with nothing left open. */
export interface RetrySettings {
  readonly retries: number
  readonly budget: RetryBudget
  readonly onRetry: (error: HawserError, attempt: number, delay: number) => void
  readonly random: () => number
  readonly sleep: Sleep
}

export function settingsOf(options: RetryOptions): RetrySettings {
  return {
    retries: options.retries ?? 5,
    budget: options.budget ?? new RetryBudget(),
    onRetry: options.onRetry ?? (() => {}),
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleepFor,
  }
}

/** What is tried: the details of its errors, and what cancels it. */
export interface TriedCall extends ErrorDetails {
  readonly signal: AbortSignal | undefined
}

const base = 100
const rateLimitedBase = 1000
const cap = 20_000
const cost = 5
const timeoutCost = 10

/** The tries of one call. */
export class Tries {
  readonly #settings: RetrySettings
  readonly #call: TriedCall
  #failures = 0
  #delay = 0
  #taken = 0
  #lost = false

  constructor(settings: RetrySettings, call: TriedCall) {
    this.#settings = settings
    this.#call = call
  }

  /** Whether an earlier try may have been carried out although no answer came. */
  get lost(): boolean {
    return this.#lost
  }

  /** @throws HawserError interrupted, after an abort */
  begin(): void {
    checkSignal(this.#call.signal, this.#call)
  }

  /** Something arrived: the failures before it no longer count. */
  progressed(): void {
    this.#failures = 0
    this.#delay = 0
  }

  succeeded(): void {
    this.#settings.budget.give(this.#taken || 1)
  }

  /**
   * Resolves when it is time for the next try.
   * @throws HawserError the failure itself where another try cannot help or is not allowed (then `exhausted`);
   * interrupted, after an abort
   */
  async failed(cause: unknown): Promise<void> {
    const { retries, budget, onRetry, sleep } = this.#settings
    const { signal } = this.#call
    const error = asHawserError(cause, this.#call)
    if (error.retry !== 'later') throw error
    if (signal?.aborted) throw abortError(signal, this.#call)
    this.#lost ||= isWithoutAnswer(error)
    const price = error.code === 'timeout' ? timeoutCost : cost
    if (this.#failures >= retries || !budget.take(price)) throw error.with({ retry: 'exhausted' })
    this.#failures += 1
    this.#taken = price
    const delay = this.#nextDelay(error)
    onRetry(error, this.#failures, delay)
    try {
      await sleep(delay, signal)
    } catch (failure) {
      throw signal?.aborted ? abortError(signal, this.#call) : failure
    }
  }

  /** Decorrelated jitter: each wait is drawn from the base to three times the last one. Never before Retry-After. */
  #nextDelay(error: HawserError): number {
    const { random } = this.#settings
    const least = error.code === 'rate-limited' ? rateLimitedBase : base
    const most = Math.max(least, this.#delay) * 3
    this.#delay = Math.min(cap, least + random() * (most - least))
    return error.retryAfter === undefined ? this.#delay : error.retryAfter + random() * least
  }
}

function isWithoutAnswer({ code }: HawserError): boolean {
  return code === 'unavailable' || code === 'timeout' || code === 'offline'
}

/** Runs `run` until it succeeds or may not be tried again. */
export async function again<T>(
  settings: RetrySettings,
  call: TriedCall,
  run: (tries: Tries) => Promise<T>,
): Promise<T> {
  const tries = new Tries(settings, call)
  for (;;) {
    tries.begin()
    try {
      const result = await run(tries)
      tries.succeeded()
      return result
    } catch (error) {
      await tries.failed(error)
    }
  }
}
