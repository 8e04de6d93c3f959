import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import type { Store } from '../../src/core/store.ts'
import { adapt, Concurrency, ServiceConcurrency } from '../../src/layers/adapt.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { retry } from '../../src/layers/retry.ts'
import { trace } from '../../src/layers/trace.ts'
import { openS3 } from '../../src/open-s3.ts'
import { serveS3 } from '../../src/serve/server.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { memoryProfile } from '../conformance/profiles.ts'
import { conformance } from '../conformance/suite.ts'
import {
  bytesOf,
  collect,
  CountedSource,
  entries,
  expectSame,
  failure,
  get,
  key,
  put,
  readAll,
  refs,
  remove,
} from '../conformance/tools.ts'
import { FakeClock, NotedSleep, withPart } from './tools.ts'

conformance('adapt', memoryProfile, async () => ({
  store: adapt(memoryStore(), new Concurrency({ most: 64 })),
}))

conformance('adapt with one place', memoryProfile, async () => ({
  store: adapt(memoryStore(), new Concurrency({ most: 1 })),
}))

conformance('retry over adapt over faults', memoryProfile, async () => {
  const { sleep } = new NotedSleep()
  const broken = faulty(memoryStore(), {
    seed: 5,
    rates: { unavailable: 0.05, 'rate-limited': 0.1 },
  })
  const store = adapt(broken, new Concurrency({ most: 8 }))
  return { store: retry(store, { retries: 20, sleep }) }
})

const content = bytesOf(300_000, 3)
const slowDown = new HawserError('rate-limited', 'slow down', { op: 'stat', retry: 'later' })

/** A store whose `stat` answers when it is told to, as it is told to. */
function answered(most: number, onSlower?: (requests: number) => void, now?: () => number) {
  const memory = memoryStore()
  const asked: { readonly key: string; readonly end: (error?: Error) => void }[] = []
  const concurrency = new Concurrency({ most, onSlower, now })
  const slow: Store = {
    ...trace(memory, { onCall: () => {} }),
    stat: (name) => {
      const { promise, resolve, reject } =
        Promise.withResolvers<Awaited<ReturnType<Store['stat']>>>()
      const info = { ...nothing, key: name }
      asked.push({ key: name, end: (error) => (error ? reject(error) : resolve(info)) })
      return promise
    },
  }
  const store = adapt(slow, concurrency)
  /** Asks so many times; each answer's end. */
  const ask = (count: number, signal?: AbortSignal): Promise<unknown>[] =>
    Array.from({ length: count }, async (_, i) => {
      await store.stat(key(`${i}`), { signal }).catch((error: unknown) => {
        if (error !== slowDown) throw error
      })
    })
  /** Ends those that are under way, the oldest first; the others begin. */
  const end = async (count: number, error?: Error): Promise<void> => {
    for (const one of asked.splice(0, count)) one.end(error)
    await settled()
  }
  return { store, memory, concurrency, asked, ask, end }
}

const nothing = {
  kind: 'file',
  size: 0,
  modified: 0n,
  etag: undefined,
  attributes: {},
  metadata: {},
} as const

