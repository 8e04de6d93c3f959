import { expect, test } from 'vitest'
import { refusalOf, requestUrl } from '../../../src/stores/s3/address.ts'

const endpoint = new URL('https://s3.example.com:8443')

test('the bucket is in the path, or in the host', () => {
  const subject = { bucket: 'photos', key: 'a//../b c+\u00e9' }
  const encoded = 'a//../b%20c%2B%C3%A9'
  expect(requestUrl(endpoint, 'path', subject, { versionId: 'v/1', none: undefined })).toEqual({
    origin: 'https://s3.example.com:8443',
    path: `/photos/${encoded}`,
    query: 'versionId=v%2F1',
  })
  expect(requestUrl(endpoint, 'virtual-host', subject, {})).toEqual({
    origin: 'https://photos.s3.example.com:8443',
    path: `/${encoded}`,
    query: '',
  })
})

test('a request is about a bucket, or the service', () => {
  const bucket = { bucket: 'photos', key: undefined }
  expect(requestUrl(endpoint, 'path', bucket, {}).path).toBe('/photos')
  expect(requestUrl(endpoint, 'virtual-host', bucket, {}).path).toBe('/')
  const service = { bucket: '', key: undefined }
  expect(requestUrl(endpoint, 'virtual-host', service, {})).toMatchObject({
    origin: endpoint.origin,
    path: '/',
  })
})

test.each(['a/b', 'a@b', 'a:80', '.', '-a', 'a?b', '\u00e9', 'x'.repeat(256)])(
  '%j is no bucket',
  (bucket) => {
    expect(refusalOf({ bucket, key: undefined })?.message).toContain('bucket')
  },
)

test('a key has 1 to 1,024 bytes', () => {
  expect(refusalOf({ bucket: 'b', key: '' })).toBeDefined()
  expect(refusalOf({ bucket: 'b', key: '\u00e9'.repeat(512) })).toBeUndefined()
  expect(refusalOf({ bucket: 'b', key: `${'\u00e9'.repeat(512)}a` })).toBeDefined()
})
