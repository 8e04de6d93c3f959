import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { RunMeter } from '../../src/core/meter.ts'
import type { ObjectInfo, Store } from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copyStream, type StreamOptions } from '../../src/transfer/stream.ts'
import { bytesOf, CountedSource, expectSame, failure, get, put } from '../conformance/tools.ts'
import { Given, KiB, nothing, settled, storeWith, unfinished, withMultipart } from './tools.ts'

const partSize = 70 * KiB

function stream(
  input: AsyncIterable<Uint8Array>,
  store: Store,
  more: Partial<StreamOptions> = {},
): Promise<ObjectInfo> {
  return copyStream(input, toKey('a'), { store, partSize, ...more }, nothing)
}

/** The bytes in pieces that fit no part. */
function pieces(bytes: Uint8Array, piece = 33_333): AsyncIterable<Uint8Array> {
  return new CountedSource(bytes, piece).open({ start: 0, end: bytes.length })
}

test.each([
  ['nothing', 0, 0],
  ['one byte', 1, 0],
  ['exactly one part', partSize, 0],
  ['one part and one byte', partSize + 1, 2],
  ['exactly two parts', 2 * partSize, 2],
  ['many parts', 20 * partSize + 17, 21],
])('%s', async (_, size, parts) => {
  const [store, meter] = [memoryStore(), new RunMeter()]
  const told: number[] = []
  const options = { store, partSize, meter }
  const bytes = bytesOf(size)
  const info = await copyStream(pieces(bytes), toKey('a'), options, (done) => told.push(done))
  expectSame(await get(store, 'a'), bytes)
  expect(info).toMatchObject({ size, crc64nvme: crc64nvme(bytes) })
  expect(meter.totals().requests.part ?? 0).toBe(parts)
  expect(told.at(-1)).toBe(size)
  expect(await unfinished(store)).toEqual([])
})

test('a chunk that is bigger than several parts, and empty ones', async () => {
  const store = memoryStore()
  const bytes = bytesOf(10 * partSize)
  const empty = new Uint8Array(0)
  await stream(new Given([empty, bytes.subarray(0, 1), empty, bytes.subarray(1), empty]), store)
  expectSame(await get(store, 'a'), bytes)
})

test.each([1, 100, 64 * KiB, 65 * KiB])('parts of %i bytes find their memory', async (wanted) => {
  const store = memoryStore()
  const bytes = bytesOf(7 * wanted)
  await stream(pieces(bytes, 40_000), store, { partSize: wanted, jobs: 8 })
  expectSame(await get(store, 'a'), bytes)
})

test('parts are as big as the store wants them', async () => {
  const store = withMultipart(memoryStore(), ({ limits }) => ({
    limits: { ...limits, minPart: 80 * KiB, maxPart: 90 * KiB },
  }))
  for (const [wanted, parts] of [
    [1, 4],
    [1000 * KiB, 3],
  ] as const) {
    const meter = new RunMeter()
    await stream(pieces(bytesOf(250 * KiB)), store, { partSize: wanted, meter })
    expect(meter.totals().requests.part).toBe(parts)
  }
})

test('a stream of more parts than the store takes is refused, and nothing is left', async () => {
  const store = withMultipart(memoryStore(), ({ limits }) => ({
    limits: { ...limits, maxParts: 3 },
  }))
  await put(store, 'a', 'the old one')
  const input = new Given(Array.from({ length: 50 }, () => bytesOf(partSize)))
  const error = await failure(stream(input, store), 'unsupported')
  expect(error.hint).toContain('--part-size')
  expect(input.closed).toBe(true)
  expect(input.given).toBeLessThan(50)
  expect(await unfinished(store)).toEqual([])
  expect(Buffer.from(await get(store, 'a')).toString()).toBe('the old one')
})

test.each([0, 1, 2, 7])('an input that fails after %i parts leaves nothing', async (parts) => {
  const store = memoryStore()
  async function* input(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < parts; i++) yield bytesOf(partSize)
    throw new Error('the pipe broke')
  }
  const error = await failure(stream(input(), store), 'internal')
  expect(error.message).toContain('the pipe broke')
  expect(await unfinished(store)).toEqual([])
  await failure(store.stat(toKey('a')), 'not-found')
})

test('a store that fails closes the input', async () => {
  const input = new Given(Array.from({ length: 50 }, () => bytesOf(partSize)))
  const memory = memoryStore()
  for (const op of ['begin', 'part', 'complete'] as const) {
    const store = faulty(memory, { seed: 1, exactly: [{ op, nth: 1, fault: 'unavailable' }] })
    await failure(stream(input, store), 'unavailable')
    expect(input.closed).toBe(true)
    expect(await unfinished(memory)).toEqual([])
  }
})

test('a store without parts takes what fits into one, and says what it does not', async () => {
  const store = storeWith(memoryStore(), { multipart: undefined })
  await stream(pieces(bytesOf(partSize)), store)
  expectSame(await get(store, 'a'), bytesOf(partSize))
  const input = new Given(Array.from({ length: 50 }, () => bytesOf(partSize)))
  await failure(stream(input, store), 'unsupported')
  expect(input.closed).toBe(true)
})

test('an abort while nothing comes from the input', async () => {
  const store = memoryStore()
  for (const parts of [0, 1, 3]) {
    const controller = new AbortController()
    async function* input(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < parts; i++) yield bytesOf(partSize)
      await new Promise(() => {})
    }
    const running = failure(stream(input(), store, { signal: controller.signal }), 'interrupted')
    await settled()
    controller.abort(new Error('any reason'))
    await running
    expect(await unfinished(store)).toEqual([])
  }
})

test('a signal that has aborted before sends nothing', async () => {
  const [store, meter] = [memoryStore(), new RunMeter()]
  const input = new Given([bytesOf(1)])
  await failure(stream(input, store, { signal: AbortSignal.abort(), meter }), 'interrupted')
  expect(meter.totals().requests).toEqual({})
  expect(input.given).toBe(0)
})
