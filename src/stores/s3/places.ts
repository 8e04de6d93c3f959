// A number of places, first come, first served: what holds requests to their connections.
import { interrupted } from './failures.ts'

export class Places {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a place, which must be given back. @throws interrupted on abort, and then no place is taken */
  async take(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw interrupted(signal)
    if (this.#free > 0) {
      this.#free--
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      const at = this.#waiting.indexOf(resolve)
      if (at < 0 || !signal) return // the place has been handed over already
      this.#waiting.splice(at, 1)
      reject(interrupted(signal))
    }
    this.#waiting.push(resolve)
    signal?.addEventListener('abort', onAbort)
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Gives a place back, to the next one who waits. */
  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
