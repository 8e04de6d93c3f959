// Collects rows into batches, and holds back those who bring them faster than they are written.
import { HawserError } from '../core/errors.ts'
import type { SqlValue, Step } from './protocol.ts'

/** Rows in one message, which is one transaction. */
const batchRows = 200
/** The longest that a row waits for others, in milliseconds. */
const batchTime = 100
/** Rows that may wait to be written before `add` waits. */
const maxWaiting = 800

export class Batcher {
  readonly #send: (steps: readonly Step[]) => Promise<unknown>
  #steps: { sql: string; rows: (readonly SqlValue[])[] }[] = []
  #buffered = 0
  #waiting = 0
  readonly #sent: Promise<void>[] = []
  #timer: NodeJS.Timeout | undefined
  #failure: { error: unknown } | undefined

  constructor(send: (steps: readonly Step[]) => Promise<unknown>) {
    this.#send = send
  }

  /** Takes the row at once, resolves when another may come. @throws what an earlier batch failed with */
  async add(sql: string, row: readonly SqlValue[]): Promise<void> {
    this.#check()
    const step = this.#steps.at(-1)
    if (step?.sql === sql) step.rows.push(row)
    else this.#steps.push({ sql, rows: [row] })
    this.#buffered++
    this.#waiting++
    if (this.#buffered >= batchRows) this.#post()
    else this.#timer ??= setTimeout(() => this.#post(), batchTime)
    while (this.#waiting > maxWaiting) await this.#sent[0]
    this.#check()
  }

  /** Resolves when all rows are written. @throws as `add` does */
  async flush(): Promise<void> {
    this.#post()
    await this.#sent.at(-1)
    this.#check()
  }

  /** Drops what is not sent yet, and takes no more. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#steps = []
    this.#buffered = 0
    this.#failure ??= {
      error: new HawserError('internal', 'written to after its end', { op: 'state' }),
    }
  }

  #post(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#buffered === 0) return
    const rows = this.#buffered
    const steps = this.#steps
    this.#buffered = 0
    this.#steps = []
    this.#sent.push(this.#settle(this.#send(steps), rows))
  }

  /** Does not hold the rows: they are copied when they are sent. */
  async #settle(sending: Promise<unknown>, rows: number): Promise<void> {
    try {
      await sending
    } catch (error) {
      this.#failure ??= { error }
    }
    this.#waiting -= rows
    // Batches are answered in order: the first is this one.
    void this.#sent.shift()
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
