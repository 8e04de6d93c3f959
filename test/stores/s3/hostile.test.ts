// Answers that look like success and are none.
import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc64ToBase64 } from '../../../src/core/digest.ts'
import { HawserError } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import type { ObjectInfo, Store } from '../../../src/core/store.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import {
  bytesOf,
  collect,
  CountedSource,
  failure,
  readAll,
  remove,
} from '../../conformance/tools.ts'
import { type Answer, type Asked, hostileServer } from './server.ts'

const key = toKey('key')
const content = bytesOf(100_000)
const upload = { key, id: 'u1' }
const receipt = { number: 1, size: 3, etag: '"p"', crc64nvme: undefined }
const slot = { number: 1, offset: 0 }
const etag = `"${hash('md5', content)}"`
const headers = { etag, 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' }

const from = (store: Store) => ({ location: store.location, key })

describe('200 with an error inside fails:', () => {
  const calls: Record<string, (store: Store) => Promise<unknown>> = {
    complete: async (store) => store.multipart?.complete(upload, [receipt], { size: 3 }),
    copyPart: async (store) =>
      store.multipart?.copyPart?.(upload, slot, from(store), { start: 0, end: 3 }),
    copy: async (store) => store.copy?.copy(from(store), toKey('to')),
    begin: async (store) => store.multipart?.begin(key),
    list: async (store) => collect(store.list(key)),
  }
  test.each(Object.keys(calls))('%s', async (name) => {
    const body =
      '  \n<?xml version="1.0"?><Error><Code>InternalError</Code><Message>sorry</Message><RequestId>r9</RequestId></Error>'
    await using server = await hostileServer(() => ({ headers, body }))
    const error = await failure(calls[name]?.(server.store) ?? Promise.resolve(), 'unavailable')
    expect(error).toMatchObject({ retry: 'later', status: 200, requestId: 'r9', op: name })
  })

  test.each(Object.keys(calls))('%s with another document', async (name) => {
    await using server = await hostileServer(() => ({
      headers,
      body: '<Other><ETag>x</ETag></Other>',
    }))
    await failure(calls[name]?.(server.store) ?? Promise.resolve(), 'unavailable')
  })
})

const completed = (crc: string): string =>
  `<CompleteMultipartUploadResult><ETag>"x-1"</ETag><ChecksumCRC64NVME>${crc}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>`

describe('bytes that were changed on the way are an integrity error:', () => {
  const other = crc64ToBase64(crc64nvme(content) ^ 1n)
  const md5 = hash('md5', 'others')

  test.each<[string, Answer['headers']]>([
    ['the CRC64NVME of the answer', { etag, 'x-amz-checksum-crc64nvme': other }],
    ['the MD5 in the ETag', { etag: `"${md5}"` }],
  ])('by %s', async (_, answered = {}) => {
    await using server = await hostileServer(() => ({ headers: answered }))
    const { store } = server
    for (const body of [content, new CountedSource(content)])
      for (const options of [{}, { crc64nvme: crc64nvme(content) }]) {
        await failure(store.write(key, body, options), 'integrity')
        await failure(
          store.multipart?.part(upload, slot, body, options) ?? Promise.resolve(),
          'integrity',
        )
      }
  })

  test.each<[string, Record<string, string>]>([
    ['encrypted', { etag: `"${md5}"`, 'x-amz-server-side-encryption': 'aws:kms' }],
    ['of parts', { etag: `"${md5}-2"` }],
    ['right', { etag }],
  ])('not by an ETag that is %s', async (_, answered) => {
    await using server = await hostileServer(() => ({ headers: answered }))
    expect(await server.store.write(key, content)).toMatchObject({ etag: answered['etag'] })
  })

  test('by the whole, when the upload completes', async () => {
    await using server = await hostileServer(() => ({ body: completed(other) }))
    await failure(
      server.store.multipart?.complete(upload, [{ ...receipt, size: content.length }], {
        size: content.length,
        crc64nvme: crc64nvme(content),
      }) ?? Promise.resolve(),
      'integrity',
    )
  })

  test('by the CRC64NVME that the service keeps, at the end of a read', async () => {
    const kept = {
      ...headers,
      'x-amz-checksum-crc64nvme': other,
      'x-amz-checksum-type': 'FULL_OBJECT',
    }
    await using server = await hostileServer(() => ({ headers: kept, body: content }))
    const body = await server.store.read(key)
    await failure(readAll(body), 'integrity')
    const composite = { ...kept, 'x-amz-checksum-type': 'COMPOSITE' }
    await using second = await hostileServer(() => ({ headers: composite, body: content }))
    expect(await readAll(await second.store.read(key))).toHaveLength(content.length)
  })
})

describe('a range that is not the one asked for is no answer:', () => {
  const range = { start: 10, end: 20 }
  test.each<[string, Answer]>([
    ['the whole', { headers, body: content }],
    ['no Content-Range', { status: 206, headers, body: content.subarray(10, 20) }],
    [
      'another start',
      {
        status: 206,
        headers: { 'content-range': 'bytes 11-20/100000' },
        body: content.subarray(11, 21),
      },
    ],
    [
      'fewer bytes than it says',
      {
        status: 206,
        headers: { 'content-range': 'bytes 10-19/100000' },
        body: content.subarray(10, 15),
      },
    ],
  ])('%s', async (_, answer) => {
    await using server = await hostileServer(() => answer)
    const { store } = server
    await failure(store.read(key, { range }).then(readAll), 'unavailable')
    const into = async (): Promise<unknown> => store.readInto(key, new Uint8Array(10), 10)
    if (answer.status === 206) await failure(into(), 'unavailable')
  })
})

const removal = ({ body }: Asked): Answer => ({
  body: body.includes('silent')
    ? '<DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>'
    : '<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>&lt;b&gt;</Key><Code>AccessDenied</Code><Message>no</Message></Error><Error><Key>c</Key><Code>NoSuchKey</Code></Error></DeleteResult>',
})

test('a removal is believed key by key', async () => {
  await using server = await hostileServer(removal)
  expect(await remove(server.store, 'a', '<b>', 'c')).toEqual([
    { key: 'a', error: undefined },
    { key: '<b>', error: expect.objectContaining({ code: 'permission-denied', key: '<b>' }) },
    { key: 'c', error: undefined },
  ])
  const [request] = server.asked
  expect(request?.headers['content-md5']).toBe(hash('md5', request?.body ?? '', 'base64'))
  const silent = await remove(server.store, 'a', 'silent')
  expect(silent.map(({ error }) => error)).toEqual([
    expect.objectContaining({ code: 'unavailable', retry: 'later' }),
    expect.objectContaining({ code: 'unavailable', retry: 'later' }),
  ])
})

test('the service says when to come back, and where the bucket is', async () => {
  await using busy = await hostileServer(() => ({ status: 503, headers: { 'retry-after': '3' } }))
  await expect(busy.store.stat(key)).rejects.toMatchObject({
    code: 'rate-limited',
    retry: 'later',
    retryAfter: 3000,
    key,
  })
  await using elsewhere = await hostileServer(() => ({
    status: 301,
    headers: { 'x-amz-bucket-region': 'eu-central-1' },
  }))
  const error = await failure(elsewhere.store.stat(key), 'invalid-config')
  expect(error.hint).toContain('eu-central-1')
})

test('what would mean something else is never sent', async () => {
  await using server = await hostileServer(() => ({}))
  const { store } = server
  await failure(store.write(toKey(''), content), 'invalid-argument')
  await failure(store.stat(toKey('\u00e9'.repeat(513))), 'invalid-argument')
  const removed = await remove(store, '', 'x'.repeat(1025))
  expect(removed.map(({ error }) => error)).toEqual([
    expect.objectContaining({ code: 'invalid-argument' }),
    expect.objectContaining({ code: 'invalid-argument' }),
  ])
  await failure(store.buckets?.remove('a/b') ?? Promise.resolve(), 'invalid-argument')
  await using service = await hostileServer(() => ({}), { bucket: '' })
  await failure(collect(service.store.list(toKey(''))), 'invalid-argument')
  await failure(service.store.stat(key), 'invalid-argument')
  expect([...server.asked, ...service.asked]).toEqual([])
})

test('requests and bytes are counted', async () => {
  const { RunMeter } = await import('../../../src/core/meter.ts')
  const meter = new RunMeter()
  await using server = await hostileServer(({ method }) =>
    method === 'GET' ? { headers, body: content } : { headers },
  )
  await server.store.write(key, content, { meter })
  await server.store.write(key, new CountedSource(content), { meter })
  await readAll(await server.store.read(key, { meter }))
  expect(meter.totals()).toEqual({
    requests: { write: 2, read: 1 },
    sent: 200_000,
    received: 100_000,
  })
})

test("a source's own failure comes through as it is", async () => {
  await using server = await hostileServer(() => ({ headers }))
  const location = { scheme: 'file', endpoint: undefined, root: '/data' }
  const failed = new HawserError('local-io', 'the disk is broken', { op: 'read', location })
  const source = {
    size: content.length,
    async *open(): AsyncGenerator<Uint8Array> {
      yield content.subarray(0, 10)
      throw failed
    },
  }
  await expect(server.store.write(key, source)).rejects.toBe(failed)
})

test('a service that is not there is offline', async () => {
  const server = await hostileServer(() => ({}))
  const { endpoint = '' } = server.store.location
  await server[Symbol.asyncDispose]()
  await using nobody = await hostileServer(() => ({}), { endpoint })
  const error = await failure(nobody.store.stat(key), 'offline')
  expect(error).toMatchObject({ op: 'stat', key, location: nobody.store.location })
})

const crc = '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>'
const document = (inner: string): string =>
  `<GetObjectAttributesResponse><ObjectParts>${inner}</ObjectParts></GetObjectAttributesResponse>`

/** A page that tells of more. */
const endless = (next: number, count: number): string =>
  document(
    `${`<Part><PartNumber>1</PartNumber><Size>1</Size>${crc}</Part>`.repeat(count)}<IsTruncated>true</IsTruncated><NextPartNumberMarker>${next}</NextPartNumberMarker>`,
  )

function markerOf({ headers: sent }: Asked): number {
  return Number(sent['x-amz-part-number-marker'] ?? 0)
}

describe('what a service tells of the parts of an object', () => {
  const size = 20_000_000
  const parted = { ...headers, etag: `"${'0'.repeat(32)}-3"`, 'content-length': String(size) }
  const told = async (
    first: number,
    answer: (asked: Asked) => string,
  ): Promise<{ readonly parts: ObjectInfo['composition']; readonly requests: number }> => {
    await using server = await hostileServer((asked) => {
      const ofPart = asked.query.has('partNumber')
      const count = { 'x-amz-mp-parts-count': '3', 'x-amz-checksum-crc32': 'AAAAAA==' }
      if (asked.method !== 'HEAD') return { body: answer(asked) }
      return {
        headers: { ...parted, ...(ofPart && { ...count, 'content-length': String(first) }) },
      }
    })
    const { composition } = await server.store.stat(key, { composition: true })
    return { parts: composition, requests: server.asked.length }
  }
  const some = fc.oneof(
    fc.constantFrom('0', '-1', '1e9', '0x10', '', ' ', 'NaN', '5000000', '15000000', '20000000'),
    fc.constantFrom('9007199254740993', '99999999999999999999999', '1.5', '+5', '\u0665'),
    fc.nat().map(String),
  )
  const part = fc.record({ size: some, number: some, sum: fc.boolean() })

  test('is nothing, the size of the first one, or all of it', async () => {
    const page = fc.record({
      parts: fc.array(part, { maxLength: 6 }),
      more: fc.boolean(),
      next: some,
    })
    await fc.assert(
      fc.asyncProperty(page, fc.nat(30_000_000), async ({ parts, more, next }, first) => {
        const listed = parts.map(
          ({ size: bytes, number, sum }) =>
            `<Part><PartNumber>${number}</PartNumber><Size>${bytes}</Size>${sum ? crc : ''}</Part>`,
        )
        const inner = `${listed.join('')}<IsTruncated>${more}</IsTruncated><NextPartNumberMarker>${next}</NextPartNumberMarker>`
        const found = (await told(first, () => document(inner))).parts
        const isAlone = found?.length === 1 && found[0]?.checksum === undefined
        if (first === 0 || first > size) expect(found).toBeUndefined()
        else if (isAlone) expect(found).toEqual([{ size: first, checksum: undefined }])
        else {
          expect(found?.every((one) => one.size >= 0 && one.checksum !== undefined)).toBe(true)
          expect(found?.reduce((sum, one) => sum + one.size, 0)).toBe(size)
        }
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  test('has an end', async () => {
    const first = 5_000_000
    const nothing = [{ size: first, checksum: undefined }]
    expect(await told(first, () => endless(1, 1))).toMatchObject({ parts: nothing, requests: 4 })
    expect(await told(first, () => endless(10_001, 1))).toMatchObject({
      parts: nothing,
      requests: 3,
    })
    expect(await told(first, (asked) => endless(markerOf(asked) + 1, 2000))).toMatchObject({
      parts: nothing,
      requests: 8,
    })
  })
})
