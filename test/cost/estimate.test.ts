import { expect, test } from 'vitest'
import { RunMeter } from '../../src/core/meter.ts'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { defaultPrices } from '../../src/cost/default-prices.ts'
import { Estimate, type EstimateOptions } from '../../src/cost/estimate.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { BufferPool } from '../../src/transfer/buffers.ts'
import { transferObject } from '../../src/transfer/object.ts'
import { bytesOf, put } from '../conformance/tools.ts'
import {
  contextOf,
  KiB,
  nothing,
  storeWith,
  temporaryDirectory,
  workOf,
} from '../transfer/tools.ts'
import { amazon, day, GB, memoryShape, MiB, storeAt } from './tools.ts'

const now = 1000n * day
const largestBuffer = 8 * MiB
const nobody = { requests: 0, transfer: 0, retrieval: 0, earlyDeletion: 0, total: 0 }

function estimate(source: Store, target: Store, more: Partial<EstimateOptions> = {}): Estimate {
  return new Estimate({ source, target, largestBuffer, now, ...more })
}

async function disk(): Promise<Store> {
  return localStore(await temporaryDirectory())
}

test('an upload: each request at its price, bytes in for nothing', async () => {
  const planned = estimate(await disk(), amazon())
  planned.list('source', 3000)
  planned.list('target', 3000)
  planned.look('target', 10)
  for (let i = 0; i < 2000; i++) planned.copy({ size: MiB, inside: false })
  planned.copy({ size: GB, inside: false })
  const { objects, bytes, requests, cost, prices, unpriced } = planned.totals()
  expect(objects).toEqual({ copied: 2001, updated: 0, removed: 0 })
  expect(bytes).toMatchObject({ copied: 2000 * MiB + GB, sent: 2000 * MiB + GB, received: 0 })
  expect(requests).toEqual({ list: 3, stat: 10, write: 2002, part: 128 })
  expect(cost?.requests).toBeCloseTo((3 * 0.005 + 10 * 0.0004 + 2130 * 0.005) / 1000, 12)
  expect(cost?.total).toBe(cost?.requests)
  expect(cost?.storagePerMonth).toBeCloseTo((2000 / 1024 + 1) * 0.023, 12)
  expect(prices).toEqual([{ name: 'Amazon S3, us-east-1', date: '2026-06-20', currency: 'USD' }])
  expect(unpriced).toEqual([])
})

test('a download: bytes out by tiers, and retrieval from where it costs', async () => {
  const planned = estimate(amazon(), await disk(), { partSize: GB })
  planned.copy({ size: 20_480 * GB, inside: false, from: 'STANDARD_IA' })
  const { bytes, cost } = planned.totals()
  expect(bytes).toMatchObject({ sent: 0, received: 20_480 * GB })
  expect(cost?.transfer).toBeCloseTo(10_240 * 0.09 + 10_240 * 0.085, 6)
  expect(cost?.retrieval).toBeCloseTo(20_480 * 0.01, 6)
  expect(cost?.requests).toBeCloseTo((20_480 + 1) * 0.000_001, 9)
  expect(cost?.storagePerMonth).toBe(0)
})

async function transferOf(gigabytes: number): Promise<number | undefined> {
  const planned = estimate(amazon(), await disk(), { partSize: 100 * GB })
  planned.copy({ size: gigabytes * GB, inside: false })
  return planned.totals().cost?.transfer
}

test('everything that goes out is in some tier', async () => {
  expect(await transferOf(0)).toBe(0)
  expect(await transferOf(10_240)).toBeCloseTo(921.6, 6)
  expect(await transferOf(200_000)).toBeCloseTo(
    921.6 + 3481.6 + 7168 + (200_000 - 153_600) * 0.05,
    6,
  )
})

test('a copy inside: the source is looked at and retrieved, no byte goes out', () => {
  const store = amazon()
  const planned = estimate(store, store)
  planned.copy({ size: GB, inside: true, from: 'GLACIER_IR', to: 'STANDARD_IA' })
  const { bytes, requests, cost } = planned.totals()
  expect(bytes).toEqual({ copied: GB, sent: 0, received: 0, inside: GB, saved: 0 })
  expect(requests).toEqual({ stat: 1, copy: 1 })
  expect(cost?.requests).toBeCloseTo((0.01 + 0.01) / 1000, 12)
  expect(cost?.retrieval).toBeCloseTo(0.03, 12)
  expect(cost?.transfer).toBe(0)
  expect(cost?.storagePerMonth).toBeCloseTo(0.0125, 12)
})

