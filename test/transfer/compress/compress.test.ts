// Files that travel in compressed form: to an object store and back, and what is damaged or lies on the way.
import * as fc from 'fast-check'
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { ObjectInfo, Store } from '../../../src/core/store.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { check } from '../../../src/sync/check.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { codings } from '../../../src/transfer/compress/codings.ts'
import { compressedForm, decoded } from '../../../src/transfer/compress/form.ts'
import { bytesOf, expectSame, failure, get, MiB } from '../../conformance/tools.ts'
import { place } from '../../sync/tools.ts'
import { KiB, storeWith, temporaryDirectory, temporaryState, unfinished } from '../tools.ts'

const text = (size: number): Buffer => Buffer.alloc(size, 'All work and no play. ')
/** Six of eight bits are left, so that it shrinks, to more than one part. */
const sixBits = (size: number): Uint8Array => bytesOf(size).map((byte) => byte & 63)

async function setUp(files: Record<string, Uint8Array>) {
  const directory = await temporaryDirectory()
  for (const name of ['from', 'back']) await mkdir(join(directory, name))
  const from = localStore(join(directory, 'from'))
  const back = localStore(join(directory, 'back'))
  const bucket = memoryStore()
  const state = await temporaryState()
  const write = async (name: string, bytes: Uint8Array): Promise<void> =>
    writeFile(join(directory, 'from', name), bytes)
  for (const [name, bytes] of Object.entries(files)) await write(name, bytes)
  const up = (
    options: Partial<SyncOptions> = {},
    to: Store = bucket,
    source: Store = from,
  ): Promise<RunResult> => sync(place(source), place(to), { state, compress: 'zstd', ...options })
  const down = (options: Partial<SyncOptions> = {}): Promise<RunResult> =>
    sync(place(bucket), place(back), { state, ...options })
  const restored = (name: string): Promise<Buffer> => readFile(join(directory, 'back', name))
  return { directory, from, back, bucket, state, write, up, down, restored }
}

const facts = (store: Store, key: string): Promise<ObjectInfo> => store.stat(toKey(key))

test.each(codings)('a tree goes as %s where that helps, and comes back', async (compress) => {
  const files = {
    'text.txt': text(100 * KiB),
    empty: new Uint8Array(0),
    tiny: text(1023),
    limit: text(1024),
    random: bytesOf(100 * KiB),
    'photo.jpg': text(100 * KiB),
    large: sixBits(12 * MiB),
    'large.random': bytesOf(9 * MiB),
  }
  const { up, down, bucket, restored } = await setUp(files)
  const { summary } = await up({ compress })
  expect(summary).toMatchObject({ copied: 8, failed: 0 })
  for (const [name, bytes] of Object.entries(files)) {
    const info = await facts(bucket, name)
    const shrinks = ['text.txt', 'limit', 'large'].includes(name)
    expect([name, info.properties?.contentEncoding]).toEqual([name, shrinks ? compress : undefined])
    expect(info.attributes.uncompressed).toEqual(
      shrinks ? { size: bytes.length, crc64nvme: crc64nvme(bytes) } : undefined,
    )
    expect(info.size < bytes.length).toBe(shrinks)
  }
  expect((await facts(bucket, 'text.txt')).contentType).toBe('text/plain')
  expect((await facts(bucket, 'large')).size).toBeGreaterThan(8 * MiB)
  expect(await unfinished(bucket)).toEqual([])
  expect(summary.saved).toBeGreaterThan(2 * MiB)
  expect((await down()).summary).toMatchObject({ copied: 8, failed: 0 })
  for (const [name, bytes] of Object.entries(files)) expectSame(await restored(name), bytes)
})

test('a second sync finds nothing to do: with state and without, both ways, with compression and without', async () => {
  const { up, down, from, back, bucket } = await setUp({ a: text(200 * KiB), b: text(9 * MiB) })
  await up()
  await down()
  const unchanged = { copied: 0, updated: 0, unchanged: 2, failed: 0 }
  for (const more of [{}, { checksum: true }, { compareMetadata: true }, { sizeOnly: true }]) {
    for (const state of [undefined, await temporaryState()]) {
      const how = { ...more, ...(state && { state }) }
      for (const result of [
        await up(how),
        await up({ ...how, compress: undefined }),
        await down(how),
      ])
        expect(result.summary).toMatchObject(unchanged)
    }
  }
  const listingOnly = await up()
  expect(
    Object.keys(listingOnly.summary.traffic.requests).filter((kind) => kind !== 'list'),
  ).toEqual([])
  for (const download of [false, true]) {
    expect((await check(place(from), place(bucket), { download })).findings).toEqual([])
    expect((await check(place(bucket), place(back), { download })).findings).toEqual([])
  }
})

test('what changed is sent again: also at the same size, and plainly where compression is left out', async () => {
  const { up, write, bucket, down, restored } = await setUp({ a: text(200 * KiB) })
  await up()
  const other = text(200 * KiB)
  other.set(Buffer.from('another'), 5000)
  await write('a', other)
  expect((await up({ state: await temporaryState() })).summary.copied).toBe(1)
  await down()
  expectSame(await restored('a'), other)
  await write('a', text(150 * KiB))
  expect((await up({ compress: undefined })).summary.copied).toBe(1)
  expect(compressedForm(await facts(bucket, 'a'))).toBeUndefined()
  expectSame(await get(bucket, 'a'), text(150 * KiB))
})

