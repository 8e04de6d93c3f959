import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinKey, toKey, type Key } from '../../src/core/key.ts'
import { type MeterTotals, RunMeter } from '../../src/core/meter.ts'
import type { KeyRef, ObjectInfo, Store } from '../../src/core/store.ts'
import {
  addCounts,
  type Asked,
  factsOf,
  objectStoreShape,
  type RequestCounts,
  requestsOfCopyInside,
  requestsOfListing,
  requestsOfLooks,
  requestsOfRemovals,
  requestsOfTransfer,
  requestsOfUpdate,
  type Route,
} from '../../src/cost/requests.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { BufferPool } from '../../src/transfer/buffers.ts'
import { copyInside } from '../../src/transfer/inside.ts'
import { transferObject } from '../../src/transfer/object.ts'
import { forEachConcurrent } from '../../src/transfer/semaphore.ts'
import { bytesOf, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import {
  contextOf,
  KiB,
  multipartOf,
  nothing,
  storeWith,
  temporaryDirectory,
  workOf,
} from '../transfer/tools.ts'
import { memoryShape, MiB } from './tools.ts'

/** What a copy of an object that is there takes, as the meter counts it. */
async function measured(
  source: Store,
  target: Store,
  key: string,
  options: { partSize?: number; largest: number },
): Promise<MeterTotals> {
  const meter = new RunMeter()
  const { partSize, largest } = options
  const buffers = new BufferPool(4 * largest, largest)
  const planned = await workOf(source, target, key)
  // No service copies an object onto itself and changes nothing.
  const work = { ...planned, to: { ...planned.to, key: toKey(`${key}-copied`) } }
  await transferObject(work, contextOf(source, target, { meter, partSize, buffers }), nothing)
  return meter.totals()
}

function all({ source, target }: Asked): RequestCounts {
  return addCounts(source, target)
}

test('copies in memory take what is predicted', async () => {
  const cases = fc.record({
    size: fc.nat(200 * KiB),
    partSize: fc.integer({ min: 5 * KiB, max: 150 * KiB }),
    largest: fc.constantFrom(64 * KiB, 128 * KiB),
    // The greatest number of parts makes them larger than is wanted.
    maxParts: fc.integer({ min: 1, max: 40 }),
    inParts: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, partSize, largest, maxParts, inParts }) => {
      const [source, memory] = [memoryStore(), memoryStore()]
      const multipart = multipartOf(memory)
      const limits = { ...multipart.limits, maxParts }
      const target = storeWith(memory, {
        multipart: inParts ? { ...multipart, limits } : undefined,
      })
      await put(source, 'a', bytesOf(size))
      const facts = [factsOf(source, memoryShape), factsOf(target, memoryShape)] as const
      const route: Route = { source: facts[0], target: facts[1], partSize, largestBuffer: largest }
      const { requests } = await measured(source, target, 'a', { partSize, largest })
      expect(all(requestsOfTransfer(size, route))).toEqual(requests)
    }),
    { numRuns: 150 },
  )
})

