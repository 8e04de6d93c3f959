import { expect, test } from 'vitest'
import { ask, bucketOf, startHttp, textObject, users } from './tools.ts'

const [alice, bob] = users

test('without a signature nothing is allowed, or reading alone', async () => {
  const closed = await startHttp()
  closed.objects.set('key', textObject('hello'))
  expect(await ask(closed.port, { path: '/bucket/key' })).toContain('<Code>AccessDenied</Code>')

  const open = await startHttp({ anonymousRead: true })
  open.objects.set('key', textObject('hello'))
  expect(await ask(open.port, { path: '/bucket/key' })).toMatch(/hello$/)
  const put = await ask(open.port, { method: 'PUT', path: '/bucket/key' }, 'new')
  expect(put).toContain('<Code>AccessDenied</Code>')
  expect(open.put.size).toBe(0)
  for (const asked of [
    { path: '/bucket', query: { uploads: '' } },
    { path: '/bucket/key', query: { uploadId: 'x' } },
  ])
    expect(await ask(open.port, asked)).toContain('<Code>AccessDenied</Code>')
})

test('a bucket is for its owner alone, also as the source of a copy', async () => {
  const server = await startHttp()
  server.objects.set('key', textObject('hello'))
  server.buckets.set('other', bucketOf('other', 'bob'))
  expect(await ask(server.port, { path: '/bucket/key', user: bob })).toContain(
    '<Code>AccessDenied</Code>',
  )
  const copy = { method: 'PUT', path: '/other/key', user: bob }
  for (const source of ['bucket/key', '/bucket/key', '%2Fbucket%2Fkey', 'buc%6Bet/key?versionId=1'])
    expect(await ask(server.port, { ...copy, headers: { 'x-amz-copy-source': source } })).toContain(
      '<Code>AccessDenied</Code>',
    )
  expect(await ask(server.port, { path: '/none/key', user: bob })).toContain(
    '<Code>NoSuchBucket</Code>',
  )
})

test('a read-only server refuses changes', async () => {
  const server = await startHttp({ readOnly: true })
  server.objects.set('key', textObject('hello'))
  expect(await ask(server.port, { path: '/bucket/key', user: alice })).toMatch(/hello$/)
  const put = await ask(server.port, { method: 'PUT', path: '/bucket/key', user: alice }, 'new')
  expect(put).toContain('<Message>This server is read-only.</Message>')
  expect(server.put.size).toBe(0)
})

test('a bucket in the name of the host', async () => {
  const server = await startHttp({ domains: ['localhost', 's3.example.org', 'example.org'] })
  server.objects.set('bucket/key', textObject('deep'))
  server.objects.set('key', textObject('hello'))
  for (const host of ['bucket.localhost:9000', 'BUCKET.s3.example.org', 'bucket.example.org'])
    expect(await ask(server.port, { path: '/bucket/key', host, user: alice })).toMatch(/deep$/)
  for (const host of ['localhost:9000', 's3.example.org', 'elsewhere.net', '127.0.0.1'])
    expect(await ask(server.port, { path: '/bucket/key', host, user: alice })).toMatch(/hello$/)
})
