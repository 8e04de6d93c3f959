import { describe, expect, test } from 'vitest'
import { factsFrom } from '../../../src/serve/operations/facts.ts'
import { refused, refusedCode } from './refused.ts'

test('of a request that says nothing', () => {
  expect(factsFrom({ host: 'x' })).toEqual({
    contentType: undefined,
    headers: {},
    metadata: {},
    tags: {},
    storageClass: 'STANDARD',
  })
})

test('of a request that says all', () => {
  expect(
    factsFrom({
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      'content-disposition': 'inline',
      'content-encoding': 'gzip',
      'content-language': 'de',
      expires: 'never',
      'x-amz-meta-a': '=?UTF-8?B?w6k=?=',
      'x-amz-meta-__proto__': 'b',
      'x-amz-tagging': 'k=v%20w&l=',
      'x-amz-storage-class': 'GLACIER',
      'x-amz-acl': 'private',
    }),
  ).toEqual({
    contentType: 'text/plain',
    headers: {
      'cache-control': 'no-store',
      'content-disposition': 'inline',
      'content-encoding': 'gzip',
      'content-language': 'de',
      expires: 'never',
    },
    metadata: Object.fromEntries([
      ['a', 'é'],
      ['__proto__', 'b'],
    ]),
    tags: { k: 'v w', l: '' },
    storageClass: 'GLACIER',
  })
})

test.each([
  ['aws-chunked', undefined],
  ['aws-chunked,gzip', 'gzip'],
  ['gzip, AWS-chunked', 'gzip'],
  ['gzip, br', 'gzip, br'],
])('the encoding %s is kept as %s', (sent, kept) => {
  expect(factsFrom({ 'content-encoding': sent }).headers['content-encoding']).toBe(kept)
})

describe('metadata', () => {
  test('of 2 KiB in UTF-8 is taken, of more it is not', () => {
    expect(factsFrom({ 'x-amz-meta-a': 'x'.repeat(2047) }).metadata['a']).toHaveLength(2047)
    expect(refused(() => factsFrom({ 'x-amz-meta-a': 'x'.repeat(2048) }))).toMatchObject({
      code: 'MetadataTooLarge',
      extra: { Size: '2049', MaxSizeAllowed: '2048' },
    })
  })

  test('with a name that no header has is refused', () => {
    expect(refusedCode(() => factsFrom({ 'x-amz-meta-a b': 'c' }))).toBe('InvalidArgument')
  })
})

test.each([
  ['x-amz-acl', 'public-read'],
  ['x-amz-grant-read', 'id=1'],
  ['x-amz-server-side-encryption', 'AES256'],
  ['x-amz-server-side-encryption-customer-algorithm', 'AES256'],
  ['x-amz-object-lock-mode', 'GOVERNANCE'],
  ['x-amz-website-redirect-location', '/'],
  ['x-amz-write-offset-bytes', '0'],
])('%s: %s is not implemented', (name, value) => {
  expect(refused(() => factsFrom({ [name]: value }))).toMatchObject({
    status: 501,
    extra: { Header: name },
  })
})

test.each(['OUTPOSTS', 'standard', ''])('the storage class %j is refused', (storageClass) => {
  expect(refusedCode(() => factsFrom({ 'x-amz-storage-class': storageClass }))).toBe(
    'InvalidStorageClass',
  )
})

test('a header that could not be returned is refused', () => {
  expect(refusedCode(() => factsFrom({ 'content-disposition': '中' }))).toBe('InvalidArgument')
  expect(refusedCode(() => factsFrom({ 'content-type': '中' }))).toBe('InvalidArgument')
})
