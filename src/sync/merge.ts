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

/** Items in the order of their keys; what follows the prefix there is the name. A key without a name is passed over. */
export interface Stream<T> {
  readonly items: AsyncIterable<T>
  readonly prefix: string
}

interface Keyed {
  readonly key: string
}

export function noStream(): Stream<never> {
  return { items: nothing(), prefix: '' }
}

/**
 * @throws HawserError internal when a stream is out of order: with deletes, a wrong order loses data
 */
export async function* mergeByName<S extends Keyed, T extends Keyed, R extends Keyed>(
  sources: Stream<S>,
  targets: Stream<T>,
  rows: Stream<R>,
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

async function* nothing(): AsyncGenerator<never> {}

class Head<T extends Keyed> {
  name: string | undefined
  taken = false
  #value: T | undefined
  readonly #iterator: AsyncIterator<T>
  readonly #prefix: number

  constructor({ items, prefix }: Stream<T>) {
    this.#iterator = items[Symbol.asyncIterator]()
    this.#prefix = prefix.length
  }

  async advance(): Promise<void> {
    let next = await this.#iterator.next()
    while (!next.done && next.value.key.length === this.#prefix) next = await this.#iterator.next()
    this.taken = false
    if (next.done) {
      this.name = undefined
      this.#value = undefined
      return
    }
    const name = next.value.key.slice(this.#prefix)
    if (this.name !== undefined && compareKeys(this.name, name) >= 0)
      throw new HawserError(
        'internal',
        `a listing is out of order: ${JSON.stringify(name)} after ${JSON.stringify(this.name)}`,
        { op: 'merge' },
      )
    this.name = name
    this.#value = next.value
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
