// Work over a stream, many at once, whose results come in the order of the items.
import { readAhead } from './read-ahead.ts'
import { Semaphore } from '../transfer/semaphore.ts'

export interface InOrderOptions {
  /** Items worked on at once. */
  readonly limit: number
  /** Results that may wait for an earlier one. */
  readonly ahead: number
}

/** A failure of the work or of the items is thrown in its turn; what is under way then is waited for. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  { limit, ahead }: InOrderOptions,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const lanes = new Semaphore(limit)
  // In an object, because a generator waits for a promise that it yields.
  async function* started(): AsyncGenerator<{ readonly result: Promise<R> }> {
    for await (const item of items) {
      await lanes.acquire()
      const result = work(item)
      const ended = (): void => lanes.release()
      result.then(ended, ended)
      yield { result }
    }
  }
  try {
    for await (const { result } of readAhead(started(), ahead)) yield await result
  } finally {
    await lanes.acquire(limit)
  }
}
