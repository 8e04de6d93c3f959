import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import { faulty, type Fault, type FaultSchedule } from '../../src/layers/faulty.ts'
import { retry } from '../../src/layers/retry.ts'
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
  getText,
  key,
  keys,
  put,
  readAll,
  refs,
} from '../conformance/tools.ts'
import { NotedSleep, withPart } from './tools.ts'

conformance('faulty without faults but slow', memoryProfile, async () => ({
  store: faulty(memoryStore(), { seed: 1, rates: { slow: 0.2 } }),
}))

const content = bytesOf(200_000, 6)

function made(schedule: Omit<FaultSchedule, 'seed'> & { readonly seed?: number }) {
  const memory = memoryStore()
  return { memory, store: faulty(memory, { seed: 1, ...schedule }) }
}

describe('the schedule', () => {
  const rates = { unavailable: 0.3, 'rate-limited': 0.2 }

  test('is that of its seed, whatever other methods are called', async () => {
    const first = await outcomes(made({ seed: 4, rates }).store)
    const { store } = made({ seed: 4, rates })
    const again = await outcomes(store, () => put(store, 'a').catch(() => {}))
    expect(again).toEqual(first)
    expect(await outcomes(made({ seed: 5, rates }).store)).not.toEqual(first)
    expect(new Set(first)).toEqual(new Set(['not-found', 'unavailable', 'rate-limited']))
  })

  test('holds to its rates', async () => {
    const seen = new Map<Fault, number>()
    const onFault = (fault: Fault): unknown => seen.set(fault, (seen.get(fault) ?? 0) + 1)
    const { store } = made({ seed: 8, rates, onFault })
    for (let i = 0; i < 2000; i++) await store.stat(key('a')).catch(() => {})
    expect(Math.abs((seen.get('unavailable') ?? 0) - 600)).toBeLessThan(100)
    expect(Math.abs((seen.get('rate-limited') ?? 0) - 400)).toBeLessThan(100)
  })

  test('may be for some methods only, and for certain calls', async () => {
    const { memory, store } = made({
      rates: { unavailable: 1 },
      only: ['write'],
      exactly: [{ op: 'stat', nth: 2, fault: 'rate-limited' }],
      retryAfter: 1234,
    })
    await put(memory, 'a')
    await failure(put(store, 'b'), 'unavailable')
    await store.stat(key('a'))
    const error = await failure(store.stat(key('a')), 'rate-limited')
    expect(error).toMatchObject({ retry: 'later', retryAfter: 1234, op: 'stat', key: 'a' })
    await store.stat(key('a'))
  })

  test('is refused where it could not be followed', () => {
    for (const [op, fault] of [
      ['stat', 'truncate'],
      ['read', 'lost-answer'],
      ['list', 'wrong-bytes'],
      ['any', 'truncate'],
    ] as const)
      expect(() => made({ exactly: [{ op, nth: 1, fault }] })).toThrow('does not apply')
  })
})

