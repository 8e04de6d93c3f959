import { describe, expect, test } from 'vitest'
import { textOf } from '../../../src/wire/xml.ts'
import { served } from '../client.ts'

const s3 = served()
const elsewhere = served({ region: 'eu-west-1' })

function location(region: string): string {
  const constraint = `<LocationConstraint>${region}</LocationConstraint>`
  return `<CreateBucketConfiguration>${constraint}</CreateBucketConfiguration>`
}

async function names(query: Record<string, string> = {}): Promise<(string | undefined)[]> {
  const { xml } = await s3.done('GET', '', { query })
  const list = xml.children.find(({ name }) => name === 'Buckets')
  return (list?.children ?? []).map((bucket) => textOf(bucket, 'Name'))
}

test('a bucket is made, found, listed and removed', async () => {
  const reply = await s3.done('PUT', 'made')
  expect(reply.header('location')).toBe('/made')
  const head = await s3.done('HEAD', 'made')
  expect(head.header('x-amz-bucket-region')).toBe('us-east-1')
  expect(await names()).toContain('made')
  expect((await s3.done('DELETE', 'made')).status).toBe(204)
  expect(await names()).not.toContain('made')
  expect(await s3.refused('HEAD', 'made')).toMatchObject({ status: 404 })
  expect(await s3.refused('DELETE', 'made')).toMatchObject({ code: 'NoSuchBucket' })
})

test('buckets are listed by pages', async () => {
  for (const name of ['page-a', 'page-b', 'page-c']) await s3.done('PUT', name)
  const query = { prefix: 'page-', 'max-buckets': '2' }
  const first = await s3.done('GET', '', { query })
  expect(await names(query)).toEqual(['page-a', 'page-b'])
  const token = first.get('ContinuationToken') ?? ''
  expect(await names({ ...query, 'continuation-token': token })).toEqual(['page-c'])
  expect(await names({ 'bucket-region': 'elsewhere' })).toEqual([])
  expect(await s3.refused('GET', '', { query: { 'max-buckets': '0' } })).toMatchObject({
    code: 'InvalidArgument',
  })
})

describe('a bucket that cannot be made', () => {
  test('is there, but for the first region, which takes it as made', async () => {
    await elsewhere.done('PUT', 'twice')
    expect(await elsewhere.refused('PUT', 'twice')).toMatchObject({
      status: 409,
      code: 'BucketAlreadyOwnedByYou',
    })
    await s3.done('PUT', 'twice')
    await s3.put('twice/key', 'kept')
    expect((await s3.done('PUT', 'twice')).header('location')).toBe('/twice')
    expect((await s3.done('GET', 'twice/key')).text).toBe('kept')
  })

  test.each([
    'ab',
    'Upper',
    'a..b',
    '192.168.0.1',
    'xn--a',
    'sthree-a',
    'amzn-s3-demo-a',
    'a-s3alias',
    'a--ol-s3',
    'a.mrap',
    'a--x-s3',
    'a--table-s3',
  ])('has the name %s', async (name) => {
    expect(await s3.refused('PUT', name)).toMatchObject({ code: 'InvalidBucketName' })
  })

  test('is elsewhere', async () => {
    expect(await s3.refused('PUT', 'elsewhere', { body: location('eu-west-1') })).toMatchObject({
      status: 400,
      code: 'IllegalLocationConstraintException',
    })
    expect(await s3.refused('PUT', 'elsewhere', { body: location('the moon') })).toMatchObject({
      status: 400,
      code: 'InvalidLocationConstraint',
    })
    await s3.done('PUT', 'elsewhere', { body: location('us-east-1') })
  })

  test('asks for what is not implemented', async () => {
    const headers = { 'x-amz-bucket-object-lock-enabled': 'true' }
    expect(await s3.refused('PUT', 'locked', { headers })).toMatchObject({ status: 501 })
    expect(await s3.refused('HEAD', 'locked')).toMatchObject({ status: 404 })
  })

  test('is told in broken XML', async () => {
    expect(await s3.refused('PUT', 'broken', { body: '<a>' })).toMatchObject({
      code: 'MalformedXML',
    })
  })
})

test('a bucket that holds something stays', async () => {
  const bucket = await s3.bucket()
  await s3.put(`${bucket}/a`, 'x')
  expect(await s3.refused('DELETE', bucket)).toMatchObject({ status: 409, code: 'BucketNotEmpty' })
})

test('where a bucket is', async () => {
  const reply = await s3.done('GET', await s3.bucket(), { query: { location: '' } })
  expect([reply.xml.name, reply.xml.text]).toEqual(['LocationConstraint', ''])
})

test('tags that a bucket is made with', async () => {
  const tag = '<Tag><Key>a</Key><Value>1</Value></Tag>'
  const body = `<CreateBucketConfiguration><Tags>${tag}</Tags></CreateBucketConfiguration>`
  await s3.done('PUT', 'tagged', { body })
  const reply = await s3.done('GET', 'tagged', { query: { tagging: '' } })
  expect(reply.text).toContain(tag)
})
