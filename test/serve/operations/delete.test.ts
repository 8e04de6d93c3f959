import { expect, test } from 'vitest'
import { served } from '../client.ts'

const s3 = served()

test('an object is removed, and what is not there too', async () => {
  const name = `${await s3.bucket()}/a`
  await s3.put(name, 'x')
  for (let time = 0; time < 2; time++) {
    const reply = await s3.done('DELETE', name)
    expect(reply.status).toBe(204)
    expect(reply.headers).not.toHaveProperty('x-amz-version-id')
    expect(reply.headers).not.toHaveProperty('x-amz-delete-marker')
  }
  expect(await s3.refused('GET', name)).toMatchObject({ status: 404 })
})

test('among versions a marker comes, and goes again', async () => {
  const name = `${await s3.bucket('Enabled')}/a`
  const version = (await s3.put(name, 'x')).header('x-amz-version-id') ?? ''
  const marked = await s3.done('DELETE', name)
  expect(marked.header('x-amz-delete-marker')).toBe('true')
  const marker = marked.header('x-amz-version-id') ?? ''
  const unmarked = await s3.done('DELETE', name, { query: { versionId: marker } })
  expect(unmarked.headers).toMatchObject({
    'x-amz-delete-marker': 'true',
    'x-amz-version-id': marker,
  })
  expect((await s3.done('GET', name)).text).toBe('x')
  const removed = await s3.done('DELETE', name, { query: { versionId: version } })
  expect(removed.header('x-amz-version-id')).toBe(version)
  expect(removed.headers).not.toHaveProperty('x-amz-delete-marker')
  expect(await s3.refused('GET', name)).toMatchObject({ code: 'NoSuchKey' })
})

test('a condition', async () => {
  const name = `${await s3.bucket()}/a`
  const etag = (await s3.put(name, 'x')).header('etag') ?? ''
  expect(await s3.refused('DELETE', name, { headers: { 'if-match': '"x"' } })).toMatchObject({
    status: 412,
  })
  await s3.done('DELETE', name, { headers: { 'if-match': etag } })
})

test('a condition on what is not there, or covered by a marker, does not hold', async () => {
  const name = `${await s3.bucket('Enabled')}/a`
  const gone = { status: 404, code: 'NoSuchKey' }
  expect(await s3.refused('DELETE', name, { headers: { 'if-match': '*' } })).toMatchObject(gone)
  const etag = (await s3.put(name, 'x')).header('etag') ?? ''
  await s3.done('DELETE', name)
  for (const match of ['*', etag])
    expect(await s3.refused('DELETE', name, { headers: { 'if-match': match } })).toMatchObject(gone)
})

test('a second factor is not implemented', async () => {
  const name = `${await s3.bucket()}/a`
  expect(await s3.refused('DELETE', name, { headers: { 'x-amz-mfa': 'x 1' } })).toMatchObject({
    status: 501,
  })
})
