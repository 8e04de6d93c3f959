// Listings of many pages from real servers, several ranges of keys at once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareKeys, type Key, toKey } from '../../../src/core/key.ts'
import type { Entry, ListOptions, Store } from '../../../src/core/store.ts'
import { retry } from '../../../src/layers/retry.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import { collect, each, failure } from '../../conformance/tools.ts'
import { NotedSleep } from '../../layers/tools.ts'
import { type Asked, type Gateway, type Refusal, startGateway } from '../../servers/gateway.ts'
import { describeS3, type S3Endpoint } from '../../servers/s3.ts'
import { openBucket, s3Options } from './open.ts'

const pageSize = 5
const perTree = 100
/** Of this one, as many as it takes that who leaves early leaves something. */
const many = 500

const padded = (n: number, length = 4): string => String(n).padStart(length, '0')
const hex = (n: number): string =>
  (Math.imul(n + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')

/** Names of one kind each, below a prefix of their own. */
const trees: Readonly<Record<string, (n: number) => string>> = {
  flat: (n) => `object-${padded(n)}.bin`,
  deep: (n) => `${Math.floor(n / 50)}/${Math.floor(n / 10) % 5}/d/e/e/p/${n % 10}`,
  random: (n) => `${hex(n).slice(0, 2)}/${hex(n)}`,
  letters: (n) => `caf${n % 2 ? '\u00e9' : 'e\u0301'}/${padded(n)}-\u00fc\u4e2d\uffee`,
  pairs: (n) => `\u{1f4c1}${hex(n)}\u{1f600}`,
  faces: (n) => `${String.fromCodePoint(0x1f600 + (n % 64))}${padded(n)}`,
  around: (n) => `${n % 2 ? '\uffee' : '\u{10000}'}${hex(n)}`,
  last: (n) => `\uffff${'\u{10ffff}'.repeat(n % 3)}${padded(n)}`,
  slashes: (n) => `a//${'/'.repeat(n % 4)}${padded(n)}`,
  escaped: (n) => `${[' ', '+', '%', '%2F', '&', '<', '\u0001', '\r\n'][n % 8]}${padded(n)}`,
}
const all: readonly Key[] = Object.entries(trees)
  .flatMap(([tree, name]) =>
    Array.from({ length: tree === 'flat' ? many : perTree }, (_, n) => toKey(`${tree}/${name(n)}`)),
  )
  .toSorted(compareKeys)

type Question = (asked: Asked) => boolean
const isListing: Question = ({ query }) => query.has('list-type')
const isRange: Question = ({ query }) => query.has('start-after')

/** Refuses, once, what is asked so for the nth time. */
function refusing(isMeant: Question, nth: number): (asked: Asked) => Refusal | undefined {
  let seen = 0
  return (asked) =>
    isMeant(asked) && ++seen === nth ? { status: 500, code: 'InternalError' } : undefined
}

interface InPages extends AsyncDisposable {
  readonly store: Store
  readonly gateway: Gateway
}

/** The bucket in small pages, through a gateway. */
async function inPages(
  endpoint: S3Endpoint,
  bucket: Store,
  refuse?: (asked: Asked) => Refusal | undefined,
): Promise<InPages> {
  const gateway = await startGateway(endpoint.url, refuse)
  const options = s3Options({ ...endpoint, url: gateway.url }, bucket.location.root)
  const store = s3Store({ ...options, pageSize })
  return {
    store,
    gateway,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

describeS3('a listing of many pages', (endpoint) => {
  let filled: Store | undefined
  const bench = {
    get store(): Store {
      if (!filled) throw new Error('the bucket is there only inside tests')
      return filled
    },
  }
  beforeAll(async () => {
    const store = await openBucket(endpoint)
    filled = store
    await each(all, async (key) => store.write(key, Buffer.from(key)))
  })
  afterAll(async () => {
    await filled?.[Symbol.asyncDispose]()
  })

  test.each(['', ...Object.keys(trees).map((tree) => `${tree}/`), 'r', 'none/'])(
    'below %j: what one page after the other has, for few requests more',
    async (prefix) => {
      await using small = await inPages(endpoint, bench.store)
      const wanted = all.filter((key) => key.startsWith(prefix))
      const middle = wanted[Math.floor(wanted.length / 3)]
      for (const after of [undefined, ...(middle === undefined ? [] : [middle])]) {
        const { asked } = small.gateway
        const before = asked.length
        const found = await collect(small.store.list(toKey(prefix), { after }))
        expect(found).toEqual(await collect(bench.store.list(toKey(prefix), { after })))
        expect(found.map(({ key }) => key)).toEqual(
          wanted.filter((key) => after === undefined || compareKeys(key, after) > 0),
        )
        const pages = Math.max(1, Math.ceil(found.length / pageSize))
        expect(asked.length - before).toBeLessThanOrEqual(Math.ceil(1.15 * pages) + 2)
      }
    },
  )

  test('groups are listed page by page', async () => {
    await using small = await inPages(endpoint, bench.store)
    for (const prefix of ['', 'deep/', 'random/', 'pairs/', 'slashes/a//']) {
      const options: ListOptions = { shallow: true }
      const found = await collect(small.store.list(toKey(prefix), options))
      expect(found).toEqual(await collect(bench.store.list(toKey(prefix), options)))
    }
    expect(small.gateway.asked.filter(isRange)).toEqual([])
  })

  test.each(['flat', 'random', 'pairs', 'slashes'])(
    'below %s/ ranges are begun, and several pages are fetched at once',
    async (tree) => {
      await using small = await inPages(endpoint, bench.store)
      await collect(small.store.list(toKey(`${tree}/`)))
      expect(small.gateway.asked.filter(isRange).length).toBeGreaterThan(1)
      expect(small.gateway.mostAtOnce).toBeGreaterThan(1)
    },
  )

  describe.each<[string, Question, number]>([
    ['the twentieth page', isListing, 20],
    ['the first page of a range', isRange, 2],
  ])('where %s fails,', (_, isMeant, nth) => {
    test('the listing fails in its turn', async () => {
      await using small = await inPages(endpoint, bench.store, refusing(isMeant, nth))
      const found: Entry[] = []
      const reading = (async () => {
        for await (const entry of small.store.list(toKey('flat/'))) found.push(entry)
      })()
      expect(await failure(reading, 'unavailable')).toMatchObject({ op: 'list', retry: 'later' })
      const wanted = all.filter((key) => key.startsWith('flat/'))
      expect(found.map(({ key }) => key)).toEqual(wanted.slice(0, found.length))
      expect(found.length).toBeGreaterThanOrEqual(10 * pageSize)
      expect(found.length).toBeLessThan(wanted.length)
    })

    test('a listing that is tried again misses nothing and has nothing twice', async () => {
      await using small = await inPages(endpoint, bench.store, refusing(isMeant, nth))
      const { sleep, waits } = new NotedSleep()
      const found = await collect(retry(small.store, { sleep }).list(toKey('flat/')))
      expect(found).toEqual(await collect(bench.store.list(toKey('flat/'))))
      expect(waits).toHaveLength(1)
    })
  })

  test.each(['leaves', 'aborts'])('who %s early is followed by no request', async (how) => {
    await using small = await inPages(endpoint, bench.store)
    const { asked } = small.gateway
    const wanted = toKey('flat/object-0001.bin')
    const leave = new AbortController()
    const reading = (async () => {
      let taken = 0
      for await (const _ of small.store.list(toKey('flat/'), { signal: leave.signal })) {
        if (++taken < 15 * pageSize) continue
        if (how === 'leaves') return
        leave.abort()
      }
    })()
    if (how === 'aborts') await failure(reading, 'interrupted')
    else await reading
    expect(asked.filter(isRange).length).toBeGreaterThan(1)
    await small.store.stat(wanted)
    const listings = asked.filter(isListing).length
    expect(listings).toBeLessThan(many / pageSize)
    for (let n = 0; n < 10; n++) await small.store.stat(wanted)
    expect(asked.filter(isListing)).toHaveLength(listings)
  })
})
