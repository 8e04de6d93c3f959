import { expect, test } from 'vitest'
import { attributesOf, partsElement } from '../../../src/serve/operations/attributes.ts'
import type { ObjectRecord } from '../../../src/serve/vault/types.ts'
import { served } from '../client.ts'
import { refusedCode } from './refused.ts'

const s3 = served()

test('attributes are named in a list', () => {
  expect([...attributesOf('ETag, ObjectSize,,ETag')]).toEqual(['ETag', 'ObjectSize'])
  for (const header of [undefined, '', ' , ', 'etag', 'ETag,Colour'])
    expect(refusedCode(() => attributesOf(header))).toBe('InvalidArgument')
})

const plain: ObjectRecord = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  storageClass: 'STANDARD',
  etag: 'e',
  checksum: undefined,
  parts: undefined,
  restoration: undefined,
}

test('parts are listed by pages, where they have checksums', () => {
  const page = { after: 1, limit: 1 }
  expect(partsElement(plain, page)).toBe('')
  const parts = [1, 2, 3].map((number) => ({ number, size: number }))
  expect(partsElement({ ...plain, parts }, page)).toBe(
    '<ObjectParts><PartsCount>3</PartsCount></ObjectParts>',
  )
  const checked = parts.map((part) => ({ ...part, checksum: 'AA==' }))
  const checksum = { algorithm: 'CRC32', type: 'COMPOSITE', value: 'AA==-3' } as const
  expect(partsElement({ ...plain, parts: checked, checksum }, page)).toBe(
    '<ObjectParts><PartsCount>3</PartsCount><PartNumberMarker>1</PartNumberMarker>' +
      '<NextPartNumberMarker>2</NextPartNumberMarker><MaxParts>1</MaxParts>' +
      '<IsTruncated>true</IsTruncated><Part><PartNumber>2</PartNumber><Size>2</Size>' +
      '<ChecksumCRC32>AA==</ChecksumCRC32></Part></ObjectParts>',
  )
})

test('of an object', async () => {
  const name = `${await s3.bucket()}/a`
  await s3.put(name, 'hello', { 'x-amz-storage-class': 'STANDARD_IA' })
  const query = { attributes: '' }
  const headers = { 'x-amz-object-attributes': 'ETag,Checksum,ObjectParts,StorageClass,ObjectSize' }
  const reply = await s3.done('GET', name, { query, headers })
  expect(reply.xml.name).toBe('GetObjectAttributesResponse')
  expect(reply.get('ETag')).toBe('5d41402abc4b2a76b9719d911017c592')
  expect(reply.get('StorageClass')).toBe('STANDARD_IA')
  expect(reply.get('ObjectSize')).toBe('5')
  expect(reply.get('ObjectParts')).toBeUndefined()
  expect(reply.all('Checksum', 'ChecksumType')).toEqual(['FULL_OBJECT'])
  expect(reply.headers).toHaveProperty('last-modified')
  const size = await s3.done('GET', name, {
    query,
    headers: { 'x-amz-object-attributes': 'ObjectSize' },
  })
  expect(size.xml.children.map((child) => child.name)).toEqual(['ObjectSize'])
  expect(await s3.refused('GET', name, { query })).toMatchObject({ code: 'InvalidArgument' })
})
