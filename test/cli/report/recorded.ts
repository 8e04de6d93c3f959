// Recorded events, and a terminal that draws what a reporter writes.
import { HawserError } from '../../../src/core/errors.ts'
import type { HawserEvent, Summary } from '../../../src/core/events.ts'
import { toKey } from '../../../src/core/key.ts'

export const location = { scheme: 's3', endpoint: 'http://127.0.0.1:9', root: 'bucket' }

export function summary(fields: Partial<Summary> = {}): Summary {
  return {
    command: 'sync',
    dryRun: false,
    copied: 0,
    moved: 0,
    renamed: 0,
    updated: 0,
    removed: 0,
    unchanged: 0,
    skipped: 0,
    archived: 0,
    failed: 0,
    bytes: 0,
    saved: 0,
    unverified: 0,
    traffic: { requests: {}, sent: 0, received: 0 },
    milliseconds: 14_000,
    ...fields,
  }
}

export function failure(key: string): HawserError {
  return new HawserError('permission-denied', 'access denied', {
    op: 'write',
    location,
    key: toKey(key),
    status: 403,
    requestId: 'R1',
    hint: 'Check the policies.',
  })
}

export const start: HawserEvent & { type: 'start' } = {
  type: 'start',
  command: 'sync',
  from: '/data',
  to: 's3://bucket/',
  dryRun: false,
}
export function begin(name: string, size: number): HawserEvent {
  return { type: 'begin', action: 'copy', address: `s3://bucket/${name}`, size }
}
export function progress(
  name: string,
  arrived: number,
  size: number,
  more: Pick<
    HawserEvent & { type: 'progress' },
    'sent' | 'saved' | 'scanned' | 'toScan' | 'step'
  > = {},
): HawserEvent {
  return { type: 'progress', address: `s3://bucket/${name}`, done: arrived, size, ...more }
}
export function done(name: string, size: number, dryRun = false): HawserEvent {
  const address = `s3://bucket/${name}`
  return { type: 'done', action: 'copy', address, size, sent: size, saved: 0, dryRun }
}

/** Just enough of a terminal: wraps at its width, moves up, clears to the end. */
export class Screen {
  columns: number
  rows = 24
  #lines: string[] = ['']
  #row = 0
  #column = 0

  constructor(columns = 80) {
    this.columns = columns
  }

  write(text: string): void {
    for (let at = 0; at < text.length;) {
      // oxlint-disable-next-line no-control-regex -- the escape is what it looks for
      const up = /^\u001b\[(\d+)A/.exec(text.slice(at, at + 8))
      if (up) {
        this.#row = Math.max(0, this.#row - Number(up[1]))
        at += up[0].length
      } else if (text.startsWith('\u001b[J', at)) {
        this.#lines.length = this.#row + 1
        this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column)
        at += 3
      } else {
        this.#put(text.charAt(at))
        at++
      }
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#newLine()
    else {
      if (this.#column === this.columns) this.#newLine()
      const line = this.#lines[this.#row] ?? ''
      this.#lines[this.#row] =
        line.slice(0, this.#column) + character + line.slice(this.#column + 1)
      this.#column++
    }
  }

  #newLine(): void {
    this.#row++
    this.#column = 0
    this.#lines[this.#row] ??= ''
  }

  get lines(): string[] {
    return this.#lines.map((line) => line.trimEnd())
  }
}
