import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { RunMeter } from '../../src/core/meter.ts'
import type { Store } from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { BufferPool } from '../../src/transfer/buffers.ts'
import { crc64nvmeOf, hasEtag } from '../../src/transfer/digest.ts'
import { bytesOf, failure, MiB, put } from '../conformance/tools.ts'
import { KiB, seen } from './tools.ts'

const buffers = new BufferPool(512 * KiB, 64 * KiB)

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest()
}

/** As S3 computes it. */
function etagOfParts(bytes: Uint8Array, partSize: number): string {
  const digests: Buffer[] = []
  for (let at = 0; at < bytes.length; at += partSize)
    digests.push(md5(bytes.subarray(at, at + partSize)))
  return `"${md5(Buffer.concat(digests)).toString('hex')}-${digests.length}"`
}

async function stored(bytes: Uint8Array): Promise<Store> {
  const store = memoryStore()
  await put(store, 'a', bytes)
  return store
}

test.each([0, 1, 64 * KiB, 64 * KiB + 1, 3 * MiB + 17])('the CRC of %i bytes', async (size) => {
  const store = await stored(bytesOf(size))
  expect(await crc64nvmeOf(store, await seen(store, 'a'), { buffers })).toBe(
    crc64nvme(bytesOf(size)),
  )
})

test.each([0, 1, 200 * KiB])('the etag of %i bytes written whole', async (size) => {
  const bytes = bytesOf(size)
  const store = await stored(bytes)
  const object = await seen(store, 'a')
  const right = md5(bytes).toString('hex')
  for (const [etag, expected] of [
    [right, true],
    [`"${right}"`, true],
    [md5(bytesOf(5)).toString('hex'), false],
    ['not-a-digest', undefined],
    [right.slice(1), undefined],
    [`W/"${right}"`, undefined],
  ] as const)
    expect(await hasEtag(store, object, etag, [], { buffers })).toBe(expected)
})

test.each([7, 10, 64, 100, 150])('the etag of 200 KiB in parts of %i KiB', async (kibibytes) => {
  const bytes = bytesOf(200 * KiB)
  const store = await stored(bytes)
  const object = await seen(store, 'a')
  const partSize = kibibytes * KiB
  const etag = etagOfParts(bytes, partSize)
  const sizes = [5 * KiB, 199 * KiB, partSize, 120 * KiB]
  expect(await hasEtag(store, object, etag, sizes, { buffers })).toBe(true)
  // Of other bytes, in as many parts.
  const other = etagOfParts(bytesOf(200 * KiB, 2), partSize)
  expect(await hasEtag(store, object, other, sizes, { buffers })).toBe(false)
})

test('a count that no known part size gives proves nothing, and costs no read', async () => {
  const bytes = bytesOf(200 * KiB)
  const store = await stored(bytes)
  const meter = new RunMeter()
  const etag = etagOfParts(bytes, 10 * KiB)
  const context = { buffers, meter }
  expect(await hasEtag(store, await seen(store, 'a'), etag, [64 * KiB], context)).toBeUndefined()
  expect(meter.totals().requests).toEqual({})
})

test('one part is another etag than the whole', async () => {
  const bytes = bytesOf(1000)
  const store = await stored(bytes)
  const object = await seen(store, 'a')
  const etag = etagOfParts(bytes, 2000)
  expect(etag.endsWith('-1"')).toBe(true)
  expect(await hasEtag(store, object, etag, [5000], { buffers })).toBe(true)
  expect(await hasEtag(store, object, md5(bytes).toString('hex'), [5000], { buffers })).toBe(true)
})

test('an object that is no longer the one that was seen', async () => {
  const store = await stored(bytesOf(1000))
  const object = await seen(store, 'a')
  await put(store, 'a', bytesOf(1000, 2))
  await failure(crc64nvmeOf(store, object, { buffers }), 'precondition-failed')
})
