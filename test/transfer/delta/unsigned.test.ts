// Objects that other programs wrote have no signature: what can be shown to be the same is not sent again, and whatever a
// store tells, what is there afterwards is right.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { RunMeter, type MeterTotals } from '../../../src/core/meter.ts'
import type { ObjectInfo, ObjectPart, PartReceipt, Store } from '../../../src/core/store.ts'
import { checksumOf } from '../../../src/kernels/checksums.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import { SignatureShelf } from '../../../src/transfer/delta/shelf.ts'
import { transferObject, type Transferred } from '../../../src/transfer/object.ts'
import { bytesOf, expectSame, get, MiB, put, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import {
  contextOf,
  multipartOf,
  nothing,
  storeWith,
  temporaryDirectory,
  unfinished,
  workOf,
} from '../tools.ts'
import { average, edited, strictStore } from './tools.ts'

const key = toKey('big')
const smallest = 5 * MiB
const none = Buffer.alloc(0)

/** As a program does that knows of no signatures. */
async function writeInParts(store: Store, bytes: Uint8Array, partSize: number): Promise<void> {
  const multipart = multipartOf(store)
  const upload = await multipart.begin(key)
  const receipts: PartReceipt[] = []
  for (let offset = 0; offset < bytes.length; offset += partSize) {
    const slot = { number: receipts.length + 1, offset }
    receipts.push(await multipart.part(upload, slot, bytes.subarray(offset, offset + partSize)))
  }
  await multipart.complete(upload, receipts, { size: bytes.length })
}

interface Uploaded extends Transferred {
  readonly totals: MeterTotals
}

function onWarning(message: string): void {
  expect.unreachable(message)
}

/** Uploads a file over what is there; no signature is kept of it. */
async function uploadOver(target: Store, bytes: Uint8Array, given?: Store): Promise<Uploaded> {
  const directory = await temporaryDirectory()
  writeFileSync(join(directory, 'big'), bytes)
  await using source = given ?? localStore(directory)
  const meter = new RunMeter()
  const shelf = new SignatureShelf({
    store: target,
    known: undefined,
    reserved: undefined,
    onWarning,
  })
  const context = contextOf(source, target, {
    buffers: new BufferPool(32 * MiB, 8 * MiB),
    partSize: smallest,
    delta: { threshold: 1, average, shelf },
    meter,
  })
  const done = await transferObject(await workOf(source, target, 'big'), context, nothing)
  return { ...done, totals: meter.totals() }
}

const old = bytesOf(24 * MiB + 12_345, 1)
const appended = edited(old, old.length, 0, bytesOf(1000, 2))

const edits: readonly [string, Uint8Array][] = [
  ['1,000 bytes appended', appended],
  ['nothing changed', old],
  ['cut short', old.subarray(0, 17 * MiB)],
  ['one byte changed', edited(old, 11 * MiB, 1, Buffer.from('x'))],
  ['one byte inserted at the front', edited(old, 0, 0, Buffer.from('x'))],
  ['another file', bytesOf(26 * MiB, 3)],
]

describeS3('objects without a signature', (endpoint) => {
  test.each(edits)('%s', async (name, bytes) => {
    await using target = await openBucket(endpoint)
    for (const partSize of [8 * MiB, 5 * MiB, undefined]) {
      if (partSize === undefined) await put(target, 'big', old)
      else await writeInParts(target, old, partSize)
      const { sent } = await uploadOver(target, bytes)
      expectSame(await get(target, 'big'), bytes)
      if (bytes === old || bytes === appended) expect(sent).toBeLessThan(smallest + 2000)
      if (name === 'another file' || name.includes('front')) expect(sent).toBe(bytes.length)
    }
    expect(await unfinished(target)).toEqual([])
  })

  test('random sizes, parts and edits', { timeout: 240_000 }, async () => {
    await using target = await openBucket(endpoint)
    await holds(target, 6)
  })
})

describeS3(
  'parts with checksums',
  (endpoint) => {
    test('those that did not change are not sent', async () => {
      await using target = await openBucket(endpoint)
      await writeInParts(target, old, smallest)
      const next = edited(old, 11 * MiB, 1, Buffer.from('x'))
      const { sent, totals } = await uploadOver(target, next)
      expect(sent).toBe(smallest)
      expect(totals.requests.read).toBe(undefined)
      expectSame(await get(target, 'big'), next)

      await writeInParts(target, old, smallest)
      const shorter = old.subarray(0, 17 * MiB)
      expect((await uploadOver(target, shorter)).sent).toBe(2 * MiB)
      expectSame(await get(target, 'big'), shorter)
    })
  },
  ['ceph20', 'hawser'],
)

const cases = fc.record({
  size: fc.integer({ min: 5 * MiB, max: 22 * MiB }),
  seed: fc.integer({ min: 1, max: 1000 }),
  partSize: fc.oneof(
    fc.constantFrom(5 * MiB, 8 * MiB, 15 * MiB),
    fc.integer({ min: 5 * MiB, max: 9 * MiB }),
  ),
  edit: fc.oneof(
    fc.record({
      at: fc.constant(1),
      less: fc.constant(0),
      more: fc.integer({ max: 6 * MiB, min: 0 }),
    }),
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      less: fc.integer({ min: 0, max: 3 * MiB }),
      more: fc.integer({ min: 0, max: 3 * MiB }),
    }),
  ),
})

async function holds(target: Store, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, seed, partSize, edit: { at, less, more } }) => {
      await remove(target, 'big')
      const base = bytesOf(size, seed)
      await writeInParts(target, base, partSize)
      const next = edited(base, Math.floor(at * size), less, bytesOf(more, seed + 2000))
      const { sent, saved } = await uploadOver(target, next)
      expectSame(await get(target, 'big'), next)
      expect(sent + saved).toBe(next.length)
      expect(await unfinished(target)).toEqual([])
    }),
    { numRuns, endOnFailure: true },
  )
}