test('copies inside take what is predicted, at once and in parts', async () => {
  const sizes = fc.record({ size: fc.nat(100), maxSize: fc.nat(100), copiesParts: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(sizes, async ({ size, maxSize, copiesParts }) => {
      const memory = memoryStore()
      const multipart = multipartOf(memory)
      const store = storeWith(memory, {
        copy: memory.copy && { ...memory.copy, maxSize },
        multipart: copiesParts ? multipart : { ...multipart, copyPart: undefined },
      })
      await put(store, 'a', bytesOf(size))
      const { requests } = await measured(store, store, 'a', { largest: 64 * KiB })
      expect(requestsOfCopyInside(size, factsOf(store, memoryShape))).toEqual(requests)
    }),
  )
})

test.each([5 * 1024 ** 3 + 1, 6 * 1024 ** 3, 1024 ** 4])(
  'a copy inside of %d bytes is cut as the code cuts it',
  async (size) => {
    const meter = new RunMeter()
    const store = hugeObjects(size)
    const context = contextOf(store, store, { meter, partSize: 8 * MiB })
    await copyInside(await workOf(store, store, 'a'), context, nothing)
    expect(requestsOfCopyInside(size, factsOf(store))).toEqual(meter.totals().requests)
  },
)

/** A store whose objects all have this size and no bytes: it copies them as S3 does. */
function hugeObjects(size: number): Store {
  const memory = memoryStore()
  const info = (key: Key): ObjectInfo => ({
    key,
    kind: 'file',
    size,
    modified: 0n,
    etag: '"e"',
    attributes: {},
    metadata: {},
  })
  return storeWith(memory, {
    stat: async (key, call) => {
      for (const _ of call?.tags ? ['facts', 'tags'] : ['facts']) call?.meter?.request('stat')
      return info(key)
    },
    copy: {
      accepts: () => true,
      maxSize: 5 * 1024 ** 3,
      copy: async () => {
        throw new Error('larger than one request copies')
      },
    },
    multipart: {
      ...multipartOf(memory),
      limits: {
        minPart: 5 * MiB,
        maxPart: 5 * 1024 * MiB,
        maxParts: 10_000,
        maxObject: 5 * 1024 ** 4,
        maxWrite: 5 * 1024 * MiB,
      },
      begin: async (key, call) => {
        call?.meter?.request('write')
        return { key, id: 'u' }
      },
      copyPart: async (_upload, { number }, _from, { start, end }, call) => {
        call?.meter?.request('copy')
        return { number, size: end - start, etag: '"p"', crc64nvme: undefined }
      },
      complete: async ({ key }, _parts, call) => {
        call?.meter?.request('write')
        return info(key)
      },
    },
  })
}

const partSize = 5 * MiB
const sizes = [0, 1, partSize, partSize + 1, 2 * partSize + 1]

describeS3(
  'what is predicted is what a service is asked',
  (endpoint) => {
    const options = { partSize, largest: 8 * MiB }
    const routeOf = (source: Store, target: Store): Route => ({
      source: factsOf(source),
      target: factsOf(target),
      partSize,
      largestBuffer: 8 * MiB,
    })

    test('uploads, downloads and what passes from service to service', async () => {
      await using bucket = await openBucket(endpoint)
      await using other = await openBucket(endpoint)
      const elsewhere = storeWith(other, { copy: undefined })
      const disk = localStore(await temporaryDirectory())
      const back = localStore(await temporaryDirectory())
      for (const size of sizes) {
        const key = `of-${size}`
        await put(disk, key, bytesOf(size))
        const ways = [
          [disk, bucket],
          [bucket, back],
          [bucket, elsewhere],
        ] as const
        await put(bucket, key, bytesOf(size))
        for (const [source, target] of ways) {
          const { requests } = await measured(source, target, key, options)
          const predicted = requestsOfTransfer(size, routeOf(source, target))
          expect(all(predicted), `${size} bytes`).toEqual(requests)
        }
      }
    })

    test('parts larger than a buffer', async () => {
      await using bucket = await openBucket(endpoint)
      await using other = await openBucket(endpoint)
      const elsewhere = storeWith(other, { copy: undefined })
      await put(bucket, 'a', bytesOf(15 * MiB))
      const wanted = { partSize: 10 * MiB, largest: 4 * MiB }
      const { requests } = await measured(bucket, elsewhere, 'a', wanted)
      const route = { ...routeOf(bucket, elsewhere), partSize: 10 * MiB, largestBuffer: 4 * MiB }
      expect(all(requestsOfTransfer(15 * MiB, route))).toEqual(requests)
    })

    test('copies inside, at once, in parts, and where a condition must hold', async () => {
      await using bucket = await openBucket(endpoint)
      const limited = storeWith(bucket, {
        copy: bucket.copy && { ...bucket.copy, maxSize: partSize },
      })
      for (const size of sizes) {
        const key = `of-${size}`
        await put(bucket, key, bytesOf(size))
        for (const store of [bucket, limited]) {
          const { requests } = await measured(store, store, key, options)
          expect(requestsOfCopyInside(size, factsOf(store)), `${size} bytes`).toEqual(requests)
        }
      }
      const meter = new RunMeter()
      const condition = { kind: 'if-absent' } as const
      const work = await workOf(bucket, bucket, 'of-1', { condition })
      const to = { ...work.to, key: toKey('new') }
      await copyInside({ ...work, to }, contextOf(bucket, bucket, { meter }), nothing)
      expect(requestsOfCopyInside(1, factsOf(bucket), true)).toEqual(meter.totals().requests)
    })

    test('removals by the thousand', async () => {
      await using bucket = await openBucket(endpoint)
      for (const count of [0, 1, 2, 1000, 1001, 2500]) {
        const meter = new RunMeter()
        for await (const { error } of bucket.remove(refs(count), { meter })) if (error) throw error
        expect(requestsOfRemovals(count, factsOf(bucket))).toEqual(meter.totals().requests)
      }
    })

    test('listings by pages', async () => {
      await using bucket = await openBucket(endpoint)
      let there = 0
      for (const count of [0, 1, 1000, 1001]) {
        const missing = Array.from({ length: count - there }, (_, i) => `n${there + i}`)
        await forEachConcurrent(missing, 16, async (name) => {
          await put(bucket, name)
        })
        there = count
        const meter = new RunMeter()
        const { length } = await Array.fromAsync(bucket.list(toKey(''), { meter }))
        expect(length).toBe(count)
        expect(requestsOfListing(count, factsOf(bucket))).toEqual(meter.totals().requests)
      }
    })
  },
  ['hawser', 'ceph20'],
)

async function* refs(count: number): AsyncGenerator<KeyRef> {
  for (let i = 0; i < count; i++) yield { key: joinKey(toKey('absent/'), String(i)) }
}

test('a file system takes no requests', async () => {
  const disk = factsOf(localStore(await temporaryDirectory()))
  const route: Route = { source: disk, target: disk, partSize: undefined, largestBuffer: 8 * MiB }
  expect(all(requestsOfTransfer(100 * MiB, route))).toEqual({})
  expect(requestsOfCopyInside(100 * MiB, disk)).toEqual({})
  expect(all(requestsOfUpdate(1, route))).toEqual({})
  expect(requestsOfListing(5, disk)).toEqual({})
  expect(requestsOfRemovals(5, disk)).toEqual({})
  expect(requestsOfLooks(5, disk)).toEqual({})
})

test('what no store takes is looked at, and no more', () => {
  const store = factsOf(memoryStore(), objectStoreShape)
  const limits = { minPart: 1, maxPart: 10, maxParts: 10, maxObject: 100, maxWrite: 10 }
  const target = { ...store, limits, maxCopy: 10 }
  const route = { source: store, target, partSize: 10, largestBuffer: 10 }
  expect(requestsOfTransfer(101, route)).toEqual({ source: { stat: 1 }, target: {} })
  expect(requestsOfCopyInside(101, target)).toEqual({ stat: 2 })
})

test('an update looks at both, changes one and looks at it again', async () => {
  const [memory, disk] = [memoryStore(), localStore(await temporaryDirectory())]
  const bucket = factsOf(storeWith(memory, { setAttributes: undefined }))
  const without = factsOf(storeWith(memory, { setAttributes: undefined, copy: undefined }))
  const routeTo = (target: Route['target']): Route => ({
    source: factsOf(disk),
    target,
    partSize: undefined,
    largestBuffer: 8 * MiB,
  })
  expect(requestsOfUpdate(1, routeTo(factsOf(memory)))).toEqual({
    source: {},
    target: { stat: 2, control: 1 },
  })
  expect(requestsOfUpdate(1, routeTo(bucket)).target).toEqual({ stat: 3, copy: 1 })
  expect(requestsOfUpdate(1, routeTo(without)).target).toEqual({ stat: 2, write: 1 })
  const down: Route = { ...routeTo(factsOf(disk)), source: bucket }
  expect(requestsOfUpdate(1, down)).toEqual({ source: { stat: 1 }, target: {} })
})
