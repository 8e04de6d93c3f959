import { expect, test } from 'vitest'
import { type Reply, served } from '../client.ts'

const s3 = served()

function list(bucket: string, query: Record<string, string> = {}): Promise<Reply> {
  return s3.done('GET', bucket, { query: { versions: '', ...query } })
}

/** Two versions of `a` and a marker, one of `b`; newest first. */
async function history(): Promise<{ bucket: string; versions: (string | undefined)[] }> {
  const bucket = await s3.bucket('Enabled')
  const replies = [
    await s3.put(`${bucket}/a`, '1'),
    await s3.put(`${bucket}/a`, '2'),
    await s3.done('DELETE', `${bucket}/a`),
    await s3.put(`${bucket}/b`, '3'),
  ]
  const [one, two, marker, b] = replies.map((reply) => reply.header('x-amz-version-id'))
  return { bucket, versions: [marker, two, one, b] }
}

test('all versions and markers, newest first', async () => {
  const { bucket, versions } = await history()
  const reply = await list(bucket)
  expect(reply.xml.name).toBe('ListVersionsResult')
  const entries = reply.xml.children.filter(
    ({ name }) => name === 'Version' || name === 'DeleteMarker',
  )
  const texts = entries.map(({ name, children }) => [
    name,
    ...['Key', 'VersionId', 'IsLatest'].map(
      (one) => children.find((child) => child.name === one)?.text,
    ),
  ])
  expect(texts).toEqual([
    ['DeleteMarker', 'a', versions[0], 'true'],
    ['Version', 'a', versions[1], 'false'],
    ['Version', 'a', versions[2], 'false'],
    ['Version', 'b', versions[3], 'true'],
  ])
  expect(reply.all('Version', 'Size')).toEqual(['1', '1', '1'])
  expect(reply.all('DeleteMarker', 'Size')).toEqual([undefined])
})

test('by pages', async () => {
  const { bucket, versions } = await history()
  const found: (string | undefined)[] = []
  let query: Record<string, string> = {}
  for (let page = 0; page < 10; page++) {
    const reply = await list(bucket, { 'max-keys': '1', ...query })
    found.push(...reply.all('Version', 'VersionId'), ...reply.all('DeleteMarker', 'VersionId'))
    if (reply.get('IsTruncated') !== 'true') break
    query = {
      'key-marker': reply.get('NextKeyMarker') ?? '',
      'version-id-marker': reply.get('NextVersionIdMarker') ?? '',
    }
  }
  expect(found).toEqual(versions)
})

test('of a bucket that has none', async () => {
  const bucket = await s3.bucket()
  await s3.put(`${bucket}/x/a`, '')
  expect((await list(bucket)).all('Version', 'VersionId')).toEqual(['null'])
  expect((await list(bucket, { delimiter: '/' })).all('CommonPrefixes', 'Prefix')).toEqual(['x/'])
})

test('a version without its key is no marker', async () => {
  const query = { versions: '', 'version-id-marker': 'v' }
  expect(await s3.refused('GET', await s3.bucket(), { query })).toMatchObject({
    code: 'InvalidArgument',
  })
})
