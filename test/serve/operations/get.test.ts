import { describe, expect, test } from 'vitest'
import { served, type Sent } from '../client.ts'

const s3 = served({ anonymous: 'read' })

async function object(headers: Record<string, string> = {}): Promise<string> {
  const name = `${await s3.bucket()}/object`
  await s3.put(name, '0123456789', headers)
  return name
}

test('an object comes back with what was said of it', async () => {
  const name = await object({
    'content-type': 'text/plain',
    'cache-control': 'no-store',
    'content-encoding': 'gzip',
    'x-amz-meta-name': '=?UTF-8?B?w6k=?=',
    'x-amz-meta-plain': 'text',
    'x-amz-tagging': 'a=1&b=2',
    'x-amz-storage-class': 'STANDARD_IA',
  })
  for (const method of ['GET', 'HEAD']) {
    const reply = await s3.done(method, name)
    expect(reply.text).toBe(method === 'GET' ? '0123456789' : '')
    expect(reply.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'content-encoding': 'gzip',
      'content-length': '10',
      'content-type': 'text/plain',
      etag: '"781e5e245d69b566979b86e28d23f2c7"',
      'x-amz-meta-name': '=?UTF-8?B?w6k=?=',
      'x-amz-meta-plain': 'text',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-tagging-count': '2',
    })
    expect(reply.header('last-modified')).toMatch(/^\w{3}, .* GMT$/)
    expect(reply.headers).not.toHaveProperty('x-amz-version-id')
    expect(reply.headers).not.toHaveProperty('x-amz-checksum-crc64nvme')
  }
})

test('of an object without a type', async () => {
  const reply = await s3.done('GET', await object())
  expect(reply.header('content-type')).toBe('binary/octet-stream')
  expect(reply.headers).not.toHaveProperty('x-amz-storage-class')
})

describe('a part of it', () => {
  test('by its bytes', async () => {
    const name = await object()
    for (const method of ['GET', 'HEAD']) {
      const reply = await s3.send(method, name, { headers: { range: 'bytes=2-4' } })
      expect(reply.status).toBe(206)
      expect(reply.text).toBe(method === 'GET' ? '234' : '')
      expect(reply.headers).toMatchObject({
        'content-length': '3',
        'content-range': 'bytes 2-4/10',
      })
    }
  })

  test('behind its end is refused', async () => {
    const { status, code, reply } = await s3.refused('GET', await object(), {
      headers: { range: 'bytes=10-' },
    })
    expect([status, code]).toEqual([416, 'InvalidRange'])
    expect(reply.header('content-range')).toBe('bytes */10')
    expect(reply.get('ActualObjectSize')).toBe('10')
  })

  test('is the whole where several are asked for', async () => {
    const reply = await s3.done('GET', await object(), { headers: { range: 'bytes=0-1,3-4' } })
    expect([reply.status, reply.text]).toEqual([200, '0123456789'])
  })

  test('only of the object that the client knows', async () => {
    const name = await object()
    const ask = async (validator: string): Promise<number> => {
      const headers = { range: 'bytes=0-1', 'if-range': validator }
      return (await s3.done('GET', name, { headers })).status
    }
    const etag = (await s3.done('HEAD', name)).header('etag') ?? ''
    expect(await ask(etag)).toBe(206)
    expect(await ask('"other"')).toBe(200)
  })

  test('by number, of what has none', async () => {
    const name = await object()
    const first = await s3.send('GET', name, { query: { partNumber: '1' } })
    expect([first.status, first.header('content-range')]).toEqual([206, 'bytes 0-9/10'])
    expect(await s3.refused('GET', name, { query: { partNumber: '2' } })).toMatchObject({
      status: 416,
    })
    expect(await s3.refused('GET', name, { query: { partNumber: '0' } })).toMatchObject({
      code: 'InvalidArgument',
    })
    const both = { query: { partNumber: '1' }, headers: { range: 'bytes=0-1' } }
    expect(await s3.refused('GET', name, both)).toMatchObject({ code: 'InvalidRequest' })
  })
})

test('of nothing there is no range', async () => {
  const name = `${await s3.bucket()}/empty`
  await s3.put(name, '')
  const reply = await s3.done('GET', name, { query: { partNumber: '1' } })
  expect([reply.status, reply.header('content-length')]).toEqual([200, '0'])
  expect(await s3.refused('GET', name, { headers: { range: 'bytes=0-' } })).toMatchObject({
    status: 416,
  })
})

describe('conditions', () => {
  test('that do not hold are answered 412 and 304', async () => {
    const name = await object()
    const etag = (await s3.done('HEAD', name)).header('etag') ?? ''
    for (const method of ['GET', 'HEAD']) {
      const failed = await s3.send(method, name, { headers: { 'if-match': '"x"' } })
      expect(failed.status).toBe(412)
      const same = await s3.send(method, name, { headers: { 'if-none-match': etag } })
      expect([same.status, same.header('etag'), same.text]).toEqual([304, etag, ''])
      expect(same.headers).toHaveProperty('last-modified')
    }
  })

  test('that hold are passed', async () => {
    const name = await object()
    const etag = (await s3.done('HEAD', name)).header('etag') ?? ''
    await s3.done('GET', name, {
      headers: { 'if-match': etag, 'if-unmodified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' },
    })
  })
})

