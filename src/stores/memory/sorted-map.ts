// A map whose keys come in the order of compareKeys, and that may change while it is walked.
import { compareKeys, type Key } from '../../core/key.ts'

export class SortedMap<V> {
  readonly #keys: Key[] = []
  readonly #values = new Map<Key, V>()

  get(key: Key): V | undefined {
    return this.#values.get(key)
  }

  set(key: Key, value: V): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#position(key), 0, key)
    this.#values.set(key, value)
  }

  delete(key: Key): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#position(key), 1)
  }

  /** The first entry at or after `from`; strictly after it where `exclusive`. */
  next(from: string, exclusive: boolean): [Key, V] | undefined {
    const at = this.#position(from)
    const key = exclusive && this.#keys[at] === from ? this.#keys[at + 1] : this.#keys[at]
    if (key === undefined) return undefined
    const value = this.#values.get(key)
    return value === undefined ? undefined : [key, value]
  }

  /** Where the key is, or would be. */
  #position(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const found = this.#keys[middle]
      if (found !== undefined && compareKeys(found, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
