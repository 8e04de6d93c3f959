// What the tests of the layers share: time that passes without waiting.
import type { Clock } from '../../src/layers/limit.ts'

/** Waits that are over at once, and are noted. */
export class NotedSleep {
  readonly waits: number[] = []
  readonly sleep = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted()
    this.waits.push(milliseconds)
  }
}

/** A clock that moves when somebody sleeps by it, and wakes sleepers in the order of their times. */
export class FakeClock implements Clock {
  #now = 0
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = []
  #waking = false

  now(): number {
    return this.#now
  }

  get sleeping(): number {
    return this.#sleepers.length
  }

  readonly sleep = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper = { at: this.#now + milliseconds, wake: resolve }
    const cancel = (): void => {
      this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1)
      reject(new Error('cancelled'))
    }
    signal?.throwIfAborted()
    signal?.addEventListener('abort', cancel, { once: true })
    this.#sleepers.push(sleeper)
    this.#wakeSoon()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Once everybody has had their turn, the time of the next sleeper comes. */
  #wakeSoon(): void {
    if (this.#waking) return
    this.#waking = true
    setImmediate(() => {
      this.#waking = false
      const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0]
      if (!next) return
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      if (this.#sleepers.length > 0) this.#wakeSoon()
    })
  }
}
