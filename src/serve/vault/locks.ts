// One change at a time for each key, in the order in which they came.

export class KeyLocks {
  readonly #last = new Map<string, Promise<void>>()

  /** Resolves when it is this caller's turn; disposing ends it. */
  async acquire(bucket: string, key: string): Promise<Disposable> {
    const name = `${bucket}/${key}`
    const before = this.#last.get(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(name, promise)
    await before
    return {
      [Symbol.dispose]: () => {
        if (this.#last.get(name) === promise) this.#last.delete(name)
        resolve()
      },
    }
  }

  async alone<T>(bucket: string, key: string, task: () => Promise<T>): Promise<T> {
    const lock = await this.acquire(bucket, key)
    try {
      return await task()
    } finally {
      lock[Symbol.dispose]()
    }
  }
}