test('a file whose time alone changed keeps its object', async () => {
  const { up, directory, bucket } = await setUp({ a: text(200 * KiB) })
  await up()
  await utimes(join(directory, 'from', 'a'), 1_500_000_000, 1_500_000_000)
  expect((await up()).summary).toMatchObject({ copied: 0, updated: 1 })
  const info = await facts(bucket, 'a')
  expect(compressedForm(info)).toMatchObject({ coding: 'zstd', size: 200 * KiB })
  expect(info.attributes.mtime).toBe(1_500_000_000_000_000_000n)
})

test('a dry run tells what is sent', async () => {
  const { up } = await setUp({ a: text(200 * KiB), b: sixBits(12 * MiB), c: bytesOf(50 * KiB) })
  const dry = await up({ dryRun: true })
  const real = await up()
  expect(dry.summary).toMatchObject({ copied: 3, saved: real.summary.saved })
  expect(dry.predicted).toEqual(real.predicted)
  expect(real.actual?.bytes).toEqual(real.predicted?.bytes)
})

test.each([
  [
    'another size',
    (info: { size: number; crc64nvme: bigint }) => ({ ...info, size: info.size - 1 }),
  ],
  ['more bytes', (info: { size: number; crc64nvme: bigint }) => ({ ...info, size: info.size + 1 })],
  ['another checksum', (info: { size: number; crc64nvme: bigint }) => ({ ...info, crc64nvme: 1n })],
])('a marker that lies, of %s, leaves the old file', async (_, lie) => {
  for (const size of [100 * KiB, 12 * MiB]) {
    const original = size > MiB ? sixBits(size) : text(size)
    const { bucket, down, back } = await setUp({})
    await back.write(toKey('a'), Buffer.from('the old one'))
    await bucket.write(toKey('a'), zstdCompressSync(original), {
      attributes: { uncompressed: lie({ size, crc64nvme: crc64nvme(original) }) },
      properties: { contentEncoding: 'zstd' },
    })
    const { failures } = await down()
    expect(failures).toMatchObject([{ code: 'integrity' }])
    expect(Buffer.from(await get(back, 'a')).toString()).toBe('the old one')
  }
})

test('what is no such coding, or ends too soon, is damaged', async () => {
  const original = text(100 * KiB)
  const form = { size: original.length, crc64nvme: crc64nvme(original) }
  const at = { location: memoryStore().location, key: toKey('a') }
  for (const coding of codings) {
    const whole = coding === 'zstd' ? zstdCompressSync(original) : gzipSync(original)
    for (const bytes of [original, whole.subarray(0, -9), Buffer.alloc(0)]) {
      const read = Array.fromAsync(decoded(one(bytes), { coding, ...form }, at))
      await failure(read, 'integrity')
    }
  }
})

test('an encoded object without the marker stays as it is', async () => {
  const { bucket, down, restored } = await setUp({})
  const bytes = gzipSync(text(5000))
  await bucket.write(toKey('a'), bytes, { properties: { contentEncoding: 'gzip' } })
  await down()
  expectSame(await restored('a'), bytes)
})

test('a source that changes while it is compressed is not half sent, and no upload is left', async () => {
  const { up, write, from, bucket } = await setUp({ a: sixBits(12 * MiB) })
  let rounds = 0
  const changing = storeWith(from, {
    async read(...given) {
      const body = await from.read(...given)
      await write('a', sixBits(12 * MiB + ++rounds))
      return body
    },
  })
  const { failures } = await up({}, bucket, changing)
  expect(failures).toMatchObject([{ code: 'conflict' }])
  expect(rounds).toBe(3)
  expect(await unfinished(bucket)).toEqual([])
  expect(await Array.fromAsync(bucket.list(toKey('')))).toEqual([])
})

test('an interruption leaves no upload, and no object', async () => {
  const { up, bucket } = await setUp({ a: sixBits(12 * MiB) })
  const controller = new AbortController()
  const { multipart } = bucket
  if (!multipart) throw new Error('no parts')
  const interrupting = storeWith(bucket, {
    multipart: {
      ...multipart,
      async part(...given) {
        controller.abort()
        return multipart.part(...given)
      },
    },
  })
  const run = up({ signal: controller.signal }, interrupting)
  await failure(run, 'interrupted')
  expect(await unfinished(bucket)).toEqual([])
  expect(await Array.fromAsync(bucket.list(toKey('')))).toEqual([])
})

test('random bytes come back as they were', async () => {
  const runs = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      fc.tuple(fc.nat(255), fc.nat(200_000)).map(([byte, size]) => new Uint8Array(size).fill(byte)),
    ),
    { maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(runs, fc.constantFrom(...codings), async (pieces, compress) => {
      const bytes = Buffer.concat(pieces)
      const { up, down, restored } = await setUp({ a: bytes })
      await up({ compress })
      await down()
      expectSame(await restored('a'), bytes)
    }),
    { numRuns: 10 },
  )
})

test('compression is refused where it would do nothing, or contradicts', async () => {
  const { bucket, back, up, state } = await setUp({ a: text(5000) })
  const down = sync(place(bucket), place(back), { state, compress: 'zstd' })
  await failure(down, 'unsupported')
  const given = { properties: { contentEncoding: 'gzip' } }
  await failure(up(given), 'invalid-argument')
})

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