/** Everybody who can go on has done so. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('the places', () => {
  test('begin at the most, and are waited for in order', async () => {
    const { asked, ask, end, concurrency } = answered(3)
    const all = ask(5)
    await settled()
    expect(asked.map((one) => one.key)).toEqual(['0', '1', '2'])
    await end(1)
    expect(asked.map((one) => one.key)).toEqual(['1', '2', '3'])
    await end(3)
    await end(1)
    await Promise.all(all)
    expect(concurrency).toMatchObject({ active: 0, limit: 3 })
  })

  test('a refusal halves them, once for all that were under way', async () => {
    const { ask, end, concurrency, asked } = answered(64)
    const all = ask(100)
    await settled()
    expect(asked.length).toBe(64)
    await end(60, slowDown)
    expect(concurrency).toMatchObject({ limit: 32 })
    await end(4, slowDown)
    expect(concurrency).toMatchObject({ limit: 32 })
    expect(asked.length).toBe(32)
    await end(1, slowDown)
    expect(concurrency.limit).toBe(16)
    await end(31, slowDown)
    expect(concurrency.limit).toBe(16)
    await end(16)
    await Promise.all(all)
  })

  test('so many successes as there are places add one, up to the most', async () => {
    const { ask, end, concurrency } = answered(4)
    const all = ask(40)
    await settled()
    await end(4, slowDown)
    expect(concurrency.limit).toBe(2)
    await end(1)
    expect(concurrency.limit).toBe(2)
    await end(1)
    expect(concurrency.limit).toBe(3)
    await end(3)
    expect(concurrency.limit).toBe(4)
    await end(4)
    await end(4)
    expect(concurrency.limit).toBe(4)
    while (concurrency.active > 0) await end(4)
    await Promise.all(all)
  })

  test('they are never fewer than one', async () => {
    const { ask, end, concurrency } = answered(2)
    for (let i = 0; i < 3; i++) {
      const one = ask(1)
      await settled()
      await end(1, slowDown)
      await Promise.all(one)
      expect(concurrency.limit).toBe(1)
    }
  })

  test('they become no more while some are free', async () => {
    const { ask, end, concurrency } = answered(4)
    const four = ask(4)
    await settled()
    await end(4, slowDown)
    await Promise.all(four)
    for (let i = 0; i < 5; i++) {
      const one = ask(1)
      await settled()
      await end(1)
      await Promise.all(one)
    }
    expect(concurrency.limit).toBe(2)
  })

  test('a busy 503 is a refusal, other failures are none', async () => {
    for (const [code, status, limit] of [
      ['unavailable', 503, 2],
      ['unavailable', 500, 4],
      ['timeout', undefined, 4],
      ['not-found', 404, 4],
    ] as const) {
      const { ask, end, concurrency } = answered(4)
      const all = Promise.allSettled(ask(4))
      await settled()
      await end(4, new HawserError(code, 'no', { op: 'stat', status }))
      await all
      expect(concurrency).toMatchObject({ limit, active: 0 })
    }
  })

  test('fewer are told of, every ten seconds at most', async () => {
    let time = 0
    const told: number[] = []
    const { ask, end, concurrency } = answered(
      64,
      (requests) => told.push(requests),
      () => time,
    )
    const all = ask(64 + 32 + 16 + 8 + 4)
    await settled()
    for (const at of [0, 5000, 9999, 10_000]) {
      time = at
      await end(concurrency.active, slowDown)
    }
    await end(4)
    await Promise.all(all)
    expect(told).toEqual([32, 4])
  })

  test('an abort ends the waiting', async () => {
    const { ask, end, asked, concurrency, store } = answered(1)
    const first = ask(1)
    const controller = new AbortController()
    const waiting = failure(store.stat(key('x'), { signal: controller.signal }), 'interrupted')
    const last = ask(1)
    await settled()
    controller.abort()
    expect(await waiting).toMatchObject({ op: 'stat', key: 'x' })
    expect(asked.length).toBe(1)
    await end(1)
    expect(asked.length).toBe(1)
    await end(1)
    await Promise.all([...first, ...last])
    expect(concurrency.active).toBe(0)
    controller.abort()
    await failure(store.stat(key('x'), { signal: controller.signal }), 'interrupted')
  })

  test('are those of one service', () => {
    const services = new ServiceConcurrency({ most: 4 })
    const at = (endpoint: string, root: string) => services.of({ scheme: 's3', endpoint, root })
    expect(at('https://a', 'x')).toBe(at('https://a', 'y'))
    expect(at('https://a', 'x')).not.toBe(at('https://b', 'x'))
  })
})

/** Three objects behind one place, or so many. */
async function made(most = 1) {
  const concurrency = new Concurrency({ most })
  const memory = memoryStore()
  for (const name of ['a', 'b', 'c']) await put(memory, name, content)
  return { concurrency, memory, store: adapt(memory, concurrency) }
}

describe('streams', () => {
  test('a read holds its place until its end', async () => {
    const { concurrency, store } = await made()
    const body = await store.read(key('a'))
    expect(concurrency.active).toBe(1)
    for await (const chunk of body)
      expect([chunk.length > 0, concurrency.active]).toEqual([true, 1])
    expect(concurrency.active).toBe(0)
  })

  test('a read that is left frees its place, begun or not', async () => {
    const { concurrency, store } = await made()
    for await (const chunk of await store.read(key('a'))) {
      expect(chunk.length).toBeLessThan(content.length)
      break
    }
    expect(concurrency.active).toBe(0)
    const body = await store.read(key('a'))
    expect(concurrency.active).toBe(1)
    await body[Symbol.asyncIterator]().return?.()
    expect(concurrency.active).toBe(0)
  })

  test('a part that is read back holds one', async () => {
    const { store, over } = await withPart(content)
    const concurrency = new Concurrency({ most: 1 })
    let most = 0
    for await (const chunk of over(adapt(store, concurrency)))
      most = Math.max(most, chunk.length > 0 ? concurrency.active : 0)
    expect([most, concurrency.active]).toEqual([1, 0])
  })

  test('a listing holds none while its consumer thinks', async () => {
    const { concurrency, store } = await made()
    for await (const entry of store.list(key(''))) {
      expect(concurrency.active).toBe(0)
      expectSame(await get(store, entry.key), content)
    }
    expect(concurrency.active).toBe(0)
  })

  test('a listing that is refused halves the places, also where it began before they were halved', async () => {
    const { concurrency, memory } = await made(8)
    const refusing: Store = {
      ...trace(memory, { onCall: () => {} }),
      async *list(prefix) {
        yield* memory.list(prefix)
        throw slowDown
      },
      stat: async () => Promise.reject(slowDown),
    }
    const store = adapt(refusing, concurrency)
    const limits: number[] = []
    const whole = (async () => {
      for await (const { key: name } of store.list(key(''))) {
        if (name === 'a')
          await Promise.allSettled(Array.from({ length: 8 }, () => store.stat(name)))
        limits.push(concurrency.limit)
      }
    })()
    await failure(whole, 'rate-limited')
    expect(limits).toEqual([4, 4, 4])
    expect(concurrency.limit).toBe(1)
  })

  test('a removal holds none while its keys are looked for', async () => {
    const { concurrency, store, memory } = await made()
    const removals = await collect(store.remove(store.list(key(''))))
    expect(removals.map((removal) => removal.error)).toEqual([undefined, undefined, undefined])
    expect(await entries(memory, '')).toEqual([])
    expect(concurrency.active).toBe(0)
  })

  test('a removal that is refused halves the places', async () => {
    const concurrency = new Concurrency({ most: 8 })
    const memory = memoryStore()
    const refusing: Store = {
      ...trace(memory, { onCall: () => {} }),
      async *remove(keys) {
        for await (const ref of keys) yield { key: ref.key, error: slowDown }
      },
    }
    await remove(adapt(refusing, concurrency), 'a', 'b', 'c')
    expect(concurrency).toMatchObject({ limit: 1, active: 0 })
  })

  test('those that rest do not keep out who they wait for', async () => {
    const { store } = await made()
    const [a, b] = [await store.read(key('a')), await store.read(key('b'))]
    expectSame(await readAll(b), content)
    expectSame(await readAll(a), content)
  })

  test('a write does not keep out the read that it sends', async () => {
    const { store, memory, concurrency } = await made()
    const source = {
      size: content.length,
      open: async function* () {
        yield* await store.read(key('a'))
      },
    }
    await store.write(key('d'), source)
    expectSame(await get(memory, 'd'), content)
    expect(concurrency.active).toBe(0)
  })
})

