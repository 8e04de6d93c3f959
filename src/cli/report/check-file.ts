// `check --report`: what was found of each name, as lines of JSON, in the format that docs/formats/check.md describes.
// The file is there whole, or not at all; a pipe gets its lines as they come.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Checked, CheckTotals, HawserEvent } from '../../core/events.ts'
import { notWritten, type ReportPlace, reportPlace } from '../../cost/report-file.ts'

const format = { format: 'hawser-check', version: 1 } as const

export interface CheckHeader {
  readonly a: string
  readonly b: string | undefined
  readonly oneWay: boolean
  /** What objects are compared by. */
  readonly by: 'digest' | 'size' | 'bytes' | 'record'
  readonly started: Date
}

export function headerLine({ a, b, oneWay, by, started }: CheckHeader): string {
  return line({ ...format, a, b, by, oneWay, started: started.toISOString() })
}

export function checkedJson(checked: Checked): string {
  const { verdict, name, size, by, expected, found, reason } = checked
  return line({ verdict, name, size, by, expected, found, reason })
}

export function totalsLine({ traffic, milliseconds, ...counts }: CheckTotals): string {
  return line({ totals: { ...counts, received: traffic.received, milliseconds } })
}

function line(fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(fields)}\n`
}

const bufferSize = 256 * 1024

/** Grows beside its name, under one that is never listed, and takes it when the check has come to its end. */
export class CheckFile implements Disposable {
  readonly #name: string
  readonly #place: ReportPlace
  /** What is written to. */
  readonly #growing: string
  readonly #file: number
  #pending = ''
  #done = false

  /** @throws HawserError local-io */
  constructor(name: string, header: CheckHeader) {
    this.#name = name
    this.#place = reportPlace(name)
    const { path, special } = this.#place
    const beside = join(dirname(path), `.hawser-${randomBytes(8).toString('hex')}.part`)
    this.#growing = special ? path : beside
    this.#file = this.#try(() => openSync(this.#growing, special ? 'w' : 'wx'))
    this.#add(headerLine(header))
  }

  /** @throws HawserError local-io, no-space */
  take(event: HawserEvent): void {
    if (event.type === 'checked') this.#add(checkedJson(event))
    if (event.type !== 'check-summary') return
    this.#add(totalsLine(event.totals))
    this.#flush()
    if (!this.#place.special) this.#try(() => this.#takeName())
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
    if (!this.#done && !this.#place.special) rmSync(this.#growing, { force: true })
  }

  #takeName(): void {
    fsyncSync(this.#file)
    renameSync(this.#growing, this.#place.path)
    this.#done = true
  }

  #add(text: string): void {
    this.#pending += text
    if (this.#pending.length >= bufferSize) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending)
    this.#pending = ''
    this.#try(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at)
    })
  }

  #try<T>(task: () => T): T {
    try {
      return task()
    } catch (cause) {
      throw notWritten(this.#name, cause)
    }
  }
}
