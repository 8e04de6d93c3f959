import { createHmac, hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeChunks } from '../../../src/serve/auth/chunks.ts'
import { authenticate } from '../../../src/serve/auth/signature.ts'
import type { ChunkSigning, Payload } from '../../../src/serve/auth/types.ts'
import { EMPTY_SHA256, signingKey } from '../../../src/wire/sigv4.ts'
import { account, accounts, headOf, refusal, region, day } from './example.ts'

type Chunked = Extract<Payload, { kind: 'chunked' }>

const signing: ChunkSigning = {
  key: signingKey(account.secretAccessKey, '20130524', region),
  time: '20130524T000000Z',
  scope: '20130524/us-east-1/s3/aws4_request',
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
}
const unsigned: Chunked = { kind: 'chunked', signing: undefined, trailer: true }
const signed: Chunked = { kind: 'chunked', signing, trailer: false }
const signedWithTrailer: Chunked = { kind: 'chunked', signing, trailer: true }

interface Decoded {
  readonly data: Buffer
  readonly trailers: Readonly<Record<string, string>>
}

async function decode(pieces: Iterable<Uint8Array>, payload: Chunked): Promise<Decoded> {
  let trailers: ReadonlyMap<string, string> | undefined
  const data: Uint8Array[] = []
  const source = (async function* () {
    yield* pieces
  })()
  const chunks = decodeChunks(source, payload, (headers) => {
    expect(trailers).toBeUndefined()
    trailers = headers
  })
  for await (const bytes of chunks) data.push(bytes)
  return { data: Buffer.concat(data), trailers: Object.fromEntries(trailers ?? [['none', '']]) }
}

/** A body as a client frames it; each signature covers the one before. */
function frame(
  chunks: readonly Uint8Array[],
  payload: Chunked,
  trailers: Readonly<Record<string, string>> = {},
  lineEnd = '\r\n',
): Buffer {
  let previous = payload.signing?.seed ?? ''
  const sign = (algorithm: string, digests: string): string => {
    const { key, time, scope } = signing
    const text = `${algorithm}\n${time}\n${scope}\n${previous}\n${digests}`
    previous = createHmac('sha256', key).update(text).digest('hex')
    return previous
  }
  const parts: (Uint8Array | string)[] = []
  for (const chunk of [...chunks, new Uint8Array()]) {
    const digests = `${EMPTY_SHA256}\n${hash('sha256', chunk)}`
    const extension = payload.signing
      ? `;chunk-signature=${sign('AWS4-HMAC-SHA256-PAYLOAD', digests)}`
      : ''
    parts.push(`${chunk.length.toString(16)}${extension}\r\n`)
    if (chunk.length > 0) parts.push(chunk, '\r\n')
  }
  if (payload.trailer) {
    let text = ''
    for (const [name, value] of Object.entries(trailers)) {
      text += `${name}:${value}\n`
      parts.push(`${name}:${value}${lineEnd}`)
    }
    if (payload.signing)
      parts.push(
        `x-amz-trailer-signature:${sign('AWS4-HMAC-SHA256-TRAILER', hash('sha256', text))}\r\n`,
      )
  }
  parts.push('\r\n')
  return Buffer.concat(parts.map((part) => Buffer.from(part)))
}

const crc = { 'x-amz-checksum-crc32c': 'sOO8/Q==' }
const abc = Buffer.from('abc')

