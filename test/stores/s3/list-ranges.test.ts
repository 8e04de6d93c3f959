import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, emptyKey, type Key, toKey } from '../../../src/core/key.ts'
import type { Entry } from '../../../src/core/store.ts'
import { type Page, pagesInOrder, type PageStart } from '../../../src/stores/s3/list-ranges.ts'

const perPage = 10

/** Lists keys as S3 does, slowly and out of turn; some names are no keys. */
class Pages {
  requests = 0
  pending = 0
  mostPending = 0
  keys: Key[]
  readonly #problems: ReadonlySet<Key>
  readonly #delay: () => number
  readonly #ignoresAfter: boolean

  constructor(
    keys: readonly Key[],
    {
      problems = new Set(),
      delay = () => 0,
      ignoresAfter = false,
    }: {
      readonly problems?: ReadonlySet<Key>
      readonly delay?: () => number
      readonly ignoresAfter?: boolean
    } = {},
  ) {
    this.keys = keys.toSorted(compareKeys)
    this.#problems = problems
    this.#delay = delay
    this.#ignoresAfter = ignoresAfter
  }

  readonly fetch = async (start: PageStart): Promise<Page> => {
    this.requests++
    this.mostPending = Math.max(this.mostPending, ++this.pending)
    for (let turns = this.#delay(); turns > 0; turns--) await new Promise(setImmediate)
    this.pending--
    const behind = 'token' in start ? start.token : this.#ignoresAfter ? undefined : start.after
    const begin = behind === undefined ? 0 : firstAfter(this.keys, behind)
    const found = this.keys.slice(begin, begin + perPage)
    return {
      entries: found.filter((key) => !this.#problems.has(key)).map(entryOf),
      problems: found
        .filter((key) => this.#problems.has(key))
        .map((key) => ({ error: new Error(key), name: Buffer.from(key) })),
      next: begin + perPage < this.keys.length ? found.at(-1) : undefined,
    }
  }
}

function firstAfter(keys: readonly Key[], key: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(keys[middle] ?? '', key) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function entryOf(key: Key): Entry {
  return { key, kind: 'file', size: 1, modified: 0n, etag: undefined }
}

interface Found {
  readonly keys: readonly string[]
  readonly problems: readonly string[]
}

async function listed(
  pages: Pages,
  {
    after,
    prefix = emptyKey,
    serial = false,
    pause = () => 0,
  }: {
    readonly after?: Key
    readonly prefix?: Key
    readonly serial?: boolean
    readonly pause?: () => number
  } = {},
): Promise<Found> {
  const found = { keys: [] as string[], problems: [] as string[] }
  for await (const { entries, problems } of pagesInOrder(pages.fetch, { prefix, after, serial })) {
    found.keys.push(...entries.map(({ key }) => key))
    found.problems.push(...problems.map(({ error }) => error.message))
    for (let turns = pause(); turns > 0; turns--) await new Promise(setImmediate)
  }
  return found
}

const padded = (n: number, length = 6): string => String(n).padStart(length, '0')
const hex = (n: number): string =>
  (Math.imul(n + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')
/** How programs name things, and how nobody should. */
const manners: Readonly<Record<string, (n: number) => string>> = {
  counted: (n) => `object-${padded(n)}.bin`,
  'counted without zeros': (n) => `object-${n}`,
  'in directories': (n) => `data/${padded(Math.floor(n / 37))}/part-${padded(n % 37, 4)}`,
  'by day': (n) => `logs/2026/${padded(Math.floor(n / 300) + 1, 2)}/${padded(n % 300, 3)}.gz`,
  random: hex,
  'random in directories': (n) => `${hex(n).slice(0, 2)}/${hex(n)}`,
  'all in one letter': (n) => 'x'.repeat(n + 1).slice(0, 1000) + padded(n),
  'double slashes': (n) => `a//${'/'.repeat(n % 5)}${n}`,
  'the last characters': (n) => `\uffff\u{10ffff}${'\uffff'.repeat(n % 7)}${n}`,
  'beyond the BMP': (n) => `${String.fromCodePoint(0x1f600 + (n % 64))}${hex(n)}`,
  'one far away': (n) => (n % 500 === 7 ? `zzz${n}` : `a${padded(n)}`),
}
const ways = fc.constantFrom(...Object.values(manners))
const trees = fc
  .array(fc.record({ name: ways, from: fc.nat(5000), count: fc.integer({ min: 1, max: 900 }) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => {
    const keys = new Set<Key>()
    for (const { name, from, count } of parts)
      for (let n = from; n < from + count; n++) keys.add(toKey(name(n)))
    return [...keys]
  })
/** Numbers of turns of the event loop, the same again for the same seed. */
const delays = fc.tuple(fc.nat(1_000_000), fc.nat(6)).map(([seed, most]) => {
  let state = seed
  return (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 16) % (most + 1)
  }
})

test('ranges give what one page after the other gives, for few requests more', async () => {
  await fc.assert(
    fc.asyncProperty(
      trees,
      delays,
      delays,
      fc.nat(),
      fc.boolean(),
      async (keys, delay, pause, n, resumed) => {
        const after = resumed ? keys[n % keys.length] : undefined
        const problems = new Set(keys.filter((_, index) => index % 23 === n % 23))
        const one = new Pages(keys, { problems })
        const several = new Pages(keys, { problems, delay })
        const options = after === undefined ? {} : { after }
        const found = await listed(several, { pause, ...options })
        expect(found).toEqual(await listed(one, { serial: true, ...options }))
        expect(several.requests).toBeLessThanOrEqual(Math.ceil(1.1 * one.requests) + 2)
        expect(several.mostPending).toBeLessThanOrEqual(6)
      },
    ),
    { numRuns: 300 },
  )
})

test('a service that begins where it likes is listed page by page', async () => {
  await fc.assert(
    fc.asyncProperty(trees, delays, async (keys, delay) => {
      const pages = new Pages(keys, { delay, ignoresAfter: true })
      expect((await listed(pages)).keys).toEqual(keys.toSorted(compareKeys))
    }),
    { numRuns: 100 },
  )
})

test('what others write and remove meanwhile hides and doubles nothing', async () => {
  await fc.assert(
    fc.asyncProperty(trees, delays, delays, async (keys, delay, pick) => {
      const [kept, others] = [
        keys.filter((_, n) => n % 2 === 0),
        keys.filter((_, n) => n % 2 === 1),
      ]
      const pages = new Pages(kept, { delay })
      const change = (): number => {
        const key = others[(pick() * 97) % Math.max(1, others.length)]
        const at = key === undefined ? 0 : firstAfter(pages.keys, key)
        if (key !== undefined && pages.keys[at - 1] === key)
          pages.keys = pages.keys.toSpliced(at - 1, 1)
        else if (key !== undefined) pages.keys = pages.keys.toSpliced(at, 0, key)
        return pick()
      }
      const found = await listed(pages, { pause: change })
      expect(found.keys).toEqual([...new Set(found.keys)].toSorted(compareKeys))
      const seen = new Set(found.keys)
      expect(kept.filter((key) => !seen.has(key))).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('a small listing takes no request more', async () => {
  for (const count of [0, 1, 10, 11, 99, 100]) {
    const keys = Array.from({ length: count }, (_, n) => toKey(hex(n)))
    const [one, several] = [new Pages(keys), new Pages(keys)]
    await listed(one, { serial: true })
    await listed(several)
    expect(several.requests).toBe(one.requests)
  }
})

test.each(['counted', 'in directories', 'random', 'random in directories'])(
  'many keys, %s, come in half of the time at most',
  async (manner) => {
    const name = manners[manner] ?? String
    const keys = [...new Set(Array.from({ length: 20_000 }, (_, n) => toKey(name(n))))]
    const turns = async (serial: boolean): Promise<number> => {
      let passed = 0
      const over = new AbortController()
      const clock = (async () => {
        for (; !over.signal.aborted; passed++) await new Promise(setImmediate)
      })()
      const pages = new Pages(keys, { delay: () => 10 })
      expect((await listed(pages, { serial })).keys).toHaveLength(keys.length)
      over.abort()
      await clock
      return passed
    }
    expect(await turns(false)).toBeLessThan((await turns(true)) / 2)
  },
)

test('a failure comes in its turn', async () => {
  const keys = Array.from({ length: 3000 }, (_, n) => toKey(padded(n)))
  const pages = new Pages(keys)
  const failing = async (start: PageStart): Promise<Page> => {
    const page = await pages.fetch(start)
    if (page.entries.some(({ key }) => key === '002000')) throw new Error('broken')
    return page
  }
  const found: string[] = []
  const reading = async (): Promise<void> => {
    const options = { prefix: emptyKey, after: undefined, serial: false }
    for await (const { entries } of pagesInOrder(failing, options))
      found.push(...entries.map(({ key }) => key))
  }
  await expect(reading()).rejects.toThrow('broken')
  expect(found).toEqual(keys.slice(0, found.length))
  expect(found.length).toBeGreaterThan(1980)
})

test('who leaves early leaves nothing running', async () => {
  const keys = Array.from({ length: 30_000 }, (_, n) => toKey(padded(n)))
  const pages = new Pages(keys)
  const options = { prefix: emptyKey, after: undefined, serial: false }
  let taken = 0
  for await (const _ of pagesInOrder(pages.fetch, options)) if (++taken === 50) break
  const { requests } = pages
  // All that waits in memory: what ranges hold, and what each had asked for.
  expect(requests).toBeLessThanOrEqual(50 + 6 * 9)
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
  expect(pages.requests).toBe(requests)
})