describe('checksums', () => {
  test('are told where they are asked for, of the whole', async () => {
    const name = await object()
    const mode = { 'x-amz-checksum-mode': 'ENABLED' }
    for (const method of ['GET', 'HEAD']) {
      const reply = await s3.done(method, name, { headers: mode })
      expect(reply.header('x-amz-checksum-crc64nvme')).toMatch(/^[\w+/]{11}=$/)
      expect(reply.header('x-amz-checksum-type')).toBe('FULL_OBJECT')
    }
    const piece = await s3.done('GET', name, { headers: { ...mode, range: 'bytes=0-1' } })
    expect(piece.headers).not.toHaveProperty('x-amz-checksum-crc64nvme')
  })

  test('are those that the object was written with', async () => {
    const name = await object({ 'x-amz-checksum-crc32': 'poTHxg==' })
    const reply = await s3.done('HEAD', name, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(reply.header('x-amz-checksum-crc32')).toBe('poTHxg==')
  })
})

describe('headers of the answer', () => {
  test('can be chosen', async () => {
    const query = {
      'response-content-type': 'text/x',
      'response-content-disposition': 'attachment; filename="a b"',
      'response-cache-control': 'private',
    }
    const reply = await s3.done('GET', await object({ 'content-type': 'text/plain' }), { query })
    expect(reply.headers).toMatchObject({
      'content-type': 'text/x',
      'content-disposition': 'attachment; filename="a b"',
      'cache-control': 'private',
    })
  })

  test('cannot be split, nor chosen by anybody', async () => {
    const name = await object()
    const query = { 'response-content-type': 'a\r\nx: y' }
    expect(await s3.refused('GET', name, { query })).toMatchObject({ code: 'InvalidArgument' })
    expect(
      await s3.refused('GET', name, {
        query: { 'response-content-type': 'a' },
        anonymous: true,
      }),
    ).toMatchObject({ code: 'InvalidRequest' })
    await s3.done('GET', name, { anonymous: true })
  })
})

describe('versions', () => {
  test('are read by their names', async () => {
    const name = `${await s3.bucket('Enabled')}/object`
    const first = (await s3.put(name, 'one')).header('x-amz-version-id') ?? ''
    const second = (await s3.put(name, 'two')).header('x-amz-version-id')
    expect(second).not.toBe(first)
    const latest = await s3.done('GET', name)
    expect([latest.text, latest.header('x-amz-version-id')]).toEqual(['two', second])
    const old = await s3.done('GET', name, { query: { versionId: first } })
    expect([old.text, old.header('x-amz-version-id')]).toEqual(['one', first])
  })

  test('that are delete markers are answered 404 and 405', async () => {
    const name = `${await s3.bucket('Enabled')}/object`
    await s3.put(name, 'one')
    const marker = (await s3.done('DELETE', name)).header('x-amz-version-id') ?? ''
    for (const method of ['GET', 'HEAD']) {
      const latest = await s3.refused(method, name)
      expect(latest.status).toBe(404)
      expect(latest.reply.headers).toMatchObject({
        'x-amz-delete-marker': 'true',
        'x-amz-version-id': marker,
      })
      const named = await s3.refused(method, name, { query: { versionId: marker } })
      expect(named.status).toBe(405)
      expect(named.reply.headers).toMatchObject({ 'x-amz-delete-marker': 'true', allow: 'DELETE' })
      expect(named.reply.headers).toHaveProperty('last-modified')
    }
  })

  test('without a name, or with one that is none', async () => {
    const name = `${await s3.bucket('Enabled')}/object`
    await s3.put(name, 'one')
    expect(await s3.refused('GET', name, { query: { versionId: '' } })).toMatchObject({
      code: 'InvalidArgument',
    })
    const { status } = await s3.refused('GET', name, { query: { versionId: 'nothing' } })
    expect([400, 404]).toContain(status)
  })
})

test('what is not there', async () => {
  const bucket = await s3.bucket()
  expect(await s3.refused('GET', `${bucket}/a`)).toMatchObject({ status: 404, code: 'NoSuchKey' })
  expect(await s3.refused('HEAD', `${bucket}/a`)).toMatchObject({ status: 404, code: undefined })
  expect(await s3.refused('GET', 'no-bucket/a')).toMatchObject({ code: 'NoSuchBucket' })
})

test('a key of the client for encryption is not implemented', async () => {
  const headers = { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }
  expect(await s3.refused('GET', await object(), { headers })).toMatchObject({ status: 501 })
})

function expected(owner: string): Sent {
  return { headers: { 'x-amz-expected-bucket-owner': owner } }
}

test('a bucket of somebody else than expected is refused', async () => {
  const name = await object()
  await s3.done('GET', name, expected('tester'))
  expect(await s3.refused('GET', name, expected('other'))).toMatchObject({ code: 'AccessDenied' })
})
