import { describe, expect, test } from 'vitest'
import { parseComplete } from '../../../../src/serve/operations/multipart/complete.ts'
import { parseXml } from '../../../../src/wire/xml.ts'
import { served } from '../../client.ts'
import { refusedCode } from '../refused.ts'
import { MiB, begin, completion, large, sendPart, type Begun, type NamedPart } from './parts.ts'

type Kind = Parameters<typeof parseComplete>[1]['checksum']
const composite: Kind = { algorithm: 'CRC32', type: 'COMPOSITE' }

function parse(inside: string, checksum?: Kind): ReturnType<typeof parseComplete> {
  const root = parseXml(`<CompleteMultipartUpload>${inside}</CompleteMultipartUpload>`)
  return parseComplete(root, { checksum })
}

const part = (number: number, more = ''): string =>
  `<Part><PartNumber>${number}</PartNumber><ETag>"e"</ETag>${more}</Part>`

test('a list of parts', () => {
  expect(parse(part(2) + part(7))).toEqual([
    { number: 2, etag: 'e', checksum: undefined },
    { number: 7, etag: 'e', checksum: undefined },
  ])
  expect(parse(part(1, '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>'), composite)).toEqual([
    { number: 1, etag: 'e', checksum: 'AAAAAA==' },
  ])
})

test('10,000 parts are taken', () => {
  const parts = Array.from({ length: 10_000 }, (_, index) => part(index + 1))
  expect(parse(parts.join(''))).toHaveLength(10_000)
  expect(refusedCode(() => parse([...parts, part(10_001)].join('')))).toBe('MalformedXML')
})

test.each([
  ['', 'MalformedXML'],
  ['<Part><PartNumber>x</PartNumber><ETag>e</ETag></Part>', 'MalformedXML'],
  ['<Part><PartNumber>1</PartNumber><ETag/></Part>', 'MalformedXML'],
  [part(0), 'InvalidArgument'],
  [part(10_001), 'InvalidArgument'],
  [part(2) + part(1), 'InvalidPartOrder'],
  [part(1) + part(1), 'InvalidPartOrder'],
])('%s is refused', (inside, code) => {
  expect(refusedCode(() => parse(inside))).toBe(code)
})

test('the parts of a composite checksum are consecutive, and of its algorithm', () => {
  const crc = '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>'
  expect(refusedCode(() => parse(part(1, crc) + part(3, crc), composite))).toBe('InvalidPartOrder')
  const other = part(1, '<ChecksumSHA1>AA==</ChecksumSHA1>')
  expect(refusedCode(() => parse(other, composite))).toBe('InvalidPart')
})

