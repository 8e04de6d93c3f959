import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeByName, type Merged, type Stream } from '../../src/sync/merge.ts'
import { readAhead } from '../../src/sync/read-ahead.ts'
import { byBytes, failure } from '../conformance/tools.ts'
import { Given, settled } from '../transfer/tools.ts'

const tricky = [
  'a',
  'b',
  '/',
  '-',
  '!',
  '0',
  '\uffff',
  '\ue000',
  '\ud7ff',
  '\u{10000}',
  '\u{10ffff}',
  'é',
]
const names = fc.uniqueArray(
  fc.array(fc.constantFrom(...tricky), { minLength: 1, maxLength: 4 }).map((some) => some.join('')),
  { maxLength: 30 },
)

interface Item {
  readonly key: string
}

function stream(all: readonly string[], prefix: string): Stream<Item> {
  return { items: new Given(all.toSorted(byBytes).map((name) => ({ key: prefix + name }))), prefix }
}

function streamOf<T extends Item>(items: AsyncIterable<T>): Stream<T> {
  return { items, prefix: '' }
}

test('every name comes once, in order, with what each stream has under it', async () => {
  await fc.assert(
    fc.asyncProperty(names, names, names, async (sources, targets, rows) => {
      const merged = await Array.fromAsync(
        mergeByName(stream(sources, 's'), stream(targets, 't'), stream(rows, 'r')),
      )
      const all = [...new Set([...sources, ...targets, ...rows])].toSorted(byBytes)
      expect(merged).toEqual(
        all.map((name) => ({
          name,
          source: sources.includes(name) ? { key: `s${name}` } : undefined,
          target: targets.includes(name) ? { key: `t${name}` } : undefined,
          row: rows.includes(name) ? { key: `r${name}` } : undefined,
        })),
      )
    }),
    { numRuns: 300 },
  )
})

const none = (): Given<Item> => new Given([])
function merge(
  source: AsyncIterable<Item>,
  target: AsyncIterable<Item>,
  rows: AsyncIterable<Item> = none(),
): Promise<Merged<Item, Item, Item>[]> {
  return Array.fromAsync(mergeByName(streamOf(source), streamOf(target), streamOf(rows)))
}
const given = (...all: string[]): Given<Item> => new Given(all.map((name) => ({ key: name })))

test.each([
  ['back', ['a', 'c', 'b']],
  ['the same name twice', ['a', 'b', 'b']],
  ['the order of UTF-16 units', ['\u{10000}', '\uffff']],
])('a stream out of order is an error: %s', async (_, wrong) => {
  const other = given('a', 'z')
  await failure(merge(given(...wrong), other), 'internal')
  expect(other.closed).toBe(true)
  await failure(merge(given('a', 'z'), given(...wrong)), 'internal')
  await failure(merge(given('a', 'z'), given(), given(...wrong)), 'internal')
})

test('streams that all fail are one failure, and all are closed', async () => {
  const closed: string[] = []
  async function* failing(name: string): AsyncGenerator<Item> {
    try {
      await settled()
      if (name !== '') throw new Error(name)
      yield { key: name }
    } finally {
      closed.push(name)
    }
  }
  await expect(merge(failing('a'), failing('b'), failing('c'))).rejects.toThrow('a')
  expect(closed.toSorted()).toEqual(['a', 'b', 'c'])
})

test('who leaves the merge early closes its streams', async () => {
  const streams = [given('a', 'b'), given('a', 'c'), given('b', 'd')] as const
  const inputs = [streamOf(streams[0]), streamOf(streams[1]), streamOf(streams[2])] as const
  for await (const { name } of mergeByName(...inputs)) if (name === 'b') break
  expect(streams.map(({ closed }) => closed)).toEqual([true, true, true])
})

test('no stream runs ahead of the others by more than one item', async () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, '0'))
  const streams = [given(...numbers), given(...numbers), given(...numbers)] as const
  const inputs = [streamOf(streams[0]), streamOf(streams[1]), streamOf(streams[2])] as const
  let seen = 0
  for await (const _ of mergeByName(...inputs)) {
    seen++
    for (const one of streams) expect(one.given).toBeLessThanOrEqual(seen)
  }
  expect(seen).toBe(1000)
})

test.each([1, 2, 3, 10, 500])(
  'a stream runs ahead of its consumer by %i items at most',
  async (most) => {
    const items = new Given(Array.from({ length: 300 }, (_, i) => i))
    const taken: number[] = []
    let ahead = 0
    for await (const item of readAhead(items, most)) {
      taken.push(item)
      if (item % 50 === 0) await settled()
      ahead = Math.max(ahead, items.given - taken.length)
    }
    expect(taken).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(ahead).toBeLessThanOrEqual(most)
    expect(ahead).toBeGreaterThan(Math.min(most, 299) / 2)
  },
)

test('who leaves early closes the stream, also while it waits for room', async () => {
  for (const most of [1, 5, 1000]) {
    const items = new Given(Array.from({ length: 100 }, (_, i) => i))
    for await (const item of readAhead(items, most)) {
      await settled()
      if (item === 3) break
    }
    expect(items.closed).toBe(true)
  }
})

async function* breaking(): AsyncGenerator<number> {
  yield 1
  yield 2
  throw new Error('the listing broke')
}

test('what came before a failure is given, then the failure', async () => {
  const taken: number[] = []
  const reading = (async () => {
    for await (const item of readAhead(breaking(), 10)) taken.push(item)
  })()
  await expect(reading).rejects.toThrow('the listing broke')
  expect(taken).toEqual([1, 2])
})

test('a key that is nothing but the prefix has no name, and is passed over', async () => {
  const source = { items: new Given([{ key: 'a/' }, { key: 'a/b' }]), prefix: 'a/' }
  const target = { items: new Given([{ key: 'to/' }]), prefix: 'to/' }
  const merged = await Array.fromAsync(mergeByName(source, target, streamOf(none())))
  expect(merged.map(({ name }) => name)).toEqual(['b'])
})