async function early(storageClass: string, age: bigint, size = GB): Promise<number | undefined> {
  const planned = estimate(await disk(), amazon())
  planned.remove({ size, storageClass, modified: now - age })
  return planned.totals().cost?.earlyDeletion
}

test('what goes before its least time is charged for the rest of it', async () => {
  expect(await early('STANDARD', 0n)).toBe(0)
  expect(await early('STANDARD_IA', 0n)).toBeCloseTo(0.0125, 12)
  expect(await early('STANDARD_IA', 15n * day)).toBeCloseTo(0.0125 / 2, 12)
  expect(await early('STANDARD_IA', 30n * day)).toBe(0)
  expect(await early('STANDARD_IA', 400n * day)).toBe(0)
  expect(await early('DEEP_ARCHIVE', 0n)).toBeCloseTo(6 * 0.00099 * (1 + 32 / 1024 ** 2), 12)
  // A time in the future is no age, and a small object is charged as a larger one.
  expect(await early('STANDARD_IA', -5n * day, 1)).toBeCloseTo((0.0125 * 128) / 1024 ** 2, 15)
})

/** 15 days old: what is left of the least time, for as much as it is charged as. */
test.each([
  ['REDUCED_REDUNDANCY', 0],
  ['INTELLIGENT_TIERING', 0],
  ['STANDARD_IA', (15 / 30) * 0.0125],
  ['ONEZONE_IA', (15 / 30) * 0.01],
  ['GLACIER_IR', (75 / 30) * 0.004],
  ['GLACIER', (75 / 30) * 0.0036 * (1 + 32 / 1024 ** 2)],
  ['DEEP_ARCHIVE', (165 / 30) * 0.00099 * (1 + 32 / 1024 ** 2)],
])('a gigabyte of %s that goes after 15 days', async (storageClass, expected) => {
  expect(await early(storageClass, 15n * day)).toBeCloseTo(expected, 12)
})

test('what is replaced goes, what replaces it comes', async () => {
  const planned = estimate(await disk(), amazon())
  const replaces = { size: 2 * GB, storageClass: 'STANDARD_IA', modified: now - 20n * day }
  planned.copy({ size: GB, inside: false, replaces })
  const { cost } = planned.totals()
  expect(cost?.earlyDeletion).toBeCloseTo((2 * 0.0125) / 3, 12)
  expect(cost?.storagePerMonth).toBeCloseTo(0.023 - 2 * 0.0125, 12)
})

test('an archive adds to each object, a part of it at the price of the default class', async () => {
  const planned = estimate(await disk(), amazon())
  for (let i = 0; i < 1024; i++) planned.copy({ size: 0, inside: false, to: 'GLACIER' })
  const { cost } = planned.totals()
  expect(cost?.storagePerMonth).toBeCloseTo((32 * 0.0036 + 8 * 0.023) / 1024, 12)
})

test('an update is a copy of the object onto itself', async () => {
  const planned = estimate(await disk(), amazon())
  planned.update({ size: GB, storageClass: 'STANDARD_IA', modified: now - 15n * day })
  const { objects, bytes, requests, cost } = planned.totals()
  expect(objects).toEqual({ copied: 0, updated: 1, removed: 0 })
  expect(bytes).toEqual({ copied: 0, sent: 0, received: 0, inside: GB, saved: 0 })
  expect(requests).toEqual({ stat: 3, copy: 1 })
  expect(cost?.retrieval).toBeCloseTo(0.01, 12)
  expect(cost?.earlyDeletion).toBeCloseTo(0.0125 / 2, 12)
  expect(cost?.storagePerMonth).toBe(0)
})

test('an update of a file looks at its source', async () => {
  const planned = estimate(amazon(), await disk())
  planned.update({ size: GB, modified: now })
  const { requests, bytes } = planned.totals()
  expect(requests).toEqual({ stat: 1 })
  expect(bytes).toEqual({ copied: 0, sent: 0, received: 0, inside: 0, saved: 0 })
})

