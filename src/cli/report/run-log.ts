// The log that each run keeps by itself: what it did, as JSON lines, for `hawser runs show`.
import type { HawserEvent } from '../../core/events.ts'
import { whyNoFile } from '../../core/file-reasons.ts'
import { LogFile } from '../../state/logs.ts'
import { jsonLog } from './log.ts'

export class RunLog {
  readonly #directory: string
  readonly #tell: (message: string) => void
  #file: LogFile | undefined

  /** @param tell told why a log is not kept: that is no reason for a run to stop */
  constructor(directory: string, tell: (message: string) => void) {
    this.#directory = directory
    this.#tell = tell
  }

  /** Begins with the start of a run that is in the history. */
  take(event: HawserEvent): void {
    if (event.type === 'start' && event.run !== undefined) this.#begin(event.run)
    // What the plan came to is enough: it grows with each object.
    if (event.type === 'plan' && !event.complete) return
    if (this.#file) this.#file.write(jsonLog(event, new Date()))
  }

  end(): void {
    this.#file?.end()
    this.#file = undefined
  }

  #begin(run: string): void {
    this.end()
    try {
      this.#file = new LogFile(this.#directory, run, (error) => this.#failed(error))
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#tell(`what this run does is not logged in ${this.#directory}: ${whyNoFile(error)}`)
  }
}
