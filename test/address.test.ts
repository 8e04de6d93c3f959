import { expect, test } from 'vitest'
import { parseAddress } from '../src/address.ts'

const nothingExists = { exists: () => false }

test.each(['a', './a', '../a/b', '/a//b/', '.', 'a?b#c', 'a%20b', 'dir/a:b', './a:b', '~x', ' '])(
  '%j is a local path, taken as it is',
  (path) => {
    expect(parseAddress(path, nothingExists)).toEqual({ scheme: 'file', path })
  },
)

test.each([
  ['file:///a/b', '/a/b'],
  ['file://localhost/a', '/a'],
  ['file:///a%20b%3F', '/a b?'],
  ['file:///a?b#c', '/a?b#c'],
  ['file:///%E4%BD%A0', '/你'],
  ['FILE:///a/', '/a/'],
])('%s is the path %s', (address, path) => {
  expect(parseAddress(address)).toEqual({ scheme: 'file', path })
})

test.each([
  ['s3://', '', ''],
  ['s3://bucket', 'bucket', ''],
  ['s3://bucket/', 'bucket', ''],
  ['s3://bucket/a//b/', 'bucket', 'a//b/'],
  ['s3://bucket//a', 'bucket', '/a'],
  ['s3://bucket/a?b#c%20d+e *', 'bucket', 'a?b#c%20d+e *'],
  ['s3://bucket/../a/./b', 'bucket', '../a/./b'],
  ['s3://bucket/a\nb', 'bucket', 'a\nb'],
  ['s3://My_Bucket.x/a', 'My_Bucket.x', 'a'],
])('%j is a bucket and a key, byte for byte', (address, bucket, key) => {
  expect(parseAddress(address)).toEqual({ scheme: 's3', bucket, key })
})

test('a dash is standard input or output', () => {
  expect(parseAddress('-')).toEqual({ scheme: 'stream' })
})

test.each([
  'az://c/k',
  'azure://c/k',
  'gs://b/k',
  'gcs://b/k',
  'sftp://u@h:22/p',
  'ssh://h/p',
  'https://h/p',
  'direct:///p',
])('%s is not supported yet', (address) => {
  expect(() => parseAddress(address)).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('yet') }),
  )
})

test.each([
  '',
  'ftp://host/a',
  's3:///key',
  's3://user:secret@host/key',
  's3://-x/key',
  's3://a b/key',
  'file://host/a',
  'file://relative',
  'file:///a%zz',
  'file:///a%2Fb',
  'file:///a%00b',
  'a\0b',
  '\ud800',
])('%j is refused', (address) => {
  expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
})

test('a name with a colon is a remote, unless it exists here', () => {
  for (const name of ['user@host:path', 'minio:bucket/key', 'out:put'])
    expect(() => parseAddress(name, nothingExists)).toThrow(
      expect.objectContaining({ code: 'unsupported', hint: expect.stringContaining(`./${name}`) }),
    )
  expect(parseAddress('out:put', { exists: (path) => path === 'out:put' })).toEqual({
    scheme: 'file',
    path: 'out:put',
  })
})
