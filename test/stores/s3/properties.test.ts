import { describe, expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { ObjectProperties } from '../../../src/core/store.ts'
import { propertiesFrom, propertyHeaders } from '../../../src/stores/s3/properties.ts'
import { failure, key, put } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from './open.ts'
import { hostileServer } from './server.ts'

const details = { op: 'write' }

test('each property has its header', () => {
  const properties: ObjectProperties = {
    cacheControl: 'no-cache',
    contentEncoding: 'gzip',
    contentDisposition: 'inline',
    contentLanguage: 'en',
    expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
    storageClass: 'STANDARD_IA',
    acl: 'public-read',
    tags: { 'a b': 'c&d=e', '(x)': '' },
    encryption: { algorithm: 'aws:kms', keyId: 'arn:key' },
  }
  const headers = propertyHeaders(properties, details)
  expect(headers).toEqual({
    'cache-control': 'no-cache',
    'content-encoding': 'gzip',
    'content-disposition': 'inline',
    'content-language': 'en',
    expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-acl': 'public-read',
    'x-amz-tagging': 'a%20b=c%26d%3De&%28x%29=',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'arn:key',
  })
  const { acl: _, tags: __, ...told } = properties
  expect(propertiesFrom(new Map(Object.entries(headers)))).toEqual(told)
})

test('what was the framing of a request is no encoding of the object', () => {
  for (const [value, encoding] of [
    ['aws-chunked', undefined],
    ['gzip, aws-chunked', 'gzip'],
    ['aws-chunked,br', 'br'],
  ] as const)
    expect(propertiesFrom(new Map([['content-encoding', value]])).contentEncoding).toBe(encoding)
})

test.each(['', ' a', 'a ', 'a\nb: c', 'na\u00efve'])(
  '%j is no value for a header',
  (cacheControl) => {
    expect(() => propertyHeaders({ cacheControl }, details)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
  },
)

describe('encryption that a service takes no notice of', () => {
  const properties: ObjectProperties = { encryption: { algorithm: 'AES256' } }
  const facts = { etag: '"e"' }
  const begun =
    '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'

  test('is a failure, and no upload is begun', async () => {
    await using server = await hostileServer(({ method }) => ({
      headers: facts,
      body: method === 'POST' ? begun : '',
    }))
    const { store, asked } = server
    await failure(store.write(key('a'), Buffer.from('x'), { properties }), 'unsupported')
    await failure(
      store.multipart?.begin(key('a'), { properties }) ?? Promise.resolve(),
      'unsupported',
    )
    expect(asked.map(({ method }) => method)).toEqual(['PUT', 'POST', 'DELETE'])
  })

  test('is none where the answer tells of it', async () => {
    await using server = await hostileServer(() => ({
      headers: { ...facts, 'x-amz-server-side-encryption': 'AES256' },
    }))
    await server.store.write(key('a'), Buffer.from('x'), { properties })
    expect(server.asked[0]?.headers['x-amz-server-side-encryption']).toBe('AES256')
  })
})

describeS3(
  'storage classes',
  (endpoint) => {
    test('come with the object, and with its copies unless others are given', async () => {
      await using store = await openBucket(endpoint)
      const written = await put(store, 'a', 'x', { properties: { storageClass: 'STANDARD_IA' } })
      expect(written.storageClass).toBe('STANDARD_IA')
      const from = { location: store.location, key: toKey('a') }
      const classOf = async (name: string): Promise<string | undefined> =>
        (await store.stat(key(name))).storageClass
      expect(await classOf('a')).toBe('STANDARD_IA')
      await store.copy?.copy(from, key('b'))
      expect(await classOf('b')).toBe('STANDARD_IA')
      await store.copy?.copy(from, key('b'), { metadata: { a: 'b' } })
      expect(await classOf('b')).toBe('STANDARD_IA')
      await store.copy?.copy(from, key('b'), { properties: { storageClass: 'ONEZONE_IA' } })
      expect(await classOf('b')).toBe('ONEZONE_IA')
    })
  },
  ['hawser'],
)
