import { expect, test } from 'vitest'
import { attributesOf, partsElement } from '../../../src/serve/operations/attributes.ts'
import type { ObjectRecord } from '../../../src/serve/vault/types.ts'
import { refusedCode } from './refused.ts'

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
