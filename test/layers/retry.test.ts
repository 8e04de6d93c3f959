import { createHash } from 'node:crypto'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HawserError, isHawserError } from '../../src/core/errors.ts'
import type {
  Body,
  KeyRef,
  ObjectInfo,
  PartReceipt,
  Store,
  WriteOptions,
} from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import { faulty, type FaultSchedule } from '../../src/layers/faulty.ts'
import { retry, RetryBudget, type RetryOptions } from '../../src/layers/retry.ts'
import { trace } from '../../src/layers/trace.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { memoryProfile } from '../conformance/profiles.ts'
import { conformance } from '../conformance/suite.ts'
import {
  bytesOf,
  collect,
  CountedSource,
  expectSame,
  failure,
  get,
  getText,
  key,
  keys,
  put,
  readAll,
  refs,
} from '../conformance/tools.ts'
import { NotedSleep, withPart } from './tools.ts'

conformance('retry', memoryProfile, async () => ({ store: retry(memoryStore()) }))

conformance('retry over faults', memoryProfile, async () => {
  const { sleep } = new NotedSleep()
  // Unlike the others, a lost answer makes a whole body be sent again, or an upload be forgotten: not where either is counted.
  const lossy = faulty(memoryStore(), {
    seed: 7,
    rates: { 'lost-answer': 0.1 },
    only: ['remove', 'setAttributes', 'copyPart', 'complete', 'abort', 'copy'],
  })
  const broken = faulty(lossy, {
    seed: 11,
    rates: { unavailable: 0.08, 'rate-limited': 0.02, truncate: 0.1, slow: 0.1 },
  })
  return { store: retry(broken, { retries: 20, budget: new RetryBudget(1e9), sleep }) }
})

/** A memory store, its faulty form, and the retries over that, which do not wait. */
function made(
  schedule: Omit<FaultSchedule, 'seed'> & { readonly seed?: number },
  options: RetryOptions = {},
) {
  const memory = memoryStore()
  const { sleep, waits } = new NotedSleep()
  const store = retry(faulty(memory, { seed: 1, ...schedule }), { sleep, ...options })
  return { memory, store, waits }
}

const content = bytesOf(300_000, 3)
/** The schedule by which the first answer of the method is lost. */
const lostOnce = (op: 'write' | 'complete' | 'copy' | 'rename') => ({
  exactly: [{ op, nth: 1, fault: 'lost-answer' as const }],
})

describe('tries', () => {
  test('what cannot be helped fails at once', async () => {
    const { store, waits } = made({})
    const error = await failure(store.stat(key('none')), 'not-found')
    expect(error.retry).toBe('never')
    expect(waits).toEqual([])
  })

  test('what may be helped is tried so often, with growing waits, and is then exhausted', async () => {
    const seen: [number, number][] = []
    const { store, waits } = made(
      { rates: { unavailable: 1 } },
      { random: () => 0.5, onRetry: (_, count, delay) => seen.push([count, delay]) },
    )
    const error = await failure(store.stat(key('a')), 'unavailable')
    expect(error).toMatchObject({ retry: 'exhausted', op: 'stat', key: 'a' })
    expect(waits).toEqual([200, 350, 575, 912.5, 1418.75])
    expect(seen).toEqual(waits.map((delay, index) => [index + 1, delay]))
  })

  test('no wait is longer than 20 seconds', async () => {
    const { store, waits } = made(
      { rates: { unavailable: 1 } },
      { retries: 12, random: () => 0.999 },
    )
    await failure(store.stat(key('a')), 'unavailable')
    expect(waits.slice(5)).toEqual(Array.from({ length: 7 }, () => 20_000))
  })

  test('Retry-After is waited for, and a rate limit without it starts higher', async () => {
    const asked = made({ rates: { 'rate-limited': 1 }, retryAfter: 70_000 }, { random: () => 0.5 })
    await failure(asked.store.stat(key('a')), 'rate-limited')
    expect(Math.min(...asked.waits)).toBeGreaterThanOrEqual(70_000)

    const memory = memoryStore()
    const limited: Store = {
      ...passing(memory),
      stat: () =>
        Promise.reject(
          new HawserError('rate-limited', 'slow down', { op: 'stat', retry: 'later' }),
        ),
    }
    const { sleep, waits } = new NotedSleep()
    await failure(retry(limited, { sleep, random: () => 0 }).stat(key('a')), 'rate-limited')
    expect(Math.min(...waits)).toBe(1000)
  })

  test('no retries means one try', async () => {
    const { store, waits } = made({ rates: { unavailable: 1 } }, { retries: 0 })
    expect(await failure(store.stat(key('a')), 'unavailable')).toMatchObject({ retry: 'exhausted' })
    expect(waits).toEqual([])
  })

  test('an abort ends a wait, and nothing more is sent', async () => {
    const controller = new AbortController()
    const ops: string[] = []
    const broken = faulty(memoryStore(), {
      seed: 1,
      rates: { unavailable: 1 },
      onFault: (_, op) => ops.push(op),
    })
    const store = retry(broken, {
      retries: 100,
      onRetry: () => setImmediate(() => controller.abort()),
      random: () => 1,
    })
    await failure(store.stat(key('a'), { signal: controller.signal }), 'interrupted')
    expect(ops).toEqual(['stat'])
  })
})

