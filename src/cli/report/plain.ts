// The view where there is no terminal: a line now and then, and what stays.
import type { HawserEvent } from '../../core/events.ts'
import { Lines, type LineOptions } from './lines.ts'
import { Progress } from './progress.ts'
import { endings, type Reporter } from './reporter.ts'
import { wholeLine } from './whole.ts'

export class PlainReporter implements Reporter {
  readonly #progress = new Progress()
  readonly #lines: Lines
  readonly #every: number | undefined
  #said: number | undefined
  #busy = false

  /** A progress line after each `every` milliseconds; never, where that is undefined. */
  constructor(options: LineOptions, every: number | undefined) {
    this.#lines = new Lines(options)
    this.#every = every
  }

  event(event: HawserEvent, now: number): string {
    this.#said ??= now
    if (event.type === 'start') this.#busy = true
    if (endings.has(event.type)) this.#busy = false
    this.#progress.take(event, now)
    return this.#lines
      .of(event)
      .map((line) => `${line}\n`)
      .join('')
  }

  tick(now: number): string {
    if (this.#every === undefined || !this.#busy || this.#said === undefined) return ''
    if (now - this.#said < this.#every) return ''
    this.#said = now
    return `${wholeLine(this.#progress, now)}\n`
  }

  clear(): string {
    return ''
  }

  note(line: string): string {
    return `${line}\n`
  }

  end(): string {
    this.#busy = false
    return ''
  }
}
