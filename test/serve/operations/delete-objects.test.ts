import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseDelete } from '../../../src/serve/operations/delete-objects.ts'
import { parseXml } from '../../../src/wire/xml.ts'
import { served, type Sent } from '../client.ts'
import { refusedCode } from './refused.ts'

const parse = (inside: string): ReturnType<typeof parseDelete> =>
  parseDelete(parseXml(`<Delete>${inside}</Delete>`))

const object = (key: string, more = ''): string => `<Object><Key>${key}</Key>${more}</Object>`

test('a list of objects', () => {
  const xml =
    '<Quiet>true</Quiet><Object><Key>a&#x1;</Key></Object>' +
    '<Object><Key>b</Key><VersionId>v</VersionId><ETag>"e"</ETag></Object>'
  expect(parse(xml)).toEqual({
    quiet: true,
    objects: [
      { key: 'a\u0001', version: undefined, conditions: { ifMatch: undefined } },
      { key: 'b', version: 'v', conditions: { ifMatch: ['e'] } },
    ],
  })
})

test('a thousand objects are taken, one more is not', () => {
  expect(parse(object('a').repeat(1000)).objects).toHaveLength(1000)
  expect(refusedCode(() => parse(object('a').repeat(1001)))).toBe('MalformedXML')
})

test.each([
  ['', 'MalformedXML'],
  ['<Object><Key/></Object>', 'MalformedXML'],
  ['<Quiet>maybe</Quiet><Object><Key>a</Key></Object>', 'MalformedXML'],
  ['<Object><Key>a</Key><Size>1</Size></Object>', 'NotImplemented'],
])('%s is refused', (inside, code) => {
  expect(refusedCode(() => parse(inside))).toBe(code)
})

function request(inside: string): Sent {
  const body = `<Delete>${inside}</Delete>`
  const headers = { 'content-md5': hash('md5', body, 'base64') }
  return { query: { delete: '' }, headers, body }
}

describe('over HTTP', () => {
  const s3 = served()

  test('objects are removed, each with an end of its own', async () => {
    const bucket = await s3.bucket()
    for (const key of ['a', 'b', 'c']) await s3.put(`${bucket}/${key}`, key)
    const reply = await s3.done(
      'POST',
      bucket,
      request(object('a') + object('b', '<ETag>"x"</ETag>') + object('missing')),
    )
    expect(reply.xml.name).toBe('DeleteResult')
    expect(reply.all('Deleted', 'Key')).toEqual(['a', 'missing'])
    expect(reply.all('Error', 'Key')).toEqual(['b'])
    expect(reply.all('Error', 'Code')).toEqual(['PreconditionFailed'])
    expect((await s3.done('GET', bucket)).all('Contents', 'Key')).toEqual(['b', 'c'])
  })

  test('quietly, only what went wrong is told', async () => {
    const bucket = await s3.bucket()
    await s3.put(`${bucket}/a`, '')
    const reply = await s3.done('POST', bucket, request(`<Quiet>true</Quiet>${object('a')}`))
    expect(reply.xml.children).toEqual([])
    expect(await s3.refused('GET', `${bucket}/a`)).toMatchObject({ status: 404 })
  })

  test.each(['\u0001', '\uffff'])(
    'a document with %j, which XML has not, is refused',
    async (odd) => {
      const bucket = await s3.bucket()
      await s3.put(`${bucket}/a`, '')
      expect(await s3.refused('POST', bucket, request(object('a') + object(odd)))).toMatchObject({
        status: 400,
        code: 'MalformedXML',
      })
      expect(await s3.done('GET', `${bucket}/a`)).toMatchObject({ status: 200 })
    },
  )

  test('markers and versions are told', async () => {
    const bucket = await s3.bucket('Enabled')
    const version = (await s3.put(`${bucket}/a`, '')).header('x-amz-version-id') ?? ''
    const marked = await s3.done('POST', bucket, request(object('a')))
    expect(marked.all('Deleted', 'DeleteMarker')).toEqual(['true'])
    const [marker = ''] = marked.all('Deleted', 'DeleteMarkerVersionId')
    const versionId = (id: string): string => object('a', `<VersionId>${id}</VersionId>`)
    const removed = await s3.done('POST', bucket, request(versionId(version) + versionId(marker)))
    expect(removed.all('Deleted', 'VersionId')).toEqual([version, marker])
    expect(removed.all('Deleted', 'DeleteMarker')).toEqual([undefined, 'true'])
    await s3.done('DELETE', bucket)
  })

  test('a thousand at once', async () => {
    const bucket = await s3.bucket()
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`)
    for (const key of keys.slice(0, 40)) await s3.put(`${bucket}/${key}`, '')
    const reply = await s3.done('POST', bucket, request(keys.map((key) => object(key)).join('')))
    expect(reply.all('Deleted', 'Key')).toEqual(keys)
    await s3.done('DELETE', bucket)
  })

  test('keys that no object can have are refused, each for itself', async () => {
    const bucket = await s3.bucket('Enabled')
    const reply = await s3.done('POST', bucket, request(object('ä'.repeat(513)) + object('a')))
    expect(reply.all('Error', 'Code')).toEqual(['KeyTooLongError'])
    expect(reply.all('Deleted', 'Key')).toEqual(['a'])
    const versions = await s3.done('GET', bucket, { query: { versions: '' } })
    expect(versions.all('DeleteMarker', 'Key')).toEqual(['a'])
  })

  test('a list that may have been changed on its way is refused', async () => {
    const bucket = await s3.bucket()
    const { body = '', ...rest } = request(object('a'))
    expect(await s3.refused('POST', bucket, { ...rest, headers: {}, body })).toMatchObject({
      code: 'InvalidRequest',
    })
    expect(await s3.refused('POST', bucket, { ...rest, body: `${String(body)} ` })).toMatchObject({
      code: 'BadDigest',
    })
  })
})
