// Compares two trees by merging ordered streams: the source's listing, the destination's, and what the state knows of
// both. Nothing holds a whole listing.
import { HawserError } from '../core/errors.ts'
import { compareKeys } from '../core/key.ts'

/** One name, and what each stream has under it. */
export interface Merged<S, T, R> {
  readonly name: string
  readonly source: S | undefined
  readonly target: T | undefined
  readonly row: R | undefined
}

/** A stream whose items come in the order of their names. */
export interface Named<T> {
  readonly name: string
  readonly value: T
}

/**
 * @throws HawserError internal when a stream is out of order: with deletes, a wrong order loses data
 */
export async function* mergeByName<S, T, R>(
  sources: AsyncIterable<Named<S>>,
  targets: AsyncIterable<Named<T>>,
  rows: AsyncIterable<Named<R>>,
): AsyncGenerator<Merged<S, T, R>> {
  const source = new Head(sources)
  const target = new Head(targets)
  const row = new Head(rows)
  try {
    await Promise.all([source.advance(), target.advance(), row.advance()])
    for (;;) {
      const name = smallest(source.name, target.name, row.name)
      if (name === undefined) return
      const merged = {
        name,
        source: source.takeIf(name),
        target: target.takeIf(name),
        row: row.takeIf(name),
      }
      yield merged
      // Awaited one by one, and only those that were taken: most of the time all three already have their next item.
      if (source.taken) await source.advance()
      if (target.taken) await target.advance()
      if (row.taken) await row.advance()
    }
  } finally {
    await Promise.all([source.close(), target.close(), row.close()])
  }
}

function smallest(...names: (string | undefined)[]): string | undefined {
  let least: string | undefined
  for (const name of names)
    if (name !== undefined && (least === undefined || compareKeys(name, least) < 0)) least = name
  return least
}

class Head<T> {
  name: string | undefined
  taken = false
  #value: T | undefined
  readonly #iterator: AsyncIterator<Named<T>>

  constructor(stream: AsyncIterable<Named<T>>) {
    this.#iterator = stream[Symbol.asyncIterator]()
  }

  async advance(): Promise<void> {
    const next = await this.#iterator.next()
    this.taken = false
    if (next.done) {
      this.name = undefined
      this.#value = undefined
      return
    }
    if (this.name !== undefined && compareKeys(this.name, next.value.name) >= 0)
      throw new HawserError(
        'internal',
        `a listing is out of order: ${JSON.stringify(next.value.name)} after ${JSON.stringify(this.name)}`,
        { op: 'merge' },
      )
    this.name = next.value.name
    this.#value = next.value.value
  }

  takeIf(name: string): T | undefined {
    if (this.name !== name) return undefined
    this.taken = true
    return this.#value
  }

  async close(): Promise<void> {
    await this.#iterator.return?.()
  }
}
