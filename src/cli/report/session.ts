// Drives the reporters of one command: owns the streams, the clock, the ticking and the log file.
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import type { GlobalOptions } from '../../config/options.ts'
import { asHawserError, HawserError } from '../../core/errors.ts'
import type { EventSink, HawserEvent } from '../../core/events.ts'
import { whyNoFile } from '../../core/file-reasons.ts'
import { ActionReporter } from './actions.ts'
import { describeFailure } from './errors.ts'
import { JsonReporter } from './json.ts'
import { jsonLog, textLog } from './log.ts'
import { PlainReporter } from './plain.ts'
import { RunLog } from './run-log.ts'
import { type Reporter, silent } from './reporter.ts'
import type { Output } from './stdout.ts'
import { TerminalReporter } from './terminal.ts'

export interface TextStream extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export type ReportOptions = Pick<
  GlobalOptions,
  'json' | 'quiet' | 'verbose' | 'progress' | 'logFile' | 'logFormat'
>

const tickEvery = 100
const plainEvery = 10_000
const askedForEvery = 1000

export class Session {
  readonly #options: ReportOptions
  readonly #stdout: Output
  readonly #stderr: TextStream
  readonly #data: Reporter
  readonly #people: Reporter
  readonly #runLog: RunLog
  readonly #log: ((event: HawserEvent) => void) | undefined
  readonly #closeLog: () => void
  #ticking: NodeJS.Timeout | undefined

  /**
   * @param logDirectory of the logs that runs keep
   * @throws HawserError local-io where the log file cannot be opened
   */
  constructor(options: ReportOptions, stdout: Output, stderr: TextStream, logDirectory: string) {
    this.#options = options
    this.#stdout = stdout
    this.#stderr = stderr
    // Nobody listens any more: not a reason to stop the work.
    stderr.on('error', () => {})
    this.#runLog = new RunLog(logDirectory, (message) =>
      this.sink({ type: 'warn', message, address: undefined }),
    )
    this.#data = dataReporter(options)
    this.#people = peopleReporter(options, stderr)
    const log =
      options.logFile === undefined ? undefined : openLog(options.logFile, options.logFormat)
    this.#log = log?.write
    this.#closeLog = log?.close ?? (() => {})
  }

  readonly sink: EventSink = (event) => {
    const now = performance.now()
    this.#ticking ??= setInterval(
      () => this.#say(this.#people.tick(performance.now())),
      tickEvery,
    ).unref()
    this.#log?.(event)
    const data = this.#data.event(event, now)
    // Both may be the same terminal.
    if (data !== '' && this.#stdout.terminal) this.#say(this.#people.clear())
    this.#stdout.post(data)
    this.#say(this.#people.event(event, now))
    this.#runLog.take(event)
  }

  /** Tells people something that is no event. */
  note(line: string): void {
    if (!this.#options.quiet) this.#say(this.#people.note(line))
  }

  /** Tells why the command could not go on; to programs only where standard output is not taken by an object. */
  failure(error: unknown, toPrograms: boolean): void {
    const event: HawserEvent = { type: 'error', error: asHawserError(error, { op: 'run' }) }
    this.#log?.(event)
    this.#runLog.take(event)
    if (toPrograms) this.#stdout.post(this.#data.event(event, performance.now()))
    this.#say(this.#people.note(describeFailure(error, this.#options.verbose)))
  }

  end(): void {
    this.#runLog.end()
    clearInterval(this.#ticking)
    this.#say(this.#people.end(performance.now()))
    this.#closeLog()
  }

  /** What was said on standard output before comes before. */
  #say(text: string): void {
    if (text === '') return
    // A failure of standard output is thrown by its next use.
    this.#stdout.flush().catch(() => {})
    this.#stderr.write(text)
  }
}

function dataReporter(options: ReportOptions): Reporter {
  if (options.json) return new JsonReporter()
  return options.quiet ? silent : new ActionReporter()
}

function peopleReporter(options: ReportOptions, stderr: TextStream): Reporter {
  const { json, quiet, verbose, progress } = options
  const lines = { quiet, verbosity: verbose }
  const shown = progress ?? (!json && !quiet)
  // With --json the events carry everything; people see progress only where they ask for it.
  if (json && !shown) return silent
  if (!shown) return new PlainReporter(lines, undefined)
  if (stderr.isTTY) {
    const size = () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 })
    return new TerminalReporter(lines, size)
  }
  return new PlainReporter(lines, progress ? askedForEvery : plainEvery)
}

function openLog(path: string, format: 'text' | 'json') {
  const line = format === 'json' ? jsonLog : textLog
  let file: number
  try {
    file = openSync(path, 'a', 0o600)
  } catch (cause) {
    throw new HawserError(
      'local-io',
      `the log file ${path} cannot be opened: ${whyNoFile(cause)}`,
      {
        op: 'log',
        cause,
      },
    )
  }
  return {
    write: (event: HawserEvent) => {
      const text = line(event, new Date())
      if (text !== '') writeSync(file, text)
    },
    close: () => closeSync(file),
  }
}
