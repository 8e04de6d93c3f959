// What the tests of the layers share: time that passes without waiting, and a part that can be read back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import type { Clock } from '../../src/layers/limit.ts'
import { localStore } from '../../src/stores/local/store.ts'

/** A store that reads parts back, with one part of an upload of `a`; `over` reads it through a layer. */
export async function withPart(bytes: Uint8Array): Promise<{
  readonly store: Store
  readonly over: (layer: Store) => AsyncIterable<Uint8Array>
}> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-layers-'))
  onTestFinished(async () => rm(directory, { recursive: true }))
  const store = localStore(directory)
  const upload = await store.multipart?.begin(toKey('a'))
  if (!upload) throw new Error('no multipart')
  const slot = { number: 1, offset: 0 }
  await store.multipart?.part(upload, slot, bytes)
  return {
    store,
    over({ multipart }) {
      if (!multipart?.readPart) throw new Error('no readPart')
      return multipart.readPart(upload, slot, bytes.length)
    },
  }
}

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
  readonly #idle: () => boolean
  #now = 0
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = []
  #waking = false

  /** @param idle whether nobody does anything now but wait for time to pass */
  constructor(idle: () => boolean = () => true) {
    this.#idle = idle
  }

  now(): number {
    return this.#now
  }

  /** At its beginning a Monday begins. */
  date(): Date {
    return new Date(2026, 0, 5, 0, 0, 0, this.#now)
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
      if (!this.#idle()) return this.#wakeSoon()
      const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0]
      if (!next) return
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      if (this.#sleepers.length > 0) this.#wakeSoon()
    })
  }
}
