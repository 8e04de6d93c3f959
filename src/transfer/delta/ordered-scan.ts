// The scan of pieces that come beside each other: each waits for its turn.
import type { Scan } from '../../delta/chunks.ts'
import { Scanner } from '../../delta/scanner.ts'

export class OrderedScan {
  readonly #scanner: Scanner
  /** By the offset at which they begin. */
  readonly #waiting = new Map<number, () => void>()
  #stopped = false

  /** @param average of the sizes of chunks, in bytes */
  constructor(average: number) {
    this.#scanner = new Scanner(average)
  }

  /** Resolves when the bytes, and all before them, were scanned, or it was stopped: they may change then. */
  async feed(offset: number, bytes: Uint8Array): Promise<void> {
    while (!this.#stopped && offset > this.#scanner.size)
      await new Promise<void>((resolve) => this.#waiting.set(offset, resolve))
    if (this.#stopped || offset < this.#scanner.size) return
    this.#scanner.update(bytes)
    this.#wake(this.#scanner.size)
  }

  /** Some bytes will not come: nobody waits for them. */
  stop(): void {
    this.#stopped = true
    for (const offset of this.#waiting.keys()) this.#wake(offset)
  }

  /** Of all bytes. @throws Error where some are missing */
  finish(size: number): Scan {
    const scan = this.whole(size)
    if (!scan) throw new Error(`the scan came to byte ${this.#scanner.size} of ${size}`)
    return scan
  }

  /** Undefined where some bytes are missing. */
  whole(size: number): Scan | undefined {
    return this.#scanner.size === size ? this.#scanner.finish() : undefined
  }

  #wake(offset: number): void {
    const resolve = this.#waiting.get(offset)
    this.#waiting.delete(offset)
    resolve?.()
  }
}
