import { expect, test } from 'vitest'
import { served } from '../../client.ts'
import { begin, completion, sendPart } from './parts.ts'

const s3 = served()

test('an upload begins', async () => {
  const name = `${await s3.bucket()}/a`
  const reply = await s3.done('POST', name, { query: { uploads: '' } })
  expect(reply.xml.name).toBe('InitiateMultipartUploadResult')
  expect([reply.get('Bucket'), reply.get('Key')]).toEqual(name.split('/'))
  expect(reply.get('UploadId')).toMatch(/^[\w.-]+$/)
  expect(reply.headers).not.toHaveProperty('x-amz-checksum-algorithm')
})

test('its object has the facts that it began with', async () => {
  const upload = await begin(s3, {
    'content-type': 'text/plain',
    'x-amz-meta-a': '1',
    'x-amz-tagging': 't=1',
    'x-amz-storage-class': 'STANDARD_IA',
  })
  const etag = (await sendPart(s3, upload, 1, 'bytes')).header('etag')
  await s3.done('POST', upload.name, completion(upload, [{ number: 1, etag }]))
  expect((await s3.done('GET', upload.name)).headers).toMatchObject({
    'content-type': 'text/plain',
    'x-amz-meta-a': '1',
    'x-amz-tagging-count': '1',
    'x-amz-storage-class': 'STANDARD_IA',
  })
})

test.each([
  ['CRC32', undefined, 'COMPOSITE'],
  ['SHA256', undefined, 'COMPOSITE'],
  ['CRC64NVME', undefined, 'FULL_OBJECT'],
  ['CRC32C', 'FULL_OBJECT', 'FULL_OBJECT'],
])('the checksum %s %s is %s', async (algorithm, type, answered) => {
  const name = `${await s3.bucket()}/a`
  const headers = {
    'x-amz-checksum-algorithm': algorithm,
    ...(type === undefined ? {} : { 'x-amz-checksum-type': type }),
  }
  const reply = await s3.done('POST', name, { query: { uploads: '' }, headers })
  expect(reply.headers).toMatchObject({
    'x-amz-checksum-algorithm': algorithm,
    'x-amz-checksum-type': answered,
  })
})

test.each<[Record<string, string>, string]>([
  [{ 'x-amz-checksum-algorithm': 'MD5' }, 'InvalidRequest'],
  [{ 'x-amz-checksum-algorithm': 'SHA1', 'x-amz-checksum-type': 'FULL_OBJECT' }, 'InvalidRequest'],
  [{ 'x-amz-checksum-type': 'COMPOSITE' }, 'InvalidRequest'],
  [{ 'x-amz-storage-class': 'COLD' }, 'InvalidStorageClass'],
  [{ 'x-amz-server-side-encryption': 'aws:kms' }, 'NotImplemented'],
])('%j is refused', async (headers, code) => {
  const sent = { query: { uploads: '' }, headers }
  expect(await s3.refused('POST', `${await s3.bucket()}/a`, sent)).toMatchObject({ code })
})
