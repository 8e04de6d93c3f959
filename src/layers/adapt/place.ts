// The place of a request among those that are under way at its service: whether it counts, and how it is given back.
import { isHawserError } from '../../core/errors.ts'

/** How a request ended; undefined: in a way that says nothing of how many there were. */
export type Outcome = 'succeeded' | 'throttled' | undefined

interface PlaceHooks {
  readonly now: () => number
  /** How often the places have been halved. */
  readonly halved: () => number
  readonly count: (change: 1 | -1) => void
  /** `halved`: how often they had been when the request began. */
  readonly leave: (outcome: Outcome, halved: number) => void
}

/** The place of one request, or of the requests of one stream. */
export class RequestPlace {
  readonly #hooks: PlaceHooks
  #counts = true
  #left = false
  #resting: number | undefined
  #halved: number

  constructor(hooks: PlaceHooks) {
    this.#hooks = hooks
    this.#halved = hooks.halved()
  }

  /** Nothing can go on until somebody asks for more bytes, or gives them. */
  rest(): void {
    this.#resting = this.#hooks.now()
  }

  /** Gives the place to others if it has rested since then. */
  lend(since: number): void {
    if (this.#resting !== undefined && this.#resting <= since) this.pause()
  }

  /** Gives the place to others at once. */
  pause(): void {
    if (!this.#counts) return
    this.#counts = false
    this.#hooks.count(-1)
  }

  /** Goes on, also where others have got the place meanwhile: to wait here could be to wait for oneself. */
  resume(): void {
    this.#resting = undefined
    if (this.#counts || this.#left) return
    this.#counts = true
    this.#hooks.count(1)
  }

  /** Goes on with another request, as `resume` does. */
  next(): void {
    this.#halved = this.#hooks.halved()
    this.resume()
  }

  /** The first time counts. */
  leave(outcome: Outcome): void {
    if (this.#left) return
    this.#left = true
    this.#hooks.leave(outcome, this.#halved)
    this.pause()
  }

  failed(error: unknown): void {
    this.leave(isThrottled(error) ? 'throttled' : undefined)
  }
}

/** "Please reduce your request rate", or a 503 that says nothing else. */
export function isThrottled(error: unknown): boolean {
  if (!isHawserError(error)) return false
  return error.code === 'rate-limited' || (error.code === 'unavailable' && error.status === 503)
}
