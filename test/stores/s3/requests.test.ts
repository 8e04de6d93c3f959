// What is sent, as the server sees it: forms that every service takes, and none that some refuse or misread.
import { describe, expect, test } from 'vitest'
import { crc64ToBase64 } from '../../../src/core/digest.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Multipart, Store } from '../../../src/core/store.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import {
  bytesOf,
  collect,
  CountedSource,
  expectSame,
  readAll,
  remove,
} from '../../conformance/tools.ts'
import { type Answer, type Asked, hostileServer } from './server.ts'

const key = toKey('dir/key')
const content = bytesOf(200_000)
const crc = crc64nvme(content)
const upload = { key, id: 'u1' }
const facts = { etag: '"e"', 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' }

function multipartOf({ multipart }: Store): Multipart {
  if (!multipart) throw new Error('no parts')
  return multipart
}

/** A service that answers whatever it is asked. */
function answer({ method, query }: Asked): Answer {
  const document = documents.find(([name, of]) => of === method && query.has(name))
  if (document) return { headers: facts, body: document[2] }
  if (method === 'GET' && query.has('list-type'))
    return { body: '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>' }
  if (method === 'GET') return { headers: facts, body: content }
  return { headers: facts, body: method === 'PUT' ? copied : '' }
}

const copied = '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>'
const documents: readonly (readonly [string, string, string])[] = [
  [
    'uploads',
    'POST',
    '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
  ],
  [
    'uploadId',
    'POST',
    '<CompleteMultipartUploadResult><ETag>"e-1"</ETag></CompleteMultipartUploadResult>',
  ],
  ['uploadId', 'GET', '<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>'],
  [
    'uploads',
    'GET',
    '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
  ],
  [
    'delete',
    'POST',
    '<DeleteResult><Deleted><Key>a</Key></Deleted><Deleted><Key>b</Key></Deleted></DeleteResult>',
  ],
]

/** Every call of the port that makes requests of an object store. */
async function callEverything(store: Store): Promise<void> {
  const multipart = multipartOf(store)
  const from = { location: store.location, key }
  await store.write(key, content, { crc64nvme: crc })
  await store.write(key, new CountedSource(content), { crc64nvme: crc })
  await store.write(key, new CountedSource(content))
  await store.stat(key)
  await readAll(await store.read(key))
  await store.copy?.copy(from, toKey('to'))
  await multipart.begin(key)
  const receipt = await multipart.part(upload, { number: 1, offset: 0 }, content)
  await multipart.complete(upload, [receipt], { size: content.length })
  await collect(multipart.parts(upload))
  await collect(multipart.uploads(toKey('')))
  await multipart.abort(upload)
  await collect(store.list(toKey('')))
  await remove(store, 'a', 'b')
}

describe('a body', () => {
  test('is plain: its bytes, their number and their checksum as headers, nothing behind it', async () => {
    await using server = await hostileServer(answer)
    await callEverything(server.store)
    const bodies = server.asked.filter(({ method }) => method === 'PUT' || method === 'POST')
    expect(bodies.length).toBe(8)
    for (const { headers, body } of bodies) {
      expect(headers['content-length']).toBe(String(body.length))
      for (const absent of [
        'transfer-encoding',
        'content-encoding',
        'trailer',
        'x-amz-trailer',
        'expect',
      ])
        expect(headers).not.toHaveProperty([absent])
      expect(headers['x-amz-content-sha256']).toMatch(/^(UNSIGNED-PAYLOAD|[0-9a-f]{64})$/)
    }
  })

  test('whose checksum is known has it with the name of its algorithm', async () => {
    await using server = await hostileServer(answer)
    const { store } = server
    const multipart = multipartOf(store)
    await store.write(key, content, { crc64nvme: crc })
    await store.write(key, new CountedSource(content), { crc64nvme: crc })
    await multipart.part(upload, { number: 1, offset: 0 }, content, { crc64nvme: crc })
    for (const { headers, body } of server.asked) {
      expectSame(body, content)
      expect(headers).toMatchObject({
        'x-amz-sdk-checksum-algorithm': 'CRC64NVME',
        'x-amz-checksum-crc64nvme': crc64ToBase64(crc),
      })
    }
    expect(server.asked.length).toBe(3)
  })
})

test('parts are named in order at the end, however they arrived', async () => {
  await using server = await hostileServer(answer)
  const receipts = [3, 1, 10, 2].map((number) => ({
    number,
    size: 10,
    etag: `"e${number}"`,
    crc64nvme: undefined,
  }))
  await multipartOf(server.store).complete(upload, receipts, { size: 40 })
  const [asked] = server.asked
  const named = [
    ...(asked?.body.toString() ?? '').matchAll(/<PartNumber>(\d+)<.*?<ETag>.*?(e\d+)/g),
  ]
  expect(named.map(([, number, etag]) => [number, etag])).toEqual(
    [1, 2, 3, 10].map((number) => [String(number), `e${number}`]),
  )
})

test('what some services answer wrongly is never asked for', async () => {
  await using server = await hostileServer(answer)
  await callEverything(server.store)
  expect(server.asked.length).toBeGreaterThan(14)
  for (const { query, headers } of server.asked) {
    expect(query.has('attributes')).toBe(false) // GetObjectAttributes
    expect(headers).not.toHaveProperty(['x-amz-object-attributes'])
  }
})

test('a listing is asked for with its names encoded', async () => {
  await using server = await hostileServer(answer)
  await collect(server.store.list(toKey('p/')))
  expect(server.asked.map(({ query }) => query.get('encoding-type'))).toEqual(['url'])
})
