// The log that each run keeps by itself: what it did, as JSON lines, for `hawser runs show`.
import type { HawserEvent } from '../../core/events.ts'
import { whyNoFile } from '../../core/file-reasons.ts'
import { LogFile } from '../../state/logs.ts'
import { jsonLog } from './log.ts'

/** Bytes: a million objects and more. */
const large = 256 * 1024 * 1024

export class RunLog {
  readonly #directory: string
  readonly #tell: (message: string) => void
  readonly #large: number
  #file: LogFile | undefined
  #isFull = false

  /**
   * @param tell told why a log is not kept: that is no reason for a run to stop
   * @param most bytes of a log from which on it takes no more of single objects but failures and warnings, and from twice
   *   that on none of these either
   */
  constructor(directory: string, tell: (message: string) => void, most: number = large) {
    this.#directory = directory
    this.#tell = tell
    this.#large = most
  }

  /** Begins with the start of a run that is in the history. */
  take(event: HawserEvent): void {
    if (event.type === 'start' && event.run !== undefined) this.#begin(event.run)
    // What the plan came to is enough: it grows with each object.
    if (event.type === 'plan' && !event.complete) return
    const { size = 0 } = this.#file ?? {}
    if (size < this.#large * (shares.get(event.type) ?? 1)) this.#write(event)
    else if (!this.#isFull) {
      this.#isFull = true
      this.#write({ type: 'warn', message: full, address: undefined })
    }
  }

  end(): void {
    this.#file?.end()
    this.#file = undefined
  }

  #begin(run: string): void {
    this.end()
    this.#isFull = false
    try {
      this.#file = new LogFile(this.#directory, run, (error) => this.#failed(error))
    } catch (error) {
      this.#failed(error)
    }
  }

  #write(event: HawserEvent): void {
    this.#file?.write(jsonLog(event, new Date()))
  }

  #failed(error: unknown): void {
    this.#tell(`what this run does is not logged in ${this.#directory}: ${whyNoFile(error)}`)
  }
}

const full =
  'this log is full: of what was done from here on it has only failures and warnings, and the totals'

/** How many times as much may be there before an event of this kind is left out; once, of those of single objects. */
const shares = new Map<HawserEvent['type'], number>([
  ['error', 2],
  ['warn', 2],
  ['start', Infinity],
  ['plan', Infinity],
  ['summary', Infinity],
  ['restore-plan', Infinity],
  ['restore-summary', Infinity],
])