test('random sizes, parts and edits, in memory', async () => holds(strictStore(), 25))

test('an append in memory is shown by the ETag of common parts', async () => {
  const target = strictStore()
  const silent = withStat(target, silenced)
  await writeInParts(target, old, 8 * MiB)
  expect((await uploadOver(silent, appended)).sent).toBeLessThan(smallest + 2000)
  await put(target, 'big', old)
  expect((await uploadOver(silent, appended)).sent).toBeLessThan(smallest + 2000)
  await writeInParts(target, old, 7 * MiB)
  expect((await uploadOver(silent, appended)).sent).toBe(appended.length)
})

/** One that tells other things of objects than are so. */
function withStat(store: Store, change: (info: ObjectInfo) => ObjectInfo): Store {
  return storeWith(store, { stat: async (at, call) => change(await store.stat(at, call)) })
}

const part = (size: number, bytes: Uint8Array): ObjectPart => ({
  size,
  checksum: { algorithm: 'CRC32', value: checksumOf('CRC32', bytes) },
})
const lies: readonly [string, (info: ObjectInfo) => ObjectInfo][] = [
  [
    'parts that are not so',
    (info) => composed(info, [part(9 * MiB, appended.subarray(0, 9 * MiB))]),
  ],
  [
    'checksums of the file, of parts that the object does not have',
    (info) => composed(info, [part(15 * MiB, changed.subarray(0, 15 * MiB))]),
  ],
  ['empty parts', (info) => composed(info, [part(0, none), part(0, none)])],
  ['no parts', (info) => composed(info, [])],
  ['a part of no size', (info) => composed(silenced(info), [{ size: 0, checksum: undefined }])],
  [
    'a part of another size',
    (info) => composed(silenced(info), [{ size: 3, checksum: undefined }]),
  ],
  [
    'a part too large',
    (info) => composed(silenced(info), [{ size: 2 ** 50, checksum: undefined }]),
  ],
  ['too many parts', (info) => ({ ...silenced(info), etag: `"${'0'.repeat(32)}-99999"` })],
  ['no digest as ETag', (info) => ({ ...silenced(info), etag: '"what-4"' })],
]
const changed = edited(old, 11 * MiB, 1, Buffer.from('x'))

function composed(info: ObjectInfo, composition: readonly ObjectPart[]): ObjectInfo {
  return { ...info, composition }
}
function silenced(info: ObjectInfo): ObjectInfo {
  return { ...info, crc64nvme: undefined, md5: undefined }
}

test.each(lies)('a store that tells %s', async (_, lie) => {
  const target = strictStore()
  await writeInParts(target, old, 8 * MiB)
  await uploadOver(withStat(target, lie), changed)
  expectSame(await get(target, 'big'), changed)
  expect(await unfinished(target)).toEqual([])
})

test('whatever a store tells of parts, what is there afterwards is right', async () => {
  const target = strictStore()
  const told = fc.array(
    fc.record({
      size: fc.oneof(
        fc.constantFrom(0, 1, 5 * MiB, 8 * MiB, 15 * MiB, old.length, old.length + 1, 2 ** 52),
        fc.nat(old.length),
      ),
      of: fc.constantFrom(old, changed),
      at: fc.oneof(fc.constantFrom(0, 8 * MiB, 16 * MiB), fc.nat(old.length)),
    }),
    { maxLength: 5 },
  )
  await fc.assert(
    fc.asyncProperty(told, fc.boolean(), async (parts, isSilent) => {
      await writeInParts(target, old, 8 * MiB)
      const composition = parts.map(({ size, of, at }) => part(size, of.subarray(at, at + size)))
      const lying = withStat(target, (info) =>
        composed(isSilent ? silenced(info) : info, composition),
      )
      await uploadOver(lying, changed)
      expectSame(await get(target, 'big'), changed)
    }),
    { numRuns: 10, endOnFailure: true },
  )
})

test('a digest of the whole that is a lie is caught before anything is published', async () => {
  const target = strictStore()
  const base = edited(old, 11 * MiB, 1, Buffer.from('y'))
  await put(target, 'big', base)
  const { crc64nvme } = await target.stat(key)
  const other = strictStore()
  await put(other, 'big', old)
  const lying = withStat(other, (info) => ({ ...info, crc64nvme }))
  const next = edited(base, base.length, 0, bytesOf(1000, 2))
  expect((await uploadOver(lying, next)).sent).toBe(next.length)
  expectSame(await get(other, 'big'), next)
})

test('a source that is not on this machine is not read for it', async () => {
  const target = strictStore()
  const source = strictStore()
  await put(source, 'big', appended)
  await writeInParts(target, old, 8 * MiB)
  const { sent, totals } = await uploadOver(
    storeWith(target, { copy: target.copy && { ...target.copy, accepts: () => false } }),
    appended,
    source,
  )
  expect(sent).toBe(appended.length)
  expect(totals.received).toBe(appended.length)
})

test('of a file that is another one, little is read, and little asked', async () => {
  const target = strictStore()
  await writeInParts(target, old, 8 * MiB)
  let read = 0
  const directory = await temporaryDirectory()
  const next = bytesOf(30 * MiB, 9)
  writeFileSync(join(directory, 'big'), next)
  const local = localStore(directory)
  const counting = storeWith(local, {
    async readInto(at, into, position, call) {
      read += into.length
      return local.readInto(at, into, position, call)
    },
  })
  const { sent, totals } = await uploadOver(target, next, counting)
  expect(sent).toBe(next.length)
  expect(read).toBeLessThan(next.length + MiB)
  expect(totals.received).toBeLessThan(MiB)
})
