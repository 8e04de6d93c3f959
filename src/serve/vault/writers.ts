// Who writes into which bucket: one that is being written to is not removed, and the other way round.
import { S3Error } from '../errors.ts'

export class Writers {
  readonly #counts = new Map<string, number>()
  readonly #removals = new Map<string, Promise<void>>()

  /** Waits for a removal to end. A bucket that is there when the task begins is there until it ends. */
  async during<T>(bucket: string, task: () => Promise<T>): Promise<T> {
    for (;;) {
      const removal = this.#removals.get(bucket)
      if (!removal) break
      await removal
    }
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
    try {
      return await task()
    } finally {
      this.#leave(bucket)
    }
  }

  /** @throws S3Error OperationAborted where somebody writes into it, or removes it */
  async shutOut(bucket: string, task: () => Promise<void>): Promise<void> {
    if (this.#counts.has(bucket) || this.#removals.has(bucket))
      throw new S3Error('OperationAborted')
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#removals.set(bucket, promise)
    try {
      await task()
    } finally {
      this.#removals.delete(bucket)
      resolve()
    }
  }

  #leave(bucket: string): void {
    const left = (this.#counts.get(bucket) ?? 0) - 1
    if (left > 0) this.#counts.set(bucket, left)
    else this.#counts.delete(bucket)
  }
}
