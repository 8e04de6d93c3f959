import { beforeAll, describe, expect, test } from 'vitest'
import { type Reply, served } from '../client.ts'

const s3 = served()
let bucket = ''
const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'd e+f', 'ä']

beforeAll(async () => {
  bucket = await s3.bucket()
  for (const key of keys) await s3.put(`${bucket}/${key}`, key)
})

function v1(query: Record<string, string> = {}): Promise<Reply> {
  return s3.done('GET', bucket, { query })
}
function v2(query: Record<string, string> = {}): Promise<Reply> {
  return s3.done('GET', bucket, { query: { 'list-type': '2', ...query } })
}

describe('both versions', () => {
  test.each([v1, v2])('list all keys with what is known of them', async (list) => {
    const reply = await list()
    expect(reply.xml.name).toBe('ListBucketResult')
    expect(reply.header('content-type')).toBe('application/xml')
    expect(reply.all('Contents', 'Key')).toEqual(keys)
    expect(reply.all('Contents', 'Size').slice(0, 2)).toEqual(['1', '3'])
    expect(reply.all('Contents', 'StorageClass')[0]).toBe('STANDARD')
    expect(reply.all('Contents', 'ETag')[0]).toBe('"0cc175b9c0f1b6a831c399e269772661"')
    expect(reply.all('Contents', 'ChecksumAlgorithm')[0]).toBe('CRC64NVME')
    expect(reply.all('Contents', 'ChecksumType')[0]).toBe('FULL_OBJECT')
    expect(reply.all('Contents', 'LastModified')[0]).toMatch(/\.000Z$/)
    expect([reply.get('Name'), reply.get('MaxKeys'), reply.get('IsTruncated')]).toEqual([
      bucket,
      '1000',
      'false',
    ])
  })

  test.each([v1, v2])('group what is below a delimiter', async (list) => {
    const reply = await list({ delimiter: '/', prefix: 'b/' })
    expect(reply.all('Contents', 'Key')).toEqual(['b/1', 'b/2'])
    expect(reply.all('CommonPrefixes', 'Prefix')).toEqual(['b/c/'])
    expect([reply.get('Prefix'), reply.get('Delimiter')]).toEqual(['b/', '/'])
    expect((await list({ delimiter: '/1' })).all('CommonPrefixes', 'Prefix')).toEqual(['b/1'])
  })

  test.each([v1, v2])('encode names', async (list) => {
    const reply = await list({ 'encoding-type': 'url', prefix: 'd e' })
    expect(reply.get('EncodingType')).toBe('url')
    expect(reply.get('Prefix')).toBe('d%20e')
    expect(reply.all('Contents', 'Key')).toEqual(['d%20e%2Bf'])
    const umlaut = await list({ 'encoding-type': 'url', prefix: 'ä' })
    expect(umlaut.all('Contents', 'Key')).toEqual(['%C3%A4'])
  })

  test.each([v1, v2])('of no key', async (list) => {
    const reply = await list({ 'max-keys': '0' })
    expect(reply.all('Contents', 'Key')).toEqual([])
    expect([reply.get('MaxKeys'), reply.get('IsTruncated')]).toEqual(['0', 'false'])
  })

  test.each([{ 'max-keys': '-1' }, { 'max-keys': 'x' }, { 'encoding-type': 'base64' }])(
    'refuse %j',
    async (query) => {
      for (const more of [{}, { 'list-type': '2' }])
        expect(await s3.refused('GET', bucket, { query: { ...query, ...more } })).toMatchObject({
          status: 400,
          code: 'InvalidArgument',
        })
    },
  )
})

test('version 1 goes on from a marker', async () => {
  const found: (string | undefined)[] = []
  let marker: string | undefined = ''
  for (let page = 0; marker !== undefined && page < 10; page++) {
    const reply = await v1({ 'max-keys': '2', marker })
    expect(reply.get('Marker')).toBe(marker)
    expect(reply.get('NextMarker')).toBeUndefined()
    const names = reply.all('Contents', 'Key')
    found.push(...names)
    marker = reply.get('IsTruncated') === 'true' ? names.at(-1) : undefined
  }
  expect(found).toEqual(keys)
})

test('version 1 with a delimiter goes on from the next marker', async () => {
  const first = await v1({ 'max-keys': '2', delimiter: '/' })
  expect(first.all('Contents', 'Key')).toEqual(['a'])
  expect(first.all('CommonPrefixes', 'Prefix')).toEqual(['b/'])
  expect([first.get('IsTruncated'), first.get('NextMarker')]).toEqual(['true', 'b/'])
  const second = await v1({ delimiter: '/', marker: 'b/' })
  expect(second.all('Contents', 'Key')).toEqual(['d e+f', 'ä'])
  expect(second.all('CommonPrefixes', 'Prefix')).toEqual([])
})

function owners(reply: Reply): unknown[] {
  return reply.xml.children
    .filter(({ name }) => name === 'Contents')
    .flatMap(({ children }) => children.filter(({ name }) => name === 'Owner'))
}

test('version 1 tells the owner, version 2 where it is asked to', async () => {
  expect(owners(await v1())).toHaveLength(keys.length)
  expect(owners(await v2())).toHaveLength(0)
  expect(owners(await v2({ 'fetch-owner': 'true' }))).toHaveLength(keys.length)
})

test('version 2 goes on from a token', async () => {
  const found: (string | undefined)[] = []
  let token: string | undefined
  for (let page = 0; page < 10; page++) {
    const more = token === undefined ? {} : { 'continuation-token': token }
    const reply = await v2({ 'max-keys': '2', 'start-after': 'a', ...more })
    expect(reply.get('ContinuationToken')).toBe(token)
    expect(reply.get('StartAfter')).toBe('a')
    const names = reply.all('Contents', 'Key')
    expect(reply.get('KeyCount')).toBe(String(names.length))
    found.push(...names)
    token = reply.get('NextContinuationToken')
    if (token === undefined) break
  }
  expect(found).toEqual(keys.slice(1))
})

test('version 2 refuses a token of nobody', async () => {
  const query = { 'list-type': '2', 'continuation-token': '!' }
  expect(await s3.refused('GET', bucket, { query })).toMatchObject({ code: 'InvalidArgument' })
})

test('keys that XML cannot hold as they are', async () => {
  const odd = await s3.bucket()
  await s3.put(`${odd}/a\u0001&<>`, '')
  const reply = await s3.done('GET', odd)
  expect(reply.text).toContain('a&#x1;&amp;&lt;&gt;')
  expect(reply.all('Contents', 'Key')).toEqual(['a\u0001&<>'])
})

test('of a bucket that is not there', async () => {
  expect(await s3.refused('GET', 'no-bucket')).toMatchObject({ code: 'NoSuchBucket' })
})