test('whatever happens, all ends and every place is given back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer(),
      fc.array(fc.constantFrom('get', 'part', 'put', 'list', 'remove', 'stat', 'leave'), {
        maxLength: 30,
      }),
      async (most, seed, steps) => {
        const concurrency = new Concurrency({ most })
        const rates = { 'rate-limited': 0.2, truncate: 0.1, slow: 0.2, 'lost-answer': 0.05 }
        const memory = memoryStore()
        await put(memory, 'a', content)
        const store = adapt(faulty(memory, { seed, rates }), concurrency)
        let peak = 0
        const look = (): void => {
          peak = Math.max(peak, concurrency.active)
        }
        const run: Readonly<Record<(typeof steps)[number], () => Promise<unknown>>> = {
          get: () => get(store, 'a'),
          part: async () => store.readInto(key('a'), new Uint8Array(10), 5),
          put: async () => store.write(key('a'), new CountedSource(content, 50_000)),
          list: () => entries(store, ''),
          remove: async () => collect(store.remove(refs('x', 'y'))),
          stat: async () => store.stat(key('a')),
          leave: async () => (await store.read(key('a')))[Symbol.asyncIterator]().return?.(),
        }
        await Promise.allSettled(steps.map((step) => run[step]().finally(look)))
        expect(concurrency.active).toBe(0)
        expect(concurrency.limit).toBeGreaterThanOrEqual(1)
        expect(concurrency.limit).toBeLessThanOrEqual(most)
      },
    ),
    { numRuns: 50 },
  )
})

test('a service that takes eight requests gets about eight, whatever the jobs', async () => {
  const concurrency = new Concurrency({ most: 64 })
  const memory = memoryStore()
  let writing = 0
  // Time stands still while a request or its answer is on its way.
  const clock = new FakeClock(() => writing >= concurrency.active)
  const slow: Store = {
    ...trace(memory, { onCall: () => {} }),
    async write(...call) {
      writing++
      await clock.sleep(500, undefined)
      writing--
      return memory.write(...call)
    },
  }
  const statuses: number[] = []
  const server = await serveS3(slow, {
    limits: { requests: 8 },
    onRequest: ({ status }) => statuses.push(status),
  })
  onTestFinished(() => server.close())
  const wire = await openS3('bucket', {
    endpoint: server.url,
    credentials: async () => server.credentials[0] ?? expect.fail('no credentials'),
  })
  onTestFinished(() => wire[Symbol.asyncDispose]())
  await wire.buckets?.create('bucket')
  const store = retry(adapt(wire, concurrency), { sleep: clock.sleep })
  const names = Array.from({ length: 600 }, (_, i) => key(`object-${i}`)).values()
  async function work(): Promise<void> {
    for (const name of names) await store.write(name, new Uint8Array(100))
  }
  await Promise.all(Array.from({ length: 64 }, work))
  expect(statuses.slice(-300).filter((status) => status === 503).length).toBeLessThan(30)
  expect(concurrency.limit).toBeGreaterThanOrEqual(2)
  expect(concurrency.limit).toBeLessThanOrEqual(16)
  expect((await entries(store, '')).length).toBe(600)
})