describe('faults', () => {
  test('unavailable: nothing is done', async () => {
    const { memory, store } = made({ rates: { unavailable: 1 } })
    await failure(put(store, 'a'), 'unavailable')
    expect(await keys(memory, '')).toEqual([])
  })

  test('lost-answer: it is done', async () => {
    const { memory, store } = made({ rates: { 'lost-answer': 1 } })
    expect(await failure(put(store, 'a'), 'unavailable')).toMatchObject({ retry: 'later' })
    expect(await getText(memory, 'a')).toBe('a')
  })

  test('truncate: a read breaks in the middle', async () => {
    const { memory, store } = made({ rates: { truncate: 1 } })
    await put(memory, 'a', content)
    let length = 0
    const reading = (async () => {
      for await (const chunk of await store.read(key('a'))) {
        expectSame(chunk, content.subarray(length, length + chunk.length))
        length += chunk.length
      }
    })()
    await failure(reading, 'unavailable')
    expect(length).toBeLessThan(content.length)
    await failure(store.readInto(key('a'), new Uint8Array(100), 0), 'unavailable')
  })

  test('truncate and wrong-bytes: a part that is read back', async () => {
    const { store, over } = await withPart(content)
    const broken = faulty(store, {
      seed: 1,
      exactly: [
        { op: 'readPart', nth: 1, fault: 'truncate' },
        { op: 'readPart', nth: 2, fault: 'wrong-bytes' },
      ],
    })
    await failure(collect(over(broken)), 'unavailable')
    expect(bitsApart(await readAll(over(broken)), content)).toBe(1)
    expectSame(await readAll(over(broken)), content)
  })

  test('truncate: a listing and removals break, even short ones', async () => {
    const { memory, store } = made({ rates: { truncate: 1 } })
    const names = Array.from({ length: 50 }, (_, index) => `k${index}`)
    for (const name of names) await put(memory, name)
    await failure(entries(store, ''), 'unavailable')
    await failure(entries(store, 'k49'), 'unavailable')
    await failure(collect(store.remove(refs(...names))), 'unavailable')
  })

  test('wrong-bytes: one bit of what is read', async () => {
    const { memory, store } = made({ rates: { 'wrong-bytes': 1 } })
    await put(memory, 'a', content)
    expect(bitsApart(await get(store, 'a'), content)).toBe(1)
    const target = new Uint8Array(content.length)
    await store.readInto(key('a'), target, 0)
    expect(bitsApart(target, content)).toBe(1)
    expectSame(await get(memory, 'a'), content)
  })

  test('wrong-bytes: one bit of what is written, and the body stays what it was', async () => {
    const { memory, store } = made({ rates: { 'wrong-bytes': 1 }, only: ['write'] })
    const body = content.slice()
    await store.write(key('a'), body)
    expect(bitsApart(await get(memory, 'a'), content)).toBe(1)
    expectSame(body, content)
  })

  test('kill: nothing works from then on', async () => {
    const { memory, store } = made({ exactly: [{ op: 'any', nth: 3, fault: 'kill' }] })
    await put(store, 'a')
    await put(store, 'b')
    await failure(put(store, 'c'), 'unavailable')
    const { sleep, waits } = new NotedSleep()
    const error = await failure(retry(store, { sleep }).stat(key('a')), 'unavailable')
    expect([error.retry, waits]).toEqual(['never', []])
    await failure(entries(store, ''), 'unavailable')
    expect(await keys(memory, '')).toEqual(['a', 'b'])
  })
})

test('bytes that go wrong on their way are caught by a CRC64NVME, always', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
      fc.integer({ min: 1, max: 700 }),
      async (seed, bytes, piece) => {
        const { memory, store } = made({ seed, rates: { 'wrong-bytes': 1 } })
        const options = { crc64nvme: crc64nvme(bytes) }
        await failure(store.write(key('a'), bytes, options), 'integrity')
        await failure(store.write(key('a'), new CountedSource(bytes, piece), options), 'integrity')
        const upload = await store.multipart?.begin(key('a'))
        if (!upload || !store.multipart) throw new Error('no multipart')
        const slot = { number: 1, offset: 0 }
        await failure(store.multipart.part(upload, slot, bytes, options), 'integrity')
        expect(await keys(memory, '')).toEqual([])
        await put(memory, 'a', bytes)
        expect(crc64nvme(await get(store, 'a'))).not.toBe(options.crc64nvme)
      },
    ),
  )
})

/** How sixty calls end. */
async function outcomes(store: Store, between?: () => Promise<unknown>): Promise<string[]> {
  const codes: string[] = []
  for (let i = 0; i < 60; i++) {
    await between?.()
    codes.push(
      (await failure(store.stat(key('none')), 'not-found', 'unavailable', 'rate-limited')).code,
    )
  }
  return codes
}

function bitsApart(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  let bits = 0
  for (const [index, byte] of a.entries())
    for (let rest = byte ^ (b[index] ?? 0); rest > 0; rest >>= 1) bits += rest & 1
  return bits
}