test('an update where nothing is copied inside sends the object again', async () => {
  const planned = estimate(await disk(), storeWith(amazon(), { copy: undefined }))
  planned.update({ size: MiB, modified: now })
  const { requests, bytes } = planned.totals()
  expect(requests).toEqual({ stat: 2, write: 1 })
  expect(bytes).toEqual({ copied: 0, sent: MiB, received: 0, inside: 0, saved: 0 })
})

test('a copy that is kept beside the object', async () => {
  const planned = estimate(await disk(), amazon())
  planned.copyWithin({ size: GB, storageClass: 'STANDARD_IA', modified: now })
  const { objects, requests, cost } = planned.totals()
  expect(objects.copied).toBe(0)
  expect(requests).toEqual({ stat: 1, copy: 1 })
  expect(cost).toMatchObject({ retrieval: 0.01, earlyDeletion: 0, storagePerMonth: 0.0125 })
})

test('a rename: a copy with its signature, and the old name goes before its time', async () => {
  const planned = estimate(await disk(), amazon())
  const old = { size: GB, storageClass: 'GLACIER_IR', modified: now - 30n * day }
  planned.copyWithin(old, { conditional: true, signed: true })
  planned.remove(old, 'target', 1, 1)
  const { objects, requests, cost } = planned.totals()
  expect(objects).toEqual({ copied: 0, updated: 0, removed: 1 })
  // Alone, and its signature as always.
  expect(requests).toEqual({ stat: 2, copy: 1, write: 1, remove: 2 })
  expect(cost?.retrieval).toBeCloseTo(0.03, 12)
  expect(cost?.earlyDeletion).toBeCloseTo(2 * 0.004, 12)
  expect(cost?.storagePerMonth).toBeCloseTo(0, 12)
})

test('what a delta copies is retrieved as what has it is kept', async () => {
  const planned = estimate(await disk(), amazon())
  const delta = { parts: { uploaded: 1, copied: 1 }, signed: false, saved: GB, scanned: 0 }
  planned.copy({ size: 2 * GB, inside: false, delta: { ...delta, base: 'STANDARD_IA' } })
  expect(planned.totals().cost?.retrieval).toBeCloseTo(0.01, 12)
})

test('removals go together, on each side for itself, and cost nothing', () => {
  const store = amazon()
  const planned = estimate(store, amazon())
  for (let i = 0; i < 1001; i++) planned.remove({ size: GB, modified: now })
  planned.remove({ size: GB, modified: now }, 'source')
  const { objects, requests, cost } = planned.totals()
  expect(objects.removed).toBe(1002)
  expect(requests).toEqual({ remove: 3 })
  expect(cost).toMatchObject(nobody)
  expect(cost?.storagePerMonth).toBeCloseTo(-1002 * 0.023, 9)
})

test('bytes that are read to compare them', async () => {
  const planned = estimate(await disk(), amazon())
  planned.read('source', { size: GB })
  planned.read('target', { size: GB, storageClass: 'STANDARD_IA' }, 4)
  const { bytes, requests, cost } = planned.totals()
  expect(bytes.received).toBe(GB)
  expect(requests).toEqual({ read: 4 })
  expect(cost?.transfer).toBeCloseTo(0.09, 12)
  expect(cost?.retrieval).toBeCloseTo(0.01, 12)
})

test('no prices are known of other services, until a table is given', async () => {
  const elsewhere = 'https://minio.example:9000'
  const unknown = estimate(await disk(), storeAt(elsewhere))
  unknown.copy({ size: GB, inside: false })
  expect(unknown.totals()).toMatchObject({ cost: undefined, prices: [], unpriced: [elsewhere] })
  expect(unknown.totals().requests).toMatchObject({ part: 128 })

  const given = { ...defaultPrices, name: 'Ours', endpoints: [] }
  const known = estimate(await disk(), storeAt(elsewhere), { prices: given })
  known.copy({ size: 1, inside: false })
  expect(known.totals()).toMatchObject({ prices: [{ name: 'Ours' }], unpriced: [] })
  expect(known.totals().cost?.requests).toBeCloseTo(0.000_005, 12)

  // A table of another service leaves Amazon's as it is.
  const others = { ...defaultPrices, name: 'Others', endpoints: ['minio.example'] }
  const both = estimate(storeAt(elsewhere), amazon(), { prices: others })
  expect(both.totals().prices.map(({ name }) => name)).toEqual(['Others', 'Amazon S3, us-east-1'])
})

