// The scan of pieces that come beside each other: each waits for its turn.
import type { Scan } from '../../delta/chunks.ts'
import { Scanner } from '../../delta/scanner.ts'

export class OrderedScan {
  readonly #scanner: Scanner
  /** By the offset at which they begin. */
  readonly #waiting = new Map<number, () => void>()
  /** Bytes that were scanned. */
  #size = 0
  #stopped = false

  /** @param average of the sizes of chunks, in bytes */
  constructor(average: number) {
    this.#scanner = new Scanner(average)
  }

  /** Resolves when the bytes, and all before them, were scanned, or it was stopped: they may change then. */
  async feed(offset: number, bytes: Uint8Array): Promise<void> {
    while (!this.#stopped && offset > this.#size)
      await new Promise<void>((resolve) => this.#waiting.set(offset, resolve))
    // It was scanned before: a part that is sent once more.
    if (this.#stopped || offset < this.#size) return
    this.#scanner.update(bytes)
    this.#size += bytes.length
    this.#wake(this.#size)
  }

  /** Some bytes will not come: nobody waits for them. */
  stop(): void {
    this.#stopped = true
    for (const offset of this.#waiting.keys()) this.#wake(offset)
  }

  /** Of an object of that size; undefined where some bytes are missing. Nothing may follow. */
  finish(size: number): Scan | undefined {
    return this.#size === size ? this.#scanner.finish() : undefined
  }

  #wake(offset: number): void {
    const resolve = this.#waiting.get(offset)
    this.#waiting.delete(offset)
    resolve?.()
  }
}
