import { describe, expect, test } from 'vitest'
import { served } from '../client.ts'

const s3 = served()
const query = { tagging: '' }
const tagging = (name: string): string =>
  `<Tagging><TagSet><Tag><Key>${name}</Key><Value>1</Value></Tag></TagSet></Tagging>`

describe('of an object', () => {
  test('are put, read, counted and removed', async () => {
    const name = `${await s3.bucket()}/a`
    await s3.put(name, 'x', { 'x-amz-meta-a': '1' })
    await s3.done('PUT', name, { query, body: tagging('t') })
    const reply = await s3.done('GET', name, { query })
    expect(reply.text).toContain('<Tag><Key>t</Key><Value>1</Value></Tag>')
    const { headers } = await s3.done('HEAD', name)
    expect(headers).toMatchObject({ 'x-amz-tagging-count': '1', 'x-amz-meta-a': '1' })
    expect((await s3.done('DELETE', name, { query })).status).toBe(204)
    expect((await s3.done('GET', name, { query })).text).toContain('<TagSet/>')
  })

  test('are those of a version', async () => {
    const name = `${await s3.bucket('Enabled')}/a`
    const version = (await s3.put(name, '1')).header('x-amz-version-id') ?? ''
    await s3.put(name, '2')
    const reply = await s3.done('PUT', name, {
      query: { ...query, versionId: version },
      body: tagging('old'),
    })
    expect(reply.header('x-amz-version-id')).toBe(version)
    expect((await s3.done('GET', name, { query })).text).not.toContain('old')
    expect(
      (await s3.done('GET', name, { query: { ...query, versionId: version } })).text,
    ).toContain('old')
  })

  test('of none', async () => {
    expect(await s3.refused('GET', `${await s3.bucket()}/a`, { query })).toMatchObject({
      code: 'NoSuchKey',
    })
  })

  test('that are none are refused', async () => {
    const name = `${await s3.bucket()}/a`
    await s3.put(name, '')
    expect(await s3.refused('PUT', name, { query, body: tagging('aws:x') })).toMatchObject({
      code: 'InvalidTag',
    })
    expect(await s3.refused('PUT', name, { query, body: '<Tagging/>' })).toMatchObject({
      code: 'MalformedXML',
    })
  })
})

test('of a bucket are put, read and removed', async () => {
  const bucket = await s3.bucket()
  expect(await s3.refused('GET', bucket, { query })).toMatchObject({ code: 'NoSuchTagSet' })
  await s3.done('PUT', bucket, { query, body: tagging('t') })
  expect((await s3.done('GET', bucket, { query })).text).toContain('<Key>t</Key>')
  await s3.done('DELETE', bucket, { query })
  expect(await s3.refused('GET', bucket, { query })).toMatchObject({ status: 404 })
})
