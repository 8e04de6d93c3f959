import { describe, expect, test } from 'vitest'
import { inTurn, type Part, Turn } from '../../src/pattern/in-turn.ts'

async function* partsOf<T>(parts: Iterable<Part<T>>): AsyncGenerator<Part<T>> {
  yield* parts
}

/** Streams that tell what becomes of them. */
class Streams {
  readonly begun: number[] = []
  readonly closed: number[] = []

  part(id: number, items: readonly (number | Error)[] = [id]): Part<number> {
    return { open: () => this.#items(id, items) }
  }

  async *#items(id: number, items: readonly (number | Error)[]): AsyncGenerator<number> {
    this.begun.push(id)
    try {
      for (const item of items) {
        if (item instanceof Error) throw item
        yield item
      }
    } finally {
      this.closed.push(id)
    }
  }
}

function ascending(a: number, b: number): number {
  return a - b
}

describe('streams and items', () => {
  test('come in their order, some begun before it is their turn', async () => {
    const streams = new Streams()
    const ids = Array.from({ length: 30 }, (_, i) => 10 * i)
    const parts = ids.flatMap((id) => [streams.part(id, [id, id + 1]), { item: id + 2 }])
    const seen: number[] = []
    for await (const item of inTurn(partsOf(parts), new Turn().take())) {
      if (item === 0) expect(streams.begun).toEqual(ids.slice(0, 9))
      expect(streams.begun.length - streams.closed.length).toBeLessThan(10)
      seen.push(item)
    }
    expect(seen).toEqual(ids.flatMap((id) => [id, id + 1, id + 2]))
  })

  test('one that is only begun begins no others', async () => {
    const streams = new Streams()
    const inner = (id: number): Part<number> => ({
      open: (turn) => inTurn(partsOf([1, 2, 3].map((i) => streams.part(id + i))), turn),
    })
    const entries = inTurn(partsOf([inner(10), inner(20)]), new Turn().take())
    await entries.next()
    expect(streams.begun).toEqual([11, 21])
    await entries.next()
    expect(streams.begun.toSorted(ascending)).toEqual([11, 12, 13, 21])
    expect(await Array.fromAsync(entries)).toEqual([13, 21, 22, 23])
  })

  test('a failure comes in its turn', async () => {
    const streams = new Streams()
    async function* parts(): AsyncGenerator<Part<number>> {
      yield streams.part(1, [1, 2])
      yield streams.part(3, [new Error('of a stream')])
      yield { item: 4 }
      throw new Error('of the parts')
    }
    const seen: number[] = []
    const read = async (): Promise<void> => {
      for await (const item of inTurn(parts(), new Turn().take())) seen.push(item)
    }
    await expect(read()).rejects.toThrow('of a stream')
    expect(seen).toEqual([1, 2])
    expect(streams.closed).toEqual(expect.arrayContaining(streams.begun))
  })

  test('who stops closes what was begun', async () => {
    const streams = new Streams()
    let ended = false
    async function* parts(): AsyncGenerator<Part<number>> {
      try {
        for (let id = 0; ; id++) yield streams.part(id, [id, id])
      } finally {
        ended = true
      }
    }
    for await (const _ of inTurn(parts(), new Turn().take())) break
    expect(streams.begun.length).toBeGreaterThan(1)
    expect(streams.closed.toSorted(ascending)).toEqual(streams.begun)
    expect(ended).toBe(true)
  })
})
