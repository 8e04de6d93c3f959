import { describe, expect, test } from 'vitest'
import { served } from '../client.ts'

const s3 = served()

async function source(): Promise<{ bucket: string; from: string; etag: string }> {
  const bucket = await s3.bucket()
  const reply = await s3.put(`${bucket}/source ä`, 'bytes', {
    'content-type': 'text/plain',
    'x-amz-meta-a': '1',
    'x-amz-tagging': 't=1',
    'x-amz-storage-class': 'STANDARD_IA',
  })
  return { bucket, from: `/${bucket}/source%20%C3%A4`, etag: reply.header('etag') ?? '' }
}

test('a copy has the facts of its source, and a class of its own', async () => {
  const { bucket, from, etag } = await source()
  const reply = await s3.done('PUT', `${bucket}/copy`, { headers: { 'x-amz-copy-source': from } })
  expect(reply.xml.name).toBe('CopyObjectResult')
  expect(reply.get('ETag')).toBe(etag)
  expect(reply.get('LastModified')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
  expect(reply.get('ChecksumCRC64NVME')).toBeDefined()
  const copy = await s3.done('GET', `${bucket}/copy`)
  expect(copy.text).toBe('bytes')
  expect(copy.headers).toMatchObject({
    'content-type': 'text/plain',
    'x-amz-meta-a': '1',
    'x-amz-tagging-count': '1',
  })
  expect(copy.headers).not.toHaveProperty('x-amz-storage-class')
})

test('facts are replaced where it is said', async () => {
  const { bucket, from } = await source()
  await s3.done('PUT', `${bucket}/copy`, {
    headers: {
      'x-amz-copy-source': from,
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-tagging-directive': 'REPLACE',
      'x-amz-meta-b': '2',
      'x-amz-storage-class': 'GLACIER_IR',
    },
  })
  const { headers } = await s3.done('HEAD', `${bucket}/copy`)
  expect(headers).toMatchObject({
    'content-type': 'binary/octet-stream',
    'x-amz-meta-b': '2',
    'x-amz-storage-class': 'GLACIER_IR',
  })
  expect(headers).not.toHaveProperty('x-amz-meta-a')
  expect(headers).not.toHaveProperty('x-amz-tagging-count')
  expect(
    await s3.refused('PUT', `${bucket}/copy`, {
      headers: { 'x-amz-copy-source': from, 'x-amz-metadata-directive': 'MOVE' },
    }),
  ).toMatchObject({ code: 'InvalidArgument' })
})

test('another checksum is computed where it is asked for', async () => {
  const { bucket, from } = await source()
  const reply = await s3.done('PUT', `${bucket}/copy`, {
    headers: { 'x-amz-copy-source': from, 'x-amz-checksum-algorithm': 'SHA256' },
  })
  expect(reply.get('ChecksumSHA256')).toMatch(/^[\w+/]{43}=$/)
})

describe('onto itself', () => {
  test('without a change is refused', async () => {
    const { bucket } = await source()
    await s3.put(`${bucket}/self`, 'x')
    const headers = { 'x-amz-copy-source': `${bucket}/self` }
    expect(await s3.refused('PUT', `${bucket}/self`, { headers })).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    })
    await s3.done('PUT', `${bucket}/self`, {
      headers: { ...headers, 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-new': 'y' },
    })
    const reply = await s3.done('GET', `${bucket}/self`)
    expect([reply.text, reply.header('x-amz-meta-new')]).toEqual(['x', 'y'])
  })

  test('brings an old version back', async () => {
    const bucket = await s3.bucket('Enabled')
    const name = `${bucket}/a`
    const version = (await s3.put(name, 'one')).header('x-amz-version-id') ?? ''
    await s3.put(name, 'two')
    const reply = await s3.done('PUT', name, {
      headers: { 'x-amz-copy-source': `${name}?versionId=${version}` },
    })
    expect(reply.header('x-amz-copy-source-version-id')).toBe(version)
    const latest = await s3.done('GET', name)
    expect(latest.text).toBe('one')
    expect(latest.header('x-amz-version-id')).toBe(reply.header('x-amz-version-id'))
    expect(latest.header('x-amz-version-id')).not.toBe(version)
  })
})

describe('conditions', () => {
  test('of the source', async () => {
    const { bucket, from, etag } = await source()
    const copy = async (name: string, value: string): Promise<number> => {
      const headers = { 'x-amz-copy-source': from, [`x-amz-copy-source-${name}`]: value }
      return (await s3.send('PUT', `${bucket}/copy`, { headers })).status
    }
    const past = 'Mon, 01 Jan 2001 00:00:00 GMT'
    const future = 'Fri, 01 Jan 2100 00:00:00 GMT'
    expect(await copy('if-match', etag)).toBe(200)
    expect(await copy('if-match', '"x"')).toBe(412)
    expect(await copy('if-none-match', '"x"')).toBe(200)
    expect(await copy('if-none-match', etag)).toBe(412)
    expect(await copy('if-modified-since', past)).toBe(200)
    expect(await copy('if-modified-since', future)).toBe(412)
    expect(await copy('if-unmodified-since', future)).toBe(200)
    expect(await copy('if-unmodified-since', past)).toBe(412)
  })

  test('of the target', async () => {
    const { bucket, from } = await source()
    const headers = { 'x-amz-copy-source': from, 'if-none-match': '*' }
    await s3.done('PUT', `${bucket}/copy`, { headers })
    expect(await s3.refused('PUT', `${bucket}/copy`, { headers })).toMatchObject({ status: 412 })
  })
})

test('what cannot be a source', async () => {
  const bucket = await s3.bucket('Enabled')
  await s3.put(`${bucket}/gone`, 'x')
  const marker = (await s3.done('DELETE', `${bucket}/gone`)).header('x-amz-version-id') ?? ''
  const copy = async (from: string): Promise<string | undefined> => {
    const headers = { 'x-amz-copy-source': from }
    return (await s3.refused('PUT', `${bucket}/copy`, { headers })).code
  }
  expect(await copy(`${bucket}/gone`)).toBe('NoSuchKey')
  expect(await copy(`${bucket}/gone?versionId=${marker}`)).toBe('InvalidRequest')
  expect(await copy(`${bucket}/nothing`)).toBe('NoSuchKey')
  expect(await copy('no-bucket/a')).toBe('NoSuchBucket')
  expect(await copy(bucket)).toBe('InvalidArgument')
  await s3.put(`${bucket}/frozen`, 'x', { 'x-amz-storage-class': 'GLACIER' })
  expect(await copy(`${bucket}/frozen`)).toBe('InvalidObjectState')
})
