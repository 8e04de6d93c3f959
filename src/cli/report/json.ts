// `--json`: each event as a line of JSON on standard output.
import type { HawserEvent } from '../../core/events.ts'
import { eventRecord, jsonLine } from './records.ts'
import type { Reporter } from './reporter.ts'

/** The progress of one object is told at most five times a second. */
const progressEvery = 200

export class JsonReporter implements Reporter {
  readonly #told = new Map<string, number>()

  event(event: HawserEvent, now: number): string {
    if (event.type === 'progress' && !event.step && this.#toldLately(event.address, now)) return ''
    if (event.type === 'done' || event.type === 'checked') this.#told.delete(event.address)
    if (event.type === 'error') this.#told.delete(event.error.address ?? '')
    return `${jsonLine(eventRecord(event))}\n`
  }

  tick(): string {
    return ''
  }

  clear(): string {
    return ''
  }

  /** What is said to people goes elsewhere. */
  note(): string {
    return ''
  }

  end(): string {
    return ''
  }

  #toldLately(address: string, now: number): boolean {
    const told = this.#told.get(address)
    if (told !== undefined && now - told < progressEvery) return true
    this.#told.set(address, now)
    return false
  }
}