describe('budget', () => {
  test('all calls draw from it, and successes fill it again', async () => {
    const budget = new RetryBudget(20)
    const bad = made({ rates: { unavailable: 1 } }, { budget })
    const good = retry(bad.memory, { budget })
    await failure(bad.store.stat(key('a')), 'unavailable')
    expect([bad.waits.length, budget.tokens]).toEqual([4, 0])
    await failure(bad.store.stat(key('a')), 'unavailable')
    expect(bad.waits.length).toBe(4)
    for (let i = 0; i < 5; i++) await put(good, 'a')
    expect(budget.tokens).toBe(5)
    await failure(bad.store.stat(key('a')), 'unavailable')
    expect(bad.waits.length).toBe(5)
  })

  test('a success gives back what its last retry took, up to what there was', async () => {
    const budget = new RetryBudget(100)
    const exactly = [1, 2].map((nth) => ({ op: 'write', nth, fault: 'unavailable' }) as const)
    const { store } = made({ exactly }, { budget })
    await put(store, 'a')
    expect(budget.tokens).toBe(95)
    for (let i = 0; i < 10; i++) await put(store, 'a')
    expect(budget.tokens).toBe(100)
  })
})

describe('streams', () => {
  test('a listing goes on where it broke: no key lost or doubled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' }), {
          maxLength: 200,
        }),
        fc.boolean(),
        async (seed, names, shallow) => {
          const { memory, store } = made(
            { seed, rates: { truncate: 0.6, unavailable: 0.1 } },
            { retries: 50, budget: new RetryBudget(1e9) },
          )
          for (const name of names) await put(memory, name, 'x')
          expect(await keys(store, '', { shallow })).toEqual(await keys(memory, '', { shallow }))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a listing goes on after its last key, not from its beginning', async () => {
    const memory = memoryStore()
    for (const name of ['a', 'b', 'c']) await put(memory, name)
    const asked: (string | undefined)[] = []
    const watched: Store = {
      ...passing(memory),
      async *list(prefix, options) {
        asked.push(options?.after)
        let left = 2
        for await (const entry of memory.list(prefix, options)) {
          if (left-- === 0)
            throw new HawserError('timeout', 'too slow', { op: 'list', retry: 'later' })
          yield entry
        }
      },
    }
    const { sleep } = new NotedSleep()
    expect(await keys(retry(watched, { sleep }), '')).toEqual(['a', 'b', 'c'])
    expect(asked).toEqual([undefined, 'b'])
  })

  test('a listing in no order is not continued', async () => {
    const memory = memoryStore()
    for (const name of ['a', 'b', 'c']) await put(memory, name)
    const broken = faulty(memory, { seed: 5, rates: { truncate: 1 } })
    const unordered: Store = {
      ...passing(broken),
      traits: { ...broken.traits, order: 'none' },
    }
    const { sleep } = new NotedSleep()
    const error = await failure(collect(retry(unordered, { sleep }).list(key(''))), 'unavailable')
    expect(error.retry).toBe('exhausted')
  })

  test('a read goes on at the byte where it broke', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.nat(content.length - 1),
        fc.nat(content.length),
        async (seed, start, length) => {
          const { memory, store } = made(
            { seed, rates: { truncate: 0.7 } },
            { retries: 100, budget: new RetryBudget(1e9) },
          )
          await put(memory, 'a', content)
          const range = { start, end: start + length + 1 }
          expectSame(
            await readAll(await store.read(key('a'), { range })),
            content.subarray(start, range.end),
          )
          expectSame(await get(store, 'a'), content)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a read never joins two versions', async () => {
    const { memory, store } = made({ exactly: [{ op: 'read', nth: 1, fault: 'truncate' }] })
    await put(memory, 'a', content)
    const body = await store.read(key('a'))
    await put(memory, 'a', bytesOf(content.length, 4))
    await failure(readAll(body), 'precondition-failed')
  })

  test('nor from a store that does not hold conditions', async () => {
    const memory = memoryStore()
    const broken = faulty(memory, {
      seed: 1,
      exactly: [{ op: 'read', nth: 1, fault: 'truncate' }],
    })
    const heedless: Store = {
      ...passing(broken),
      read: (name, options) => broken.read(name, { ...options, ifMatch: undefined }),
    }
    await put(memory, 'a', content)
    const { sleep } = new NotedSleep()
    const body = await retry(heedless, { sleep }).read(key('a'))
    await put(memory, 'a', bytesOf(content.length, 4))
    await failure(readAll(body), 'precondition-failed')
  })

  test('without an etag a broken read fails', async () => {
    const memory = memoryStore()
    const broken = faulty(memory, { seed: 1, rates: { truncate: 1 } })
    const tagless: Store = {
      ...passing(broken),
      async read(name, options) {
        const body = await broken.read(name, options)
        return {
          info: { ...body.info, etag: undefined },
          [Symbol.asyncIterator]: () => body[Symbol.asyncIterator](),
        }
      },
    }
    await put(memory, 'a', content)
    const { sleep, waits } = new NotedSleep()
    const error = await failure(get(retry(tagless, { sleep }), 'a'), 'unavailable')
    expect([error.retry, waits]).toEqual(['exhausted', []])
  })

  test('an answer that ends early is a failure, not the end', async () => {
    const memory = memoryStore()
    await put(memory, 'a', content)
    let calls = 0
    const short: Store = {
      ...passing(memory),
      async read(name, options) {
        const body = await memory.read(name, options)
        if (++calls > 1) return body
        return {
          info: body.info,
          async *[Symbol.asyncIterator]() {
            yield content.subarray(0, 1000)
          },
        }
      },
    }
    const { sleep } = new NotedSleep()
    expectSame(await get(retry(short, { sleep }), 'a'), content)
    expect(calls).toBe(2)
  })

  test('a part is read back again from its beginning, or not at all', async () => {
    const { store, over } = await withPart(content)
    const { sleep, waits } = new NotedSleep()
    const down = faulty(store, {
      seed: 1,
      exactly: [{ op: 'readPart', nth: 1, fault: 'unavailable' }],
    })
    expectSame(await readAll(over(retry(down, { sleep }))), content)
    expect(waits).toHaveLength(1)
    const broken = faulty(store, {
      seed: 1,
      exactly: [{ op: 'readPart', nth: 1, fault: 'truncate' }],
    })
    const error = await failure(readAll(over(retry(broken, { sleep }))), 'unavailable')
    expect(error.retry).toBe('exhausted')
    expect(waits).toHaveLength(1)
  })

  test('a body that is left before it begins frees the one below', async () => {
    const memory = memoryStore()
    await put(memory, 'a', content)
    let freed = 0
    const watched: Store = {
      ...passing(memory),
      async read(name, options) {
        const body = await memory.read(name, options)
        return {
          info: body.info,
          [Symbol.asyncIterator]() {
            const inner = body[Symbol.asyncIterator]()
            return {
              next: () => inner.next(),
              async return() {
                freed++
                return { done: true, value: undefined }
              },
            }
          },
        }
      },
    }
    const body = await retry(watched).read(key('a'))
    await body[Symbol.asyncIterator]().return?.()
    expect(freed).toBe(1)
  })
})

