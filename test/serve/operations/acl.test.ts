import { expect, test } from 'vitest'
import { served } from '../client.ts'

const s3 = served()

test('a bucket and what is in it belong to who made it', async () => {
  const bucket = await s3.bucket()
  await s3.put(`${bucket}/a`, '')
  for (const name of [bucket, `${bucket}/a`]) {
    const reply = await s3.done('GET', name, { query: { acl: '' } })
    expect(reply.xml.name).toBe('AccessControlPolicy')
    expect(reply.all('Owner', 'ID')).toEqual(['tester'])
    expect(reply.text).toContain('<Permission>FULL_CONTROL</Permission>')
  }
  expect(await s3.refused('GET', `${bucket}/b`, { query: { acl: '' } })).toMatchObject({
    code: 'NoSuchKey',
  })
})
