// The lines that events leave behind in every text report: failures, warnings, what is done (with -v), the end.
import type { HawserError } from '../../core/errors.ts'
import type { HawserEvent } from '../../core/events.ts'
import { checkedLine, checkSummaryLine, findingLine } from './checks.ts'
import { describeError } from './errors.ts'
import { formatCount, formatDuration } from './format.ts'
import {
  doneLine,
  requestLine,
  estimatedLines,
  slowerLine,
  summaryLine,
  warningLine,
} from './summary.ts'
import { restorePlanLine, restoreSummaryLine } from './restore.ts'
import { escapeControls } from './text.ts'

/** How many failures are named again at the end. */
const repeated = 20
/** So many lines after the first failure, it may have scrolled away. */
const screen = 20

export interface LineOptions {
  readonly quiet: boolean
  readonly verbosity: number
}

export class Lines {
  readonly #options: LineOptions
  readonly #failures: HawserError[] = []
  #failed = 0
  #retried = false
  #linesSince = 0

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Whole lines to print for the event; often none. */
  of(event: HawserEvent): string[] {
    const lines = this.#linesOf(event)
    if (this.#failed > 0) for (const line of lines) this.#linesSince += line.split('\n').length
    return lines
  }

  #linesOf(event: HawserEvent): string[] {
    const { quiet, verbosity } = this.#options
    switch (event.type) {
      case 'error':
        return [this.#failure(event.error)]
      case 'warn':
        return quiet ? [] : [`hawser: ${warningLine(event)}`]
      case 'done':
        return verbosity >= 1 && !event.dryRun ? [doneLine(event)] : []
      case 'checked':
        return verbosity >= 1 && findingLine(event) === undefined && event.verdict !== 'error'
          ? [checkedLine(event)]
          : []
      case 'check-summary':
        return [...this.#again(), ...(quiet ? [] : [checkSummaryLine(event.totals, event.audit)])]
      case 'restore-plan':
        return quiet ? [] : [restorePlanLine(event)]
      case 'restore-summary':
        return [...this.#again(), ...(quiet ? [] : [restoreSummaryLine(event.totals)])]
      case 'skip':
        return verbosity >= 1 ? [escapeControls(`skipped ${event.address}: ${event.reason}`)] : []
      case 'request':
        return verbosity >= 1 ? [requestLine(event)] : []
      case 'retry':
        return this.#tellsRetry() ? [retrying(event)] : []
      case 'slower':
        return verbosity >= 1 ? [slowerLine(event)] : []
      case 'summary':
        return [
          ...this.#again(),
          ...(quiet
            ? []
            : [summaryLine(event.summary, verbosity === 0), ...estimatedLines(event.summary)]),
        ]
      case 'start':
      case 'plan':
      case 'begin':
      case 'progress':
        break
    }
    return []
  }

  /** The first one always, so that nobody waits without a word. */
  #tellsRetry(): boolean {
    const first = !this.#retried
    this.#retried = true
    return this.#options.verbosity >= 1 || (first && !this.#options.quiet)
  }

  #failure(error: HawserError): string {
    this.#failed++
    if (this.#failures.length < repeated) this.#failures.push(error)
    return `hawser: ${describeError(error, this.#options.verbosity)}`
  }

  /** Names failures once more where they may have scrolled away. */
  #again(): string[] {
    if (this.#failed < 2 || this.#linesSince <= screen) return []
    const more = this.#failed - this.#failures.length
    return [
      `${formatCount(this.#failed)} failed:`,
      ...this.#failures.map((error) => `  ${describeError(error).split('\n', 1)[0] ?? ''}`),
      ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
    ]
  }
}

function retrying(event: HawserEvent & { type: 'retry' }): string {
  const [what] = describeError(event.error).split('\n', 1)
  return `trying again in ${formatDuration(event.delay)} (${event.attempt}): ${what ?? ''}`
}
