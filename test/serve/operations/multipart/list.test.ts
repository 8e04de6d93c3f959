import { expect, test } from 'vitest'
import { served } from '../../client.ts'
import { begin, sendPart } from './parts.ts'

const s3 = served()

test('parts are listed by pages', async () => {
  const upload = await begin(s3, {
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-storage-class': 'STANDARD_IA',
  })
  const checksum = { 'x-amz-checksum-crc32': 'NhCmhg==' }
  for (const number of [2, 5, 7]) await sendPart(s3, upload, number, 'hello', checksum)
  const query = { uploadId: upload.id }
  const all = await s3.done('GET', upload.name, { query })
  expect(all.xml.name).toBe('ListPartsResult')
  expect(all.all('Part', 'PartNumber')).toEqual(['2', '5', '7'])
  expect(all.all('Part', 'Size')).toEqual(['5', '5', '5'])
  expect(all.all('Part', 'ETag')[0]).toBe('"5d41402abc4b2a76b9719d911017c592"')
  expect(all.all('Part', 'ChecksumCRC32')[0]).toBe('NhCmhg==')
  expect(
    ['Bucket', 'Key', 'UploadId', 'StorageClass', 'ChecksumAlgorithm', 'ChecksumType'].map((name) =>
      all.get(name),
    ),
  ).toEqual([upload.bucket, 'object', upload.id, 'STANDARD_IA', 'CRC32', 'COMPOSITE'])
  expect([all.get('IsTruncated'), all.get('NextPartNumberMarker')]).toEqual(['false', '7'])

  const first = await s3.done('GET', upload.name, { query: { ...query, 'max-parts': '2' } })
  expect(first.all('Part', 'PartNumber')).toEqual(['2', '5'])
  expect([first.get('IsTruncated'), first.get('NextPartNumberMarker')]).toEqual(['true', '5'])
  const rest = await s3.done('GET', upload.name, { query: { ...query, 'part-number-marker': '5' } })
  expect(rest.all('Part', 'PartNumber')).toEqual(['7'])
})

test('uploads are listed by pages', async () => {
  const bucket = await s3.bucket()
  const started: (string | undefined)[] = []
  for (const key of ['a', 'a', 'b/1', 'b/2', 'c']) {
    const reply = await s3.done('POST', `${bucket}/${key}`, { query: { uploads: '' } })
    started.push(reply.get('UploadId'))
  }
  const query = { uploads: '' }
  const all = await s3.done('GET', bucket, { query })
  expect(all.xml.name).toBe('ListMultipartUploadsResult')
  expect(all.all('Upload', 'Key')).toEqual(['a', 'a', 'b/1', 'b/2', 'c'])
  expect(all.all('Upload', 'UploadId')).toEqual(started)
  expect(all.all('Upload', 'Initiated')[0]).toMatch(/\.000Z$/)

  const grouped = await s3.done('GET', bucket, { query: { ...query, delimiter: '/' } })
  expect(grouped.all('Upload', 'Key')).toEqual(['a', 'a', 'c'])
  expect(grouped.all('CommonPrefixes', 'Prefix')).toEqual(['b/'])

  const found: (string | undefined)[] = []
  let marker: Record<string, string> = {}
  for (let page = 0; page < 10; page++) {
    const reply = await s3.done('GET', bucket, {
      query: { ...query, 'max-uploads': '1', ...marker },
    })
    found.push(...reply.all('Upload', 'UploadId'))
    if (reply.get('IsTruncated') !== 'true') break
    marker = {
      'key-marker': reply.get('NextKeyMarker') ?? '',
      'upload-id-marker': reply.get('NextUploadIdMarker') ?? '',
    }
  }
  expect(found).toEqual(started)
})
