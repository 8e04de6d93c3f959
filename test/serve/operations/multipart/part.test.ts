import { describe, expect, test } from 'vitest'
import { bytesOf } from '../../../conformance/tools.ts'
import { served, type Sent } from '../../client.ts'
import { begin, completion, sendPart, type Begun } from './parts.ts'

const s3 = served()

test('a part is answered with its etag', async () => {
  const upload = await begin(s3)
  const reply = await sendPart(s3, upload, 1, 'hello')
  expect(reply.header('etag')).toBe('"5d41402abc4b2a76b9719d911017c592"')
})

test('and with its checksum, where the upload has one', async () => {
  const upload = await begin(s3, { 'x-amz-checksum-algorithm': 'CRC32' })
  const reply = await sendPart(s3, upload, 1, 'hello', { 'x-amz-checksum-crc32': 'NhCmhg==' })
  expect(reply.header('x-amz-checksum-crc32')).toBe('NhCmhg==')
  const query = { partNumber: '2', uploadId: upload.id }
  const wrong = { query, body: 'hello', headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }
  expect(await s3.refused('PUT', upload.name, wrong)).toMatchObject({ code: 'BadDigest' })
  expect(await s3.refused('PUT', upload.name, { query, body: 'hello' })).toMatchObject({
    code: 'InvalidRequest',
  })
  const headers = { 'x-amz-checksum-sha1': 'qvTGHdzF6KLavt4PO0gs2a6pQ00=' }
  expect(await s3.refused('PUT', upload.name, { query, body: 'hello', headers })).toMatchObject({
    code: 'InvalidRequest',
  })
})

test.each(['0', '10001', 'x', ''])('a part cannot have the number %j', async (partNumber) => {
  const { name, id } = await begin(s3)
  const query = { partNumber, uploadId: id }
  expect(await s3.refused('PUT', name, { query, body: '' })).toMatchObject({
    code: 'InvalidArgument',
  })
})

test('a part of no upload is refused', async () => {
  const { name } = await begin(s3)
  const query = { partNumber: '1', uploadId: 'nothing' }
  expect(await s3.refused('PUT', name, { query, body: '' })).toMatchObject({
    status: 404,
    code: 'NoSuchUpload',
  })
})

function from(upload: Begun, headers: Record<string, string>, number = 1): Sent {
  return { query: { partNumber: String(number), uploadId: upload.id }, headers }
}

describe('copied from an object', () => {
  test('whole, and a range of it', async () => {
    const upload = await begin(s3)
    const bytes = bytesOf(5 * 2 ** 20 + 100)
    const source = `${upload.bucket}/source`
    await s3.put(source, bytes)
    const whole = await s3.done('PUT', upload.name, from(upload, { 'x-amz-copy-source': source }))
    expect(whole.xml.name).toBe('CopyPartResult')
    expect(whole.get('LastModified')).toMatch(/Z$/)
    const ranged = { 'x-amz-copy-source': source, 'x-amz-copy-source-range': 'bytes=10-19' }
    const piece = await s3.done('PUT', upload.name, from(upload, ranged, 2))
    const parts = [whole, piece].map((reply, index) => ({
      number: index + 1,
      etag: reply.get('ETag'),
    }))
    await s3.done('POST', upload.name, completion(upload, parts))
    const expected = Buffer.concat([bytes, bytes.subarray(10, 20)])
    expect((await s3.done('GET', upload.name)).bytes.equals(expected)).toBe(true)
  })

  test('guards', async () => {
    const upload = await begin(s3)
    const source = `${upload.bucket}/source`
    const etag = (await s3.put(source, '0123456789')).header('etag') ?? ''
    const copy = async (headers: Record<string, string>): Promise<unknown> => {
      const sent = from(upload, { 'x-amz-copy-source': source, ...headers })
      const reply = await s3.send('PUT', upload.name, sent)
      return reply.status < 300 ? reply.status : reply.get('Code')
    }
    expect(await copy({ 'x-amz-copy-source-if-match': etag })).toBe(200)
    expect(await copy({ 'x-amz-copy-source-if-match': '"x"' })).toBe('PreconditionFailed')
    expect(await copy({ 'x-amz-copy-source-if-none-match': etag })).toBe('PreconditionFailed')
    expect(await copy({ 'x-amz-copy-source-range': 'bytes=0-9' })).toBe(200)
    expect(await copy({ 'x-amz-copy-source-range': 'bytes=0-10' })).toBe('InvalidArgument')
    expect(await copy({ 'x-amz-copy-source-range': 'bytes=5-' })).toBe('InvalidArgument')
    expect(await copy({ 'x-amz-copy-source': `${upload.bucket}/nothing` })).toBe('NoSuchKey')
  })
})
