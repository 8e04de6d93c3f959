import { describe, expect, test } from 'vitest'
import type { Body, Store } from '../../src/core/store.ts'
import { Bandwidth, limit } from '../../src/layers/limit.ts'
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
  key,
  keys,
  MiB,
  put,
} from '../conformance/tools.ts'
import { FakeClock, withPart } from './tools.ts'

conformance('limit', memoryProfile, async () => ({
  store: limit(memoryStore(), { bytesPerSecond: 50 * MiB, clock: new FakeClock() }),
}))

const rate = 1_000_000
const content = bytesOf(3_000_000, 2)

function made() {
  const clock = new FakeClock()
  const bandwidth = new Bandwidth(rate, clock)
  const memory = memoryStore()
  return { clock, bandwidth, memory, store: limit(memory, { bandwidth }) }
}

/** The time of so many bytes: all but the last piece has to be waited for, and waits are whole milliseconds. */
function expectTime(clock: FakeClock, bytes: number, lastPiece: number): void {
  expect(clock.now()).toBeGreaterThanOrEqual(((bytes - lastPiece) / rate) * 1000 - 1)
  expect(clock.now()).toBeLessThanOrEqual((bytes / rate) * 1000 + 1)
}

describe('what takes time', () => {
  test.each<[string, Body]>([
    ['bytes', content],
    ['a source', new CountedSource(content, 700_000)],
  ])('a write of %s', async (_, body) => {
    const { clock, memory, store } = made()
    await store.write(key('a'), body)
    expectTime(clock, content.length, 100_000)
    expectSame(await get(memory, 'a'), content)
  })

  test('a part', async () => {
    const { clock, store } = made()
    const upload = await store.multipart?.begin(key('a'))
    if (!upload) throw new Error('no multipart')
    await store.multipart?.part(upload, { number: 1, offset: 0 }, content)
    expectTime(clock, content.length, 100_000)
  })

  test('a read', async () => {
    const { clock, memory, store } = made()
    await put(memory, 'a', content)
    expectSame(await get(store, 'a'), content)
    expectTime(clock, content.length, 65_536)
  })

  test('a part that is read back', async () => {
    const { clock, bandwidth } = made()
    const { store, over } = await withPart(content)
    await collect(over(limit(store, { bandwidth })))
    expectTime(clock, content.length, 524_288)
  })

  test('a read in place', async () => {
    const { clock, memory, store } = made()
    await put(memory, 'a', content)
    const target = new Uint8Array(2_000_000)
    await store.readInto(key('a'), target, 500_000)
    expectSame(target, content.subarray(500_000, 2_500_000))
    expectTime(clock, target.length, 65_536)
  })

  test('all stores and directions that share it, together', async () => {
    const { clock, bandwidth, memory, store } = made()
    await put(memory, 'a', content)
    const other = limit(memoryStore(), { bandwidth })
    await Promise.all([get(store, 'a'), put(other, 'b', content), put(store, 'c', content)])
    expectTime(clock, 3 * content.length, 100_000)
  })
})

test('bytes go in pieces of a tenth of a second, from 4 KiB to 1 MiB', async () => {
  for (const [bytesPerSecond, piece] of [
    [1000, 4096],
    [1_000_000, 100_000],
    [1e9, MiB],
  ] as const) {
    const memory = memoryStore()
    const sizes: number[] = []
    const watched: Store = {
      ...trace(memory, { onCall: () => {} }),
      async write(name, body) {
        if (body instanceof Uint8Array) throw new Error('not paced')
        for (const chunk of await collect(body.open({ start: 0, end: body.size })))
          sizes.push(chunk.length)
        return memory.write(name, new Uint8Array(body.size))
      },
    }
    await put(limit(watched, { bytesPerSecond, clock: new FakeClock() }), 'a', content)
    expect(Math.max(...sizes)).toBe(piece)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(content.length)
  }
})

test.each([0, Infinity])(
  'a rate of %d is no limit, and bodies stay what they are',
  async (none) => {
    const memory = memoryStore()
    const bodies: Body[] = []
    const watched: Store = {
      ...trace(memory, { onCall: () => {} }),
      write(name, body) {
        bodies.push(body)
        return memory.write(name, body)
      },
    }
    const clock = new FakeClock()
    const store = limit(watched, { bytesPerSecond: none, clock })
    await store.write(key('a'), content)
    expectSame(await get(store, 'a'), content)
    expect(bodies[0]).toBe(content)
    expect(clock.now()).toBe(0)
  },
)

function daily(minute: number, perSecond: number) {
  return { day: undefined, minute, rate: perSecond }
}

describe('a timetable', () => {
  test('is looked at while bytes wait', async () => {
    const clock = new FakeClock()
    const bytesPerSecond = [daily(0, 1), daily(1, Infinity)]
    const store = limit(memoryStore(), { bytesPerSecond, clock })
    await put(store, 'a', content)
    expect(clock.now()).toBeGreaterThanOrEqual(60_000)
    expect(clock.now()).toBeLessThanOrEqual(61_000)
  })

  test('slows down what has begun without a limit', async () => {
    const clock = new FakeClock()
    const store = limit(memoryStore(), {
      bytesPerSecond: [daily(0, Infinity), daily(1, rate)],
      clock,
    })
    const source: Body = {
      size: content.length,
      async *open({ start, end }) {
        yield content.subarray(start, 1_000_000)
        await clock.sleep(60_000, undefined)
        yield content.subarray(1_000_000, end)
      },
    }
    await store.write(key('a'), source)
    expect(clock.now() - 60_000).toBeGreaterThanOrEqual(1899)
    expect(clock.now() - 60_000).toBeLessThanOrEqual(2001)
  })
})

test('idle time is not saved up', async () => {
  const { clock, bandwidth } = made()
  await bandwidth.take(1000)
  await clock.sleep(60_000, undefined)
  const began = clock.now()
  await bandwidth.take(1_000_000)
  await bandwidth.take(1)
  expect(clock.now() - began).toBe(1000)
})

describe('an abort', () => {
  test('ends a write that waits, leaves no timer and no object', async () => {
    const { clock, memory, store } = made()
    const controller = new AbortController()
    const source = new CountedSource(content, 100_000)
    const watched: Body = {
      size: source.size,
      async *open(range) {
        for await (const chunk of source.open(range)) {
          if (clock.now() > 1000) controller.abort()
          yield chunk
        }
      },
    }
    await failure(store.write(key('a'), watched, { signal: controller.signal }), 'interrupted')
    expect(clock.sleeping).toBe(0)
    expect(clock.now()).toBeLessThan(2000)
    expect(await keys(memory, '')).toEqual([])
  })

  test('ends a wait that has begun', async () => {
    const { clock, bandwidth } = made()
    const controller = new AbortController()
    await bandwidth.take(10_000_000)
    const waiting = bandwidth.take(1, controller.signal)
    const ended = expect(waiting).rejects.toThrow('cancelled')
    expect(clock.sleeping).toBe(1)
    controller.abort()
    await ended
    expect(clock.sleeping).toBe(0)
  })

  test('ends a read', async () => {
    const { clock, memory, store } = made()
    await put(memory, 'a', content)
    const controller = new AbortController()
    const { signal } = controller
    async function run(): Promise<void> {
      for await (const chunk of await store.read(key('a'), { signal })) {
        if (clock.now() > 500) controller.abort()
        expect(chunk.length).toBeGreaterThan(0)
      }
    }
    const error = await failure(run(), 'interrupted')
    expect(error).toMatchObject({ op: 'read', key: 'a' })
    expect(clock.sleeping).toBe(0)
  })
})
