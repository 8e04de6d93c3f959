import { expect, test } from 'vitest'
import { served, type Sent } from '../client.ts'

const s3 = served()

test('an object is answered with its etag and its checksum', async () => {
  const bucket = await s3.bucket()
  const plain = await s3.put(`${bucket}/a`, 'hello')
  expect(plain.headers).toMatchObject({
    etag: '"5d41402abc4b2a76b9719d911017c592"',
    'x-amz-checksum-type': 'FULL_OBJECT',
  })
  expect(plain.headers).toHaveProperty('x-amz-checksum-crc64nvme')
  expect(plain.headers).not.toHaveProperty('x-amz-version-id')
  const sha = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='
  const named = await s3.put(`${bucket}/b`, 'hello', { 'x-amz-checksum-sha256': sha })
  expect(named.header('x-amz-checksum-sha256')).toBe(sha)
})

test('a wrong checksum leaves nothing', async () => {
  const name = `${await s3.bucket()}/a`
  for (const headers of [
    { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' },
    { 'x-amz-checksum-crc32': 'AAAAAA==' },
  ])
    expect(await s3.refused('PUT', name, { body: 'hello', headers })).toMatchObject({
      code: 'BadDigest',
    })
  expect(await s3.refused('GET', name)).toMatchObject({ status: 404 })
})

function one(headers: Record<string, string>): Sent {
  return { body: 'x', headers }
}

test('conditions', async () => {
  const name = `${await s3.bucket()}/a`
  expect(await s3.refused('PUT', name, one({ 'if-match': '"x"' }))).toMatchObject({
    code: 'NoSuchKey',
  })
  const { headers } = await s3.done('PUT', name, one({ 'if-none-match': '*' }))
  expect(await s3.refused('PUT', name, one({ 'if-none-match': '*' }))).toMatchObject({
    code: 'PreconditionFailed',
  })
  expect(await s3.refused('PUT', name, one({ 'if-match': '"x"' }))).toMatchObject({ status: 412 })
  await s3.done('PUT', name, one({ 'if-match': headers.etag ?? '' }))
  expect(await s3.refused('PUT', name, one({ 'if-none-match': '"x"' }))).toMatchObject({
    status: 501,
  })
})

test('of two writers where nothing was, one wins', async () => {
  const name = `${await s3.bucket()}/a`
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      s3.send('PUT', name, { body: String(index), headers: { 'if-none-match': '*' } }),
    ),
  )
  const winners = replies.flatMap(({ status }, index) => (status === 200 ? [String(index)] : []))
  expect(winners).toHaveLength(1)
  expect((await s3.done('GET', name)).text).toBe(winners[0])
})

test.each(['a//b', '/a', 'a/../b', '.', 'a/', 'ä ö', 'a+b%20', '\u0001', 'x'.repeat(1024)])(
  'the key %.20j',
  async (key) => {
    const name = `${await s3.bucket()}/${key}`
    await s3.put(name, 'here')
    expect((await s3.done('GET', name)).text).toBe('here')
  },
)

test('what is not implemented is said to be so', async () => {
  const name = `${await s3.bucket()}/a`
  for (const header of [
    'x-amz-server-side-encryption',
    'x-amz-object-lock-mode',
    'x-amz-grant-read',
  ])
    expect(await s3.refused('PUT', name, { body: '', headers: { [header]: 'x' } })).toMatchObject({
      status: 501,
      code: 'NotImplemented',
    })
  expect(await s3.refused('GET', name)).toMatchObject({ status: 404 })
})

test('versions', async () => {
  const bucket = await s3.bucket('Enabled')
  const first = await s3.put(`${bucket}/a`, '1')
  expect(first.header('x-amz-version-id')).toMatch(/^[\w.-]{8,}$/)
  await s3.versioning(bucket, 'Suspended')
  expect((await s3.put(`${bucket}/a`, '2')).header('x-amz-version-id')).toBe('null')
})
