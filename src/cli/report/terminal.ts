// The live view on a terminal: one line for the whole, one for each of the oldest active transfers, drawn over again in
// place and taken away at the end. Permanent lines go above it.
import type { HawserEvent } from '../../core/events.ts'
import { formatBytes } from './format.ts'
import { Lines, type LineOptions } from './lines.ts'
import { type ActiveTransfer, Progress } from './progress.ts'
import { endings, type Reporter } from './reporter.ts'
import { displayWidth, escapeControls, fitEnd, fitStart, padEnd } from './text.ts'
import { wholeLine } from './whole.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

const mostTransfers = 8
/** A transfer that is over sooner is not worth a line: it would only flicker. */
const worthShowing = 400
const drawEvery = 100
/** Columns. With fewer for its name, of a transfer only its share is told. */
const leastName = 16
const longestFacts = 28

export class TerminalReporter implements Reporter {
  readonly #progress = new Progress()
  readonly #lines: Lines
  readonly #size: () => TerminalSize
  #drawn: readonly string[] = []
  #drawnAt = Number.NEGATIVE_INFINITY
  #busy = false

  constructor(options: LineOptions, size: () => TerminalSize) {
    this.#lines = new Lines(options)
    this.#size = size
  }

  event(event: HawserEvent, now: number): string {
    this.#progress.take(event, now)
    if (event.type === 'start') this.#busy = true
    if (endings.has(event.type)) this.#busy = false
    const lines = this.#lines.of(event)
    if (lines.length === 0) return this.#busy ? '' : this.#clear()
    return `${this.#clear()}${lines.join('\n')}\n`
  }

  tick(now: number): string {
    if (!this.#busy || now - this.#drawnAt < drawEvery) return ''
    // A dry run has nothing to tell of but what it scans.
    if (this.#progress.dryRun && !this.#progress.scanning) return this.#clear()
    const lines = this.#render(now)
    const text = `${this.#clear()}${lines.join('\n')}`
    this.#drawn = lines
    this.#drawnAt = now
    return text
  }

  clear(): string {
    return this.#clear()
  }

  note(line: string): string {
    return `${this.#clear()}${line}\n`
  }

  end(): string {
    this.#busy = false
    return this.#clear()
  }

  /** The terminal may have become narrower since: then each drawn line takes more rows now. */
  #clear(): string {
    if (this.#drawn.length === 0) return ''
    const columns = Math.max(1, this.#size().columns)
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    )
    this.#drawn = []
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}\u001b[J`
  }

  #render(now: number): string[] {
    const { columns, rows } = this.#size()
    // The last column stays free: some terminals wrap as soon as it is filled.
    const width = Math.max(1, columns - 1)
    const room = Math.max(0, Math.min(mostTransfers, rows - 2))
    const transfers = Array.from(this.#progress.active.values())
      .filter(({ began }) => now - began >= worthShowing)
      .slice(0, room)
    return [
      fitStart(wholeLine(this.#progress, now), width),
      ...transfers.map((transfer) => transferLine(transfer, width)),
    ]
  }
}

function transferLine(transfer: ActiveTransfer, width: number): string {
  const { scanned, step } = transfer
  const done = scanned ?? transfer.done
  const size = scanned === undefined ? transfer.size : transfer.toScan
  // Of a stream nobody knows the size.
  const short = size > 0 ? `${Math.floor((done / size) * 100)}%`.padStart(4) : formatBytes(done)
  const what = scanned === undefined ? (step ?? '') : 'scanned'
  const long =
    size > 0 ? `${short}  ${formatBytes(done)} of ${formatBytes(size)} ${what}`.trimEnd() : short
  const wide = width - 4 - Math.max(longestFacts, long.length)
  const [facts, room] =
    wide >= leastName ? [long, wide] : [short, Math.max(1, width - 4 - short.length)]
  const name = padEnd(fitEnd(escapeControls(transfer.address), room), room)
  return fitStart(`  ${name}  ${facts}`, width)
}