describe('remove', () => {
  test('every key is answered for once, whatever breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 0, max: 300 }), async (seed, count) => {
        const { memory, store } = made(
          { seed, rates: { truncate: 0.5, unavailable: 0.2 } },
          { retries: 100, budget: new RetryBudget(1e9) },
        )
        const names = Array.from({ length: count }, (_, index) => `k${index}`)
        for (const name of names) await put(memory, name, 'x')
        const removed = await collect(store.remove(refs(...names)))
        expect(removed.map((removal) => removal.key).toSorted()).toEqual(names.toSorted())
        expect(removed.filter((removal) => removal.error)).toEqual([])
        expect(await keys(memory, '')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('a key that failed is tried again alone, and at last told of', async () => {
    const memory = memoryStore()
    const asked: string[] = []
    const stubborn: Store = {
      ...passing(memory),
      async *remove(items) {
        for await (const { key: name } of items) {
          asked.push(name)
          const later = new HawserError('unavailable', 'busy', { op: 'remove', retry: 'later' })
          yield { key: name, error: name === 'b' ? later : undefined }
        }
      },
    }
    const { sleep, waits } = new NotedSleep()
    const removed = await collect(
      retry(stubborn, { sleep, retries: 2 }).remove(refs('a', 'b', 'c')),
    )
    expect(asked).toEqual(['a', 'b', 'c', 'b', 'b'])
    expect(waits).toHaveLength(2)
    expect(removed).toMatchObject([
      { key: 'a', error: undefined },
      { key: 'c', error: undefined },
      { key: 'b', error: { code: 'unavailable', retry: 'exhausted', key: 'b' } },
    ])
  })

  test('each key has its own number of tries, however well the others do', async () => {
    const memory = memoryStore()
    const asked = new Map<string, number>()
    const slow: Store = {
      ...passing(memory),
      async *remove(items) {
        let first = true
        for await (const { key: name } of items) {
          asked.set(name, (asked.get(name) ?? 0) + 1)
          const later = new HawserError('unavailable', 'busy', { op: 'remove', retry: 'later' })
          yield { key: name, error: first ? undefined : later }
          first = false
        }
      },
    }
    const { sleep } = new NotedSleep()
    const removed = await collect(
      retry(slow, { sleep, retries: 2 }).remove(refs('a', 'b', 'c', 'd', 'e')),
    )
    expect([...asked.values()]).toEqual([1, 2, 3, 3, 3])
    const errors = removed.map(({ key: name, error }) => [name, error !== undefined])
    expect(Object.fromEntries(errors)).toEqual({ a: false, b: false, c: false, d: true, e: true })
  })

  test('a key that was on its way when a batch broke is not lost', async () => {
    const memory = memoryStore()
    let calls = 0
    const ahead: Store = {
      ...passing(memory),
      async *remove(items, options) {
        if (++calls > 1) return yield* memory.remove(items, options)
        const iterator = items[Symbol.asyncIterator]()
        await iterator.next()
        // Asks for the next key, as a store with several batches under way does, and breaks meanwhile.
        void iterator.next()
        throw new HawserError('unavailable', 'broken', { op: 'remove', retry: 'later' })
      },
    }
    for (const name of ['a', 'b', 'c']) await put(memory, name)
    const { sleep } = new NotedSleep()
    const removed = await collect(retry(ahead, { sleep }).remove(slowRefs('a', 'b', 'c')))
    expect(removed.map((removal) => removal.key)).toEqual(['a', 'b', 'c'])
    expect(await keys(memory, '')).toEqual([])
  })

  test('a store that is down is told of key by key, in bounded memory', async () => {
    const memory = memoryStore()
    let pulled = 0
    async function* many() {
      for (; pulled < 5000; pulled++) yield { key: key(`k${pulled}`) }
    }
    const down: Store = {
      ...passing(memory),
      async *remove(items) {
        for await (const { key: name } of items)
          yield {
            key: name,
            error: new HawserError('unavailable', 'down', { op: 'remove', retry: 'later' }),
          }
      },
    }
    const { sleep } = new NotedSleep()
    let answered = 0
    for await (const { error } of retry(down, { sleep }).remove(many())) {
      expect(error).toMatchObject({ retry: 'exhausted' })
      expect(pulled - answered).toBeLessThanOrEqual(1001)
      answered++
    }
    expect(answered).toBe(5000)
  })

  test('what the keys themselves throw is no failure of the store', async () => {
    const { store, waits } = made({})
    expect((await failure(collect(store.remove(brokenRefs())), 'unavailable')).op).toBe('list')
    expect(waits).toEqual([])
  })

  test('the keys are released when the removals are left', async () => {
    const { memory, store } = made({})
    await put(memory, 'a')
    let released = false
    async function* endless() {
      try {
        for (;;) yield { key: key('a') }
      } finally {
        released = true
      }
    }
    for await (const removal of store.remove(endless())) {
      expect(removal.error).toBeUndefined()
      break
    }
    expect(released).toBe(true)
  })
})

describe('lost answers', () => {
  const ifAbsent = { condition: { kind: 'if-absent' } } as const

  test.each<[string, Body, WriteOptions]>([
    ['bytes', content, {}],
    ['bytes of a known CRC64NVME', content, { crc64nvme: crc64nvme(content) }],
    ['a source', new CountedSource(content), {}],
  ])('a write of %s that was made is a success', async (_, body, options) => {
    const { store, waits } = made(lostOnce('write'))
    const info = await store.write(key('a'), body, { ...options, ...ifAbsent })
    expect(info).toMatchObject({ key: 'a', size: content.length })
    expect(waits).toHaveLength(1)
    expectSame(await get(store, 'a'), content)
  })

  test('also with if-match, and by MD5 where there is no CRC64NVME', async () => {
    const memory = memoryStore()
    const { etag = '' } = await put(memory, 'a', 'old')
    const broken = faulty(memory, { seed: 1, ...lostOnce('write') })
    const crcless: Store = {
      ...passing(broken),
      stat: async (name) => withoutCrc(await broken.stat(name)),
    }
    const { sleep } = new NotedSleep()
    const condition = { kind: 'if-match', etag } as const
    await put(retry(crcless, { sleep }), 'a', 'new', { condition })
    expect(await getText(memory, 'a')).toBe('new')
  })

  test('what another one wrote is a conflict', async () => {
    const { memory, store } = made({ exactly: [{ op: 'write', nth: 1, fault: 'unavailable' }] })
    await put(memory, 'a', 'abc')
    const error = await failure(put(store, 'a', 'abd', ifAbsent), 'precondition-failed')
    expect(error.hint).toContain('look at the destination')
    expect(await getText(memory, 'a')).toBe('abc')
  })

  test('a conflict at the first try is one, even with equal bytes', async () => {
    const { store } = made({})
    await put(store, 'a', 'abc')
    await failure(put(store, 'a', 'abc', ifAbsent), 'precondition-failed')
  })

  async function sentParts(store: Store, name: string) {
    const { multipart } = store
    if (!multipart) throw new Error('no multipart')
    const upload = await multipart.begin(key(name))
    const parts: PartReceipt[] = []
    for (const [index, offset] of [0, 150_000].entries()) {
      const bytes = content.subarray(offset, offset + 150_000)
      parts.push(await multipart.part(upload, { number: index + 1, offset }, bytes))
    }
    return { multipart, upload, parts, size: content.length }
  }

  test('a completion that was made is a success', async () => {
    const { store } = made(lostOnce('complete'))
    const { multipart, upload, parts, size } = await sentParts(store, 'a')
    const info = await multipart.complete(upload, parts.toReversed(), { size })
    expect(info).toMatchObject({ key: 'a', size })
    expectSame(await get(store, 'a'), content)
  })

  test('also by the etag of the parts alone', async () => {
    const memory = memoryStore()
    const broken = faulty(memory, { seed: 1, ...lostOnce('complete') })
    const crcless: Store = {
      ...passing(broken),
      stat: async (name) => withoutCrc(await broken.stat(name)),
    }
    const { sleep } = new NotedSleep()
    const { multipart, upload, parts, size } = await sentParts(retry(crcless, { sleep }), 'a')
    const { etag } = await multipart.complete(upload, parts, { size })
    const halves = [content.subarray(0, 150_000), content.subarray(150_000)].map(md5)
    expect(etag).toBe(`"${md5(Buffer.concat(halves)).toString('hex')}-2"`)
  })

  test('an upload that is gone while the object is another one fails by name', async () => {
    const { memory, store } = made(lostOnce('complete'))
    const { multipart, upload, parts, size } = await sentParts(store, 'a')
    const completing = multipart.complete(upload, parts, { size })
    await put(memory, 'a', bytesOf(size, 8))
    const error = await failure(completing, 'not-found')
    expect(error.hint).toContain('look at the destination')
  })

  test('a rename that was made is a success, where it is told which state of the object', async () => {
    const { memory, store } = made(lostOnce('rename'))
    const from = await put(store, 'a', content)
    expect(await store.rename?.(from, key('b'))).toMatchObject({ key: 'b', size: content.length })
    expect(await keys(memory, '')).toEqual(['b'])
    const again = made(lostOnce('rename'))
    await put(again.store, 'a', content)
    const error = await failure(
      again.store.rename?.({ key: key('a') }, key('b')) ?? Promise.resolve(),
      'not-found',
    )
    expect(error.hint).toContain('look at the destination')
  })

  test('a copy under a condition that was made is a success', async () => {
    const { store } = made(lostOnce('copy'))
    const { etag } = await put(store, 'a', content)
    const from = { location: store.location, key: key('a'), etag }
    const info = await store.copy?.copy(from, key('b'), ifAbsent)
    expect(info).toMatchObject({ key: 'b', size: content.length })
  })
})

test('whatever breaks: the right content or a coded failure', async () => {
  const rate = fc.double({ min: 0, max: 0.25, noNaN: true })
  const rates = fc.record({
    unavailable: rate,
    'rate-limited': rate,
    'lost-answer': rate,
    truncate: rate,
    slow: rate,
    kill: fc.constantFrom(0, 0, 0, 0.02),
  })
  await fc.assert(
    fc.asyncProperty(fc.integer(), rates, fc.nat(5), async (seed, drawn, retries) => {
      const { memory, store } = made({ seed, rates: drawn }, { retries })
      const contents = new Map<string, Uint8Array>()
      for (let index = 0; index < 6; index++) {
        const name = `k${index}`
        const bytes = bytesOf(70_000 * index, seed + index)
        const condition = { kind: 'if-absent' } as const
        const wrote = await attempt(() => store.write(key(name), bytes, { condition }))
        if (wrote) contents.set(name, bytes)
        const read = await attempt(() => get(store, name))
        if (read) expectSame(read, bytes)
        const target = new Uint8Array(bytes.length)
        const filled = await attempt(() => store.readInto(key(name), target, 0))
        if (filled) expectSame(target, bytes)
      }
      const listed = await attempt(() => keys(store, ''))
      if (listed) expect(listed).toEqual(await keys(memory, ''))
      for (const [name, bytes] of contents) expectSame(await get(memory, name), bytes)
    }),
    { numRuns: 100 },
  )
})

/** Keys that take a turn of the event loop each. */
async function* slowRefs(...names: readonly string[]): AsyncGenerator<KeyRef> {
  for (const name of names) {
    await turnOfLoop()
    yield { key: key(name) }
  }
}

async function* brokenRefs(): AsyncGenerator<KeyRef> {
  yield { key: key('a') }
  throw new HawserError('unavailable', 'the listing broke', { op: 'list', retry: 'later' })
}

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest()
}

/** The result, or undefined for a coded failure. */
async function attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    if (!isHawserError(error) || error.code === 'internal') throw error
    return undefined
  }
}

/** The store as a literal, to change a method of. */
function passing(store: Store): Store {
  return trace(store, { onCall: () => {} })
}

function withoutCrc(info: ObjectInfo): ObjectInfo {
  return { ...info, crc64nvme: undefined }
}