describe('over HTTP', () => {
  const s3 = served()

  /** A large part and a small one. */
  async function twoParts(
    upload: Begun,
  ): Promise<{ readonly bytes: Buffer; readonly parts: readonly NamedPart[] }> {
    const bodies = [large(1), Buffer.from('tail')]
    const parts: NamedPart[] = []
    for (const [index, body] of bodies.entries()) {
      const reply = await sendPart(s3, upload, index + 1, body)
      parts.push({ number: index + 1, etag: reply.header('etag') })
    }
    return { bytes: Buffer.concat(bodies), parts }
  }

  test('parts become an object', async () => {
    const upload = await begin(s3)
    const { bytes, parts } = await twoParts(upload)
    expect(await s3.refused('GET', upload.name)).toMatchObject({ status: 404 })
    const size = { 'x-amz-mp-object-size': String(bytes.length) }
    const reply = await s3.done('POST', upload.name, completion(upload, parts, size))
    expect(reply.xml.name).toBe('CompleteMultipartUploadResult')
    expect(reply.get('Location')).toMatch(new RegExp(`^http://127.0.0.1:\\d+/${upload.name}$`))
    expect(reply.get('ETag')).toMatch(/^"[0-9a-f]{32}-2"$/)
    expect(reply.get('ChecksumType')).toBe('FULL_OBJECT')
    const whole = await s3.done('GET', upload.name)
    expect(whole.bytes.equals(bytes)).toBe(true)
    expect(whole.header('etag')).toBe(reply.get('ETag'))
    expect(whole.headers).not.toHaveProperty('x-amz-mp-parts-count')
    const tail = await s3.send('GET', upload.name, { query: { partNumber: '2' } })
    expect([tail.status, tail.text]).toEqual([206, 'tail'])
    expect(tail.headers).toMatchObject({
      'x-amz-mp-parts-count': '2',
      'content-range': `bytes ${5 * MiB}-${5 * MiB + 3}/${5 * MiB + 4}`,
    })
    expect(await s3.refused('GET', upload.name, { query: { partNumber: '3' } })).toMatchObject({
      status: 416,
    })
  })

  test('a second completion has the answer of the first', async () => {
    const upload = await begin(s3)
    const { parts } = await twoParts(upload)
    const [first, second] = [
      await s3.done('POST', upload.name, completion(upload, parts)),
      await s3.done('POST', upload.name, completion(upload, parts)),
    ]
    expect(second.get('ETag')).toBe(first.get('ETag'))
  })

  test('a composite checksum is that of the parts', async () => {
    const upload = await begin(s3, { 'x-amz-checksum-algorithm': 'CRC32' })
    const sent = await sendPart(s3, upload, 1, 'hello', { 'x-amz-checksum-crc32': 'NhCmhg==' })
    const more = '<ChecksumCRC32>NhCmhg==</ChecksumCRC32>'
    const parts = [{ number: 1, etag: sent.header('etag'), more }]
    const bare = completion(
      upload,
      parts.map(({ number, etag }) => ({ number, etag })),
    )
    expect(await s3.refused('POST', upload.name, bare)).toMatchObject({ code: 'InvalidRequest' })
    const reply = await s3.done('POST', upload.name, completion(upload, parts))
    expect(reply.get('ChecksumCRC32')).toMatch(/^[\w+/]{6}==-1$/)
    expect(reply.get('ChecksumType')).toBe('COMPOSITE')
    const headers = { 'x-amz-object-attributes': 'ObjectParts', 'x-amz-max-parts': '1' }
    const attributes = await s3.done('GET', upload.name, { query: { attributes: '' }, headers })
    expect(attributes.all('ObjectParts', 'PartsCount')).toEqual(['1'])
    expect(attributes.text).toContain('<ChecksumCRC32>NhCmhg==</ChecksumCRC32>')
    const head = await s3.send('HEAD', upload.name, {
      query: { partNumber: '1' },
      headers: { 'x-amz-checksum-mode': 'ENABLED' },
    })
    expect(head.header('x-amz-checksum-crc32')).toBe('NhCmhg==')
  })

  test('the checksum of the whole needs none of the parts', async () => {
    const upload = await begin(s3, {
      'x-amz-checksum-algorithm': 'CRC32',
      'x-amz-checksum-type': 'FULL_OBJECT',
    })
    const etag = (await sendPart(s3, upload, 1, 'hello')).header('etag')
    const headers = { 'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-checksum-type': 'FULL_OBJECT' }
    const sent = completion(upload, [{ number: 1, etag }], headers)
    const reply = await s3.done('POST', upload.name, sent)
    expect(reply.get('ChecksumCRC32')).toBe('NhCmhg==')
    expect(reply.get('ChecksumType')).toBe('FULL_OBJECT')
  })

  test.each([
    ['x-amz-mp-object-size', '5', 'InvalidRequest'],
    ['x-amz-mp-object-size', 'x', 'InvalidArgument'],
    ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA=', 'BadDigest'],
    ['x-amz-checksum-type', 'COMPOSITE', 'InvalidRequest'],
    ['if-match', '"x"', 'NoSuchKey'],
  ])('%s: %s is refused', async (name, value, code) => {
    const upload = await begin(s3)
    const etag = (await sendPart(s3, upload, 1, 'tail')).header('etag')
    const parts = [{ number: 1, etag }]
    const sent = completion(upload, parts, { [name]: value })
    expect(await s3.refused('POST', upload.name, sent)).toMatchObject({ code })
    expect(await s3.refused('GET', upload.name)).toMatchObject({ status: 404 })
    await s3.done('POST', upload.name, completion(upload, parts))
  })

  test('parts that are not there, are others, or are too small', async () => {
    const upload = await begin(s3)
    const small = (await sendPart(s3, upload, 1, 'small')).header('etag')
    const tail = (await sendPart(s3, upload, 2, 'tail')).header('etag')
    const code = async (...parts: NamedPart[]): Promise<string | undefined> =>
      (await s3.refused('POST', upload.name, completion(upload, parts))).code
    expect(await code({ number: 3, etag: tail })).toBe('InvalidPart')
    expect(await code({ number: 1, etag: tail })).toBe('InvalidPart')
    expect(await code({ number: 1, etag: small }, { number: 2, etag: tail })).toBe('EntityTooSmall')
    expect(await code({ number: 2, etag: tail }, { number: 1, etag: small })).toBe(
      'InvalidPartOrder',
    )
  })

  test('where nothing may be, one of two completes', async () => {
    const bucket = await s3.bucket()
    const uploads = [await begin(s3, {}, bucket), await begin(s3, {}, bucket)]
    const statuses = await Promise.all(
      uploads.map(async (upload) => {
        const etag = (await sendPart(s3, upload, 1, 'x')).header('etag')
        const sent = completion(upload, [{ number: 1, etag }], { 'if-none-match': '*' })
        return (await s3.send('POST', upload.name, sent)).status
      }),
    )
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412])
  })

  test('an upload that is aborted is gone', async () => {
    const upload = await begin(s3)
    await sendPart(s3, upload, 1, 'x')
    const query = { uploadId: upload.id }
    expect((await s3.done('DELETE', upload.name, { query })).status).toBe(204)
    expect(await s3.refused('GET', upload.name, { query })).toMatchObject({ code: 'NoSuchUpload' })
    expect(await s3.refused('DELETE', upload.name, { query })).toMatchObject({
      code: 'NoSuchUpload',
    })
  })
})
