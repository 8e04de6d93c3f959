// The ledger's side of a listing: keys of what does not lie at its own name.
import type { Ledger } from '../ledger/types.ts'
import { endOf } from './prefixes.ts'

/** Keys are read ahead in batches that grow: much of one is in vain where a common prefix is passed over. */
const firstBatch = 16
const lastBatch = 1000

export class HiddenKeys {
  readonly #ledger: Ledger
  readonly #bucket: string
  readonly #prefix: string
  #ahead: readonly string[] = []
  #at = 0
  /** Where to read on; this key itself has been seen. */
  #after: string
  #batch = firstBatch
  #ended = false

  constructor(ledger: Ledger, bucket: string, prefix: string, after: string) {
    this.#ledger = ledger
    this.#bucket = bucket
    this.#prefix = prefix
    this.#after = after
  }

  peek(): string | undefined {
    while (this.#at >= this.#ahead.length && !this.#ended) this.#read()
    return this.#ahead[this.#at]
  }

  /** Goes on behind what was peeked at. */
  take(): void {
    this.#at++
  }

  /** Goes on behind the keys that begin with the prefix. */
  passOver(prefix: string): void {
    const next = this.#ahead.findIndex((key, at) => at >= this.#at && !key.startsWith(prefix))
    this.#at = next === -1 ? this.#ahead.length : next
    if (next !== -1 || this.#ended) return
    this.#after = endOf(prefix)
    this.#batch = firstBatch
    for (;;) {
      if (!this.peek()?.startsWith(prefix)) return
      this.take()
    }
  }

  #read(): void {
    const range = { prefix: this.#prefix, from: this.#after, limit: this.#batch }
    const found = this.#ledger.hiddenKeys(this.#bucket, range)
    this.#ended = found.length < this.#batch
    this.#ahead = found[0] === this.#after ? found.slice(1) : found
    this.#at = 0
    this.#after = found.at(-1) ?? this.#after
    this.#batch = Math.min(this.#batch * 2, lastBatch)
  }
}