test('of one service whose prices are known and one whose are not, the one is counted', () => {
  const planned = estimate(storeAt('https://minio.example:9000'), amazon())
  planned.copy({ size: 1, inside: false })
  const { requests, cost, unpriced } = planned.totals()
  expect(requests).toEqual({ read: 1, write: 1 })
  expect(cost?.requests).toBeCloseTo(0.000_005, 12)
  expect(unpriced).toEqual(['https://minio.example:9000'])
})

test('a storage class that the table does not know is priced as the default one, and named', async () => {
  const planned = estimate(await disk(), amazon())
  planned.copy({ size: GB, inside: false, to: 'SNOW' })
  expect(planned.totals().unpriced).toEqual(['SNOW'])
  expect(planned.totals().cost?.storagePerMonth).toBeCloseTo(0.023, 12)
})

test('directories cost nothing', async () => {
  const planned = estimate(await disk(), await disk())
  planned.list('source', 5)
  planned.copy({ size: GB, inside: false })
  planned.update({ size: 1, modified: now })
  planned.remove({ size: 1, modified: now })
  expect(planned.totals()).toMatchObject({
    bytes: { copied: GB, sent: 0, received: 0, inside: 0, saved: 0 },
    requests: {},
    cost: undefined,
    unpriced: [],
  })
})

test('what a meter counted, at the prices that the plan met', async () => {
  const [source, target] = [await disk(), amazon()]
  const [planned, done] = [estimate(source, target), estimate(source, target)]
  for (const to of ['STANDARD', 'GLACIER_IR']) planned.copy({ size: GB / 256, inside: false, to })
  done.copy({ size: GB / 256, inside: false, to: 'STANDARD' })
  done.remove({ size: GB, storageClass: 'STANDARD_IA', modified: now })
  // One of the two failed at its third try, and bytes were received that no plan knows of.
  const traffic = { requests: { write: 4, list: 1 }, sent: GB / 64, received: GB }
  const { objects, bytes, requests, cost } = done.metered(traffic, planned)
  expect(objects).toEqual({ copied: 1, updated: 0, removed: 1 })
  expect(bytes).toEqual({ copied: GB / 256, sent: GB / 64, received: GB, inside: 0, saved: 0 })
  expect(requests).toEqual(traffic.requests)
  expect(cost?.requests).toBeCloseTo((4 * (0.005 + 0.02)) / 2 / 1000 + 0.005 / 1000, 12)
  expect(cost?.transfer).toBeCloseTo(0.09, 12)
  expect(cost?.earlyDeletion).toBeCloseTo(0.0125, 12)
  expect(cost?.total).toBeCloseTo(
    (cost?.requests ?? 0) + (cost?.transfer ?? 0) + (cost?.earlyDeletion ?? 0),
    12,
  )
})

test('what is metered without prices are requests and bytes', async () => {
  const done = estimate(await disk(), storeAt('http://127.0.0.1:1'))
  const totals = done.metered({ requests: { write: 2 }, sent: 3, received: 4 }, done)
  expect(totals).toMatchObject({ cost: undefined, requests: { write: 2 }, bytes: { sent: 3 } })
})

test('a run that goes as planned is metered as it was predicted', async () => {
  const [source, target] = [memoryStore(), memoryStore()]
  const options = { partSize: 10 * KiB, largestBuffer: 64 * KiB, shape: memoryShape }
  const planned = estimate(source, target, options)
  const meter = new RunMeter()
  const buffers = new BufferPool(512 * KiB, 64 * KiB)
  const context = contextOf(source, target, { meter, buffers, partSize: options.partSize })
  for (const size of [0, 1, 10 * KiB, 10 * KiB + 1, 95 * KiB]) {
    const key = toKey(`of-${size}`)
    await put(source, key, bytesOf(size))
    planned.copy({ size, inside: false })
    await transferObject(await workOf(source, target, key), context, nothing)
  }
  const { requests, sent, received } = meter.totals()
  expect(planned.totals().requests).toEqual(requests)
  expect(planned.totals().bytes).toMatchObject({ sent, received })
})
