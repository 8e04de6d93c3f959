// Bounded concurrency: permits that are waited for in order, and work over a stream with so many at once.

/** Counts permits; waiting is first come, first served, and ends with the signal. */
export class Semaphore {
  #free: number
  readonly #waiting: { readonly want: number; readonly grant: () => void }[] = []

  constructor(permits: number) {
    this.#free = permits
  }

  /** Resolves when `want` permits are held. A call that wants more than there are waits for ever: the caller's bug. */
  async acquire(want = 1, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#waiting.length === 0 && this.#free >= want) {
      this.#free -= want
      return
    }
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        want,
        grant: (): void => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        this.#grant()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiter)
    })
  }

  release(count = 1): void {
    this.#free += count
    this.#grant()
  }

  #grant(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#free >= next.want;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift()
      this.#free -= next.want
      next.grant()
    }
  }
}

/**
 * Runs `work` over a stream, at most `limit` at once; pulls an item only when one can start. The first failure stops
 * the pulling, is waited for with what is under way, and thrown.
 */
export async function forEachConcurrent<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const start = (item: T): void => {
    const task = work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => running.delete(task))
    running.add(task)
  }
  try {
    for await (const item of items) {
      start(item)
      if (running.size >= limit) await Promise.race(running)
      if (failure) break
    }
  } finally {
    await Promise.all(running)
  }
  if (failure) throw failure.error
}