function payloadOf(extra: Readonly<Record<string, string>>, sha256: string, seed: string): Chunked {
  const headers: Readonly<Record<string, string>> = {
    host: 's3.amazonaws.com',
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': sha256,
    'x-amz-date': '20130524T000000Z',
    'x-amz-decoded-content-length': '66560',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    ...extra,
  }
  const names = Object.keys(headers).toSorted().join(';')
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${account.accessKeyId}/20130524/us-east-1/s3/aws4_request, ` +
    `SignedHeaders=${names}, Signature=${seed}`
  const head = headOf('PUT', '/examplebucket/chunkObject.txt', { ...headers, authorization })
  const { payload } = authenticate(head, accounts, { region, now: day.getTime() })
  if (payload.kind !== 'chunked') throw new Error('not in chunks')
  return payload
}

const kilobytes = (count: number): string => 'a'.repeat(count * 1024)

describe('the published examples:', () => {
  test('signed chunks', async () => {
    const payload = payloadOf(
      { 'content-length': '66824' },
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    )
    const body = Buffer.from(
      `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${kilobytes(64)}\r\n` +
        `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${kilobytes(1)}\r\n` +
        '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
    )
    expect(body.length).toBe(66824)
    const { data, trailers } = await decode([body], payload)
    expect(data.toString()).toBe(kilobytes(65))
    expect(trailers).toEqual({})
  })

  test('signed chunks and trailers', async () => {
    const payload = payloadOf(
      { 'x-amz-trailer': 'x-amz-checksum-crc32c' },
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    )
    const body = Buffer.from(
      `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${kilobytes(64)}\r\n` +
        `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${kilobytes(1)}\r\n` +
        '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n' +
        'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
        'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
    )
    const { data, trailers } = await decode([body], payload)
    expect(data.toString()).toBe(kilobytes(65))
    expect(trailers).toEqual(crc)
  })
})

const anyPayload = fc.constantFrom(unsigned, signed, signedWithTrailer)
const anyChunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 })
const anyTrailers = fc.constantFrom({}, crc, { ...crc, 'x-amz-meta-a': 'b: c' })

test('any split of any body into pieces gives the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPayload,
      anyChunks,
      anyTrailers,
      fc.array(fc.nat(400), { maxLength: 12 }),
      async (payload, chunks, trailers, cuts) => {
        const body = frame(chunks, payload, trailers)
        const at = [0, ...cuts.toSorted((a, b) => a - b), body.length]
        const pieces = at.slice(1).map((end, index) => body.subarray(at[index], end))
        const decoded = await decode(pieces, payload)
        expect(decoded.data).toEqual(Buffer.concat(chunks))
        expect(decoded.trailers).toEqual(payload.trailer ? trailers : {})
      },
    ),
  )
})

test('any changed byte of a signed body is refused, or changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(signed, signedWithTrailer),
      anyChunks,
      anyTrailers,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (payload, chunks, trailers, where, flip) => {
        const body = frame(chunks, payload, trailers)
        const good = await decode([body], payload)
        const at = where % body.length
        body[at] = (body[at] ?? 0) ^ flip
        const decoded = await decode([body], payload).catch((error: unknown) => error)
        if (!(decoded instanceof Error)) expect(decoded).toEqual(good)
        else expect(decoded).toEqual(expect.objectContaining({ name: 'S3Error' }))
      },
    ),
    { numRuns: 500 },
  )
})

test('any byte of the data changed is refused', async () => {
  const body = frame([abc, abc], signed)
  for (let at = body.indexOf('abc'); at !== -1; at = body.indexOf('abc', at + 1)) {
    const bad = Buffer.from(body)
    bad[at + 1] = 0x42
    await expect(decode([bad], signed)).rejects.toThrow(refusal('SignatureDoesNotMatch'))
  }
})

test('a body that ends early is incomplete, wherever it ends', async () => {
  for (const payload of [unsigned, signed, signedWithTrailer]) {
    const body = frame([abc, abc], payload, crc)
    // Behind this the HTTP message is what tells that it is whole.
    const end = body.indexOf(payload.trailer && payload.signing ? '\r\nx-amz-trailer' : '\r\n0')
    for (let length = 0; length < end + 5; length++) {
      const error = await decode([body.subarray(0, length)], payload).catch((e: unknown) => e)
      expect(error).toEqual(expect.objectContaining({ name: 'S3Error' }))
    }
    const cut = body.subarray(0, body.indexOf('abc') + 1)
    await expect(decode([cut], payload)).rejects.toThrow(refusal('IncompleteBody'))
    await expect(decode([], payload)).rejects.toThrow(refusal('IncompleteBody'))
  }
})

test('bytes come as they arrive, without copies; the last ones of a signed chunk after its signature', async () => {
  const body = frame([Buffer.from('a'.repeat(100))], signed)
  body[body.indexOf('a'.repeat(100)) + 99] = 0x62
  const got: number[] = []
  const source = (async function* () {
    yield body.subarray(0, 150)
    yield body.subarray(150)
  })()
  await expect(async () => {
    for await (const bytes of decodeChunks(source, signed, () => undefined)) {
      expect(bytes.buffer).toBe(body.buffer)
      got.push(bytes.length)
    }
  }).rejects.toThrow(refusal('SignatureDoesNotMatch'))
  expect(got).toEqual([150 - body.indexOf('a'.repeat(99))])
})

test('trailers may end in \\n\\r\\n, and be followed by an empty line', async () => {
  const trailers = { ...crc, 'x-amz-meta-a': 'b' }
  const first = frame([abc], signedWithTrailer, trailers, '\n\r\n')
  expect((await decode([first], signedWithTrailer)).trailers).toEqual(trailers)
  const text = frame([abc], signedWithTrailer, trailers).toString()
  const joined = text.replace('==\r\n', '==\n')
  expect((await decode([Buffer.from(joined)], signedWithTrailer)).trailers).toEqual(trailers)
  const spaced = frame([abc], unsigned, { 'X-Amz-Checksum-Crc32c': ' sOO8/Q== ' })
  expect((await decode([spaced], unsigned)).trailers).toEqual(crc)
})

describe('refused:', () => {
  const signature = `;chunk-signature=${'0'.repeat(64)}`
  test.each([
    ['a chunk longer than it says', unsigned, '2\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a chunk shorter than it says', unsigned, '4\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['no size', unsigned, '\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a negative size', unsigned, '-1\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a size beyond all numbers', unsigned, '3fffffffffffff\r\nabc', 'InvalidRequest'],
    ['a line without its CR', unsigned, '3\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a signature where there is none', unsigned, `3${signature}\r\nabc`, 'InvalidRequest'],
    ['no signature where there is one', signed, '3\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['another extension', signed, '3;a=b\r\nabc\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a header without an end', unsigned, '0'.repeat(300), 'InvalidRequest'],
    ['a wrong signature', signed, `3${signature}\r\nabc\r\n`, 'SignatureDoesNotMatch'],
    ['a wrong signature at the end', signed, `0${signature}\r\n\r\n`, 'SignatureDoesNotMatch'],
    ['more after the end', unsigned, '0\r\n\r\nmore\r\n', 'MalformedTrailerError'],
    ['a trailer that is none', unsigned, '0\r\nabc\r\n\r\n', 'MalformedTrailerError'],
    ['a trailer twice', unsigned, '0\r\na:1\r\nA:2\r\n\r\n', 'MalformedTrailerError'],
    ['a trailer cut off', unsigned, '0\r\na:1', 'IncompleteBody'],
    ['too much of them', unsigned, `0\r\na:${'1'.repeat(9000)}\r\n\r\n`, 'InvalidRequest'],
  ])('%s', async (_, payload, body, code) => {
    await expect(decode([Buffer.from(body)], payload)).rejects.toThrow(refusal(code))
  })

  test('trailers without their signature, behind it, or with a wrong one', async () => {
    const good = frame([abc], signedWithTrailer, crc).toString()
    for (const [bad, code] of [
      [good.replace(/x-amz-trailer-signature.*\r\n/, ''), 'MalformedTrailerError'],
      [`${good.slice(0, -2)}a:b\r\n\r\n`, 'MalformedTrailerError'],
      [good.replace('sOO8', 'sOO9'), 'SignatureDoesNotMatch'],
      [good.replace(/trailer-signature:./, 'trailer-signature:x'), 'MalformedTrailerError'],
    ] as const)
      await expect(decode([Buffer.from(bad)], signedWithTrailer)).rejects.toThrow(refusal(code))
  })

  test('trailers where none were announced', async () => {
    const body = frame([abc], signed).toString().replace(/\r\n$/, 'a:b\r\n\r\n')
    await expect(decode([Buffer.from(body)], signed)).rejects.toThrow(refusal('InvalidRequest'))
  })
})

test('the source is left when the reader leaves, and its failure is passed on', async () => {
  let left = false
  const source = (async function* () {
    try {
      yield frame([abc], unsigned)
    } finally {
      left = true
    }
  })()
  for await (const bytes of decodeChunks(source, unsigned, () => undefined)) {
    expect(bytes.length).toBe(3)
    break
  }
  expect(left).toBe(true)
  // oxlint-disable-next-line require-yield -- a source that fails at once
  const failing = (async function* (): AsyncGenerator<Uint8Array> {
    throw new Error('gone')
  })()
  await expect(decodeChunks(failing, unsigned, () => undefined).next()).rejects.toThrow('gone')
})
