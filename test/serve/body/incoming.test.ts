import { createHash, hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { crc64ToBase64 } from '../../../src/core/digest.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import type { Payload } from '../../../src/serve/auth/types.ts'
import { checksumHeader } from '../../../src/serve/body/checksum-headers.ts'
import { checksumAlgorithms, checksumOf } from '../../../src/kernels/checksums.ts'
import {
  incomingBody,
  readSmall,
  replayBody,
  type BodyRequest,
} from '../../../src/serve/body/incoming.ts'
import type { Digests, IncomingBody } from '../../../src/serve/body/types.ts'
import { someBytes } from '../../kernels/crc32-suite.ts'
import { exchange, framed, type Exchange, type Sent } from './exchange.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** One that is collected whole, and one that passes in pieces. */
const small = 100 * KIB + 1
const large = 3 * MIB + 7
const input = someBytes(large)
const limits = { maxSize: 8 * MIB }

interface Received {
  readonly bytes: Buffer
  readonly digests: Digests
}

/** All that came before it ended, well or not. */
async function drain(body: IncomingBody): Promise<{ pieces: Buffer[]; error: unknown }> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of body.open()) pieces.push(Buffer.from(piece))
    return { pieces, error: undefined }
  } catch (error) {
    return { pieces, error }
  }
}

async function receive(body: IncomingBody): Promise<Received> {
  const { pieces, error } = await drain(body)
  if (error !== undefined) {
    // Nobody could have stored the whole.
    expect(Buffer.concat(pieces).length).toBeLessThan(Math.max(body.size, 1))
    expect(() => body.digests()).toThrow('no digests')
    throw error
  }
  return { bytes: Buffer.concat(pieces), digests: body.digests() }
}

function put(sent: Sent): Promise<Exchange<Received>> {
  return exchange(sent, async (request) => receive(incomingBody(request, limits)))
}

function expectReceived({ outcome, status }: Exchange<Received>, bytes: Uint8Array): Digests {
  if (outcome.status === 'rejected') throw outcome.reason
  expect(status).toBe(200)
  const { bytes: received, digests } = outcome.value
  expect(Buffer.compare(received, bytes)).toBe(0)
  expect(digests.md5).toBe(hash('md5', bytes))
  expect(digests.crc64nvme).toBe(crc64nvme(bytes))
  return digests
}

function expectRefused({ outcome }: Exchange<unknown>, refusal: object): void {
  expect(outcome).toMatchObject({ status: 'rejected', reason: refusal })
}

const md5Header = (bytes: Uint8Array): Record<string, string> => ({
  'content-md5': hash('md5', bytes, 'base64'),
})

const signed = (bytes: Uint8Array): Payload => ({
  kind: 'signed',
  sha256: hash('sha256', bytes),
})

/** Without a body. */
const open = (headers: Record<string, string>, payload: Payload = { kind: 'unsigned' }) =>
  exchange({ headers, payload, length: 'none' }, async (request) => {
    incomingBody(request, limits)
  })

const readText = (sent: Sent) =>
  exchange(sent, async (request: BodyRequest) => readSmall(request, 1000))

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield input.subarray(0, MIB)
  throw new Error('no more')
}

describe('a body with nothing said of it', () => {
  test.each([0, 1, 64 * KIB, 512 * KIB, 512 * KIB + 1, MIB, MIB + 1, large])(
    'of %i bytes comes whole, with its digests',
    async (size) => {
      const body = input.subarray(0, size)
      const digests = expectReceived(await put({ body }), body)
      const value = crc64ToBase64(crc64nvme(body))
      expect(digests.checksum).toEqual({ algorithm: 'CRC64NVME', value })
    },
  )

  test('has the checksum that the server wants of it', async () => {
    const { outcome } = await exchange({ body: 'abc' }, async (request) =>
      receive(incomingBody(request, { ...limits, checksum: 'SHA1' })),
    )
    const value = createHash('sha1').update('abc').digest('base64')
    expect(outcome).toMatchObject({
      value: { digests: { checksum: { algorithm: 'SHA1', value } } },
    })
  })

  test('comes beside others that are as large', async () => {
    const bodies = [0, 1, 2, 3].map((start) => input.subarray(start, 2 * MIB))
    const exchanges = await Promise.all(bodies.map((body) => put({ body })))
    bodies.forEach((body, index) => {
      const one = exchanges[index]
      if (one === undefined) throw new Error('an exchange is missing')
      expectReceived(one, body)
    })
  })
})

describe.each([small, large])('%i bytes', (size) => {
  const body = input.subarray(0, size)
  const other = input.subarray(1, size)

  test.each(checksumAlgorithms)('with their %s in a header', async (algorithm) => {
    const value = checksumOf(algorithm, body)
    const headers = {
      [checksumHeader(algorithm)]: value,
      'x-amz-sdk-checksum-algorithm': algorithm,
    }
    const digests = expectReceived(await put({ headers, body }), body)
    expect(digests.checksum).toEqual({ algorithm, value })
  })

  test.each(checksumAlgorithms)('with the %s of others are refused', async (algorithm) => {
    const headers = { [checksumHeader(algorithm)]: checksumOf(algorithm, other) }
    expectRefused(await put({ headers, body }), {
      code: 'BadDigest',
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    })
  })

  test('with their MD5, and with that of others', async () => {
    expectReceived(await put({ headers: md5Header(body), body }), body)
    expectRefused(await put({ headers: md5Header(other), body }), {
      code: 'BadDigest',
      extra: {
        ExpectedDigest: hash('md5', other, 'base64'),
        CalculatedDigest: hash('md5', body, 'base64'),
      },
    })
  })

  test('whose SHA-256 is signed, and with that of others', async () => {
    expectReceived(await put({ payload: signed(body), body }), body)
    expectRefused(await put({ payload: signed(other), body }), {
      code: 'XAmzContentSHA256Mismatch',
      extra: {
        ClientComputedContentSHA256: hash('sha256', other),
        S3ComputedContentSHA256: hash('sha256', body),
      },
    })
  })

  test('whose client goes away are incomplete', async () => {
    const sent = await put({ body: body.subarray(0, size - 1), length: size, end: 'broken' })
    expectRefused(sent, { code: 'IncompleteBody' })
  })

  test('that do not come end with the request’s signal', async () => {
    const sent: Sent = { body: body.subarray(0, 1000), length: size, end: 'open' }
    const { outcome, status } = await exchange(sent, async (request, begun) => {
      const received = receive(incomingBody(request, limits))
      begun.abort('stopped')
      return received
    })
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } })
    expect(status).toBeUndefined()
  })

  test('are not read after the signal has aborted', async () => {
    const { outcome } = await exchange({ body }, async (request, begun) => {
      begun.abort('stopped')
      return receive(incomingBody(request, limits))
    })
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } })
  })

  describe('in chunks', () => {
    const payload: Payload = { kind: 'chunked', signing: undefined, trailer: true }
    const chunks = (
      trailer: string,
      announced = 'x-amz-checksum-crc32c',
      decoded = size,
    ): Sent => ({
      headers: {
        'x-amz-decoded-content-length': String(decoded),
        'x-amz-trailer': announced,
      },
      payload,
      body: framed(body, 9000, trailer),
    })
    const crc = checksumOf('CRC32C', body)

    test('with their checksum behind them', async () => {
      const digests = expectReceived(await put(chunks(`x-amz-checksum-crc32c:${crc}\r\n`)), body)
      expect(digests.checksum).toEqual({ algorithm: 'CRC32C', value: crc })
    })

    test('by HTTP too', async () => {
      const sent = chunks(`x-amz-checksum-crc32c:${crc}\r\n`)
      expectReceived(await put({ ...sent, length: 'none' }), body)
    })

    test('without a trailer', async () => {
      const headers = { 'x-amz-decoded-content-length': String(size) }
      const sent = {
        headers,
        payload: { ...payload, trailer: false },
        body: framed(body, 70_000, ''),
      }
      expectReceived(await put(sent), body)
    })

    test('are refused for what is wrong with the trailer', async () => {
      const wrong = `x-amz-checksum-crc32c:${checksumOf('CRC32C', other)}\r\n`
      expectRefused(await put(chunks(wrong)), {
        code: 'BadDigest',
        message: 'The CRC32C you specified did not match the calculated checksum.',
      })
      expectRefused(await put(chunks('x-amz-checksum-crc32c:abc\r\n')), {
        code: 'InvalidRequest',
        message: 'Value for x-amz-checksum-crc32c trailing header is invalid.',
      })
      expectRefused(await put(chunks('')), { code: 'MalformedTrailerError' })
      expectRefused(await put(chunks('', 'x-amz-meta-a')), { code: 'InvalidRequest' })
    })

    test.each([-1, 1])('of another length by %i are incomplete', async (difference) => {
      const trailer = `x-amz-checksum-crc32c:${crc}\r\n`
      const sent = chunks(trailer, 'x-amz-checksum-crc32c', size + difference)
      expectRefused(await put(sent), { code: 'IncompleteBody' })
    })
  })
})

describe('incomingBody refuses', () => {
  test('a body without a length', async () => {
    expectRefused(await open({}), { code: 'MissingContentLength' })
    const payload: Payload = { kind: 'chunked', signing: undefined, trailer: false }
    const sent = { payload, body: framed(input.subarray(0, 9), 9, '') }
    expectRefused(await put(sent), { code: 'MissingContentLength' })
  })

  test('one that is too large', async () => {
    const sent: Sent = { length: limits.maxSize + 1, end: 'open' }
    expectRefused(await put(sent), {
      code: 'EntityTooLarge',
      extra: { ProposedSize: String(limits.maxSize + 1), MaxSizeAllowed: String(limits.maxSize) },
    })
  })

  test.each(['', '-1', '1.5', '0x10', '9007199254740993'])('the length "%s"', async (length) => {
    const payload: Payload = { kind: 'chunked', signing: undefined, trailer: false }
    const refused = await open({ 'x-amz-decoded-content-length': length }, payload)
    expectRefused(refused, { code: 'InvalidArgument' })
  })

  test.each(['', 'abc', 'AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAA'])(
    'the MD5 "%s"',
    async (md5) => {
      const refused = await put({ headers: { 'content-md5': md5 } })
      expectRefused(refused, { code: 'InvalidDigest' })
    },
  )

  test('the announcement of a trailer that cannot come', async () => {
    const refused = await put({ headers: { 'x-amz-trailer': 'x-amz-checksum-crc32' } })
    expectRefused(refused, { code: 'MalformedTrailerError' })
  })
})

test('a body that is left early leaves the connection for an answer', async () => {
  const sent: Sent = { body: input.subarray(0, 2 * MIB), length: large, end: 'open' }
  const { outcome, status } = await exchange(sent, async (request) => {
    const seen: number[] = []
    for await (const piece of incomingBody(request, limits).open()) {
      seen.push(piece.length)
      break
    }
    return seen
  })
  expect(outcome).toEqual({ status: 'fulfilled', value: [512 * KIB] })
  expect(status).toBe(200)
})

describe('replayBody', () => {
  test.each([0, 1000, large])('gives %i bytes and their digests', async (size) => {
    const bytes = input.subarray(0, size)
    const { digests, bytes: given } = await receive(replayBody(cut(bytes, 7001), size, 'SHA256'))
    expect(Buffer.compare(given, bytes)).toBe(0)
    expect(digests).toEqual({
      md5: hash('md5', bytes),
      crc64nvme: crc64nvme(bytes),
      checksum: { algorithm: 'SHA256', value: hash('sha256', bytes, 'base64') },
    })
  })

  test.each([small, large])('fails where %i bytes were promised and others come', async (size) => {
    for (const other of [size - 1, size + 1]) {
      const body = replayBody(cut(input.subarray(0, size), 7001), other)
      await expect(receive(body)).rejects.toMatchObject({ code: 'IncompleteBody' })
    }
  })

  test('reads no further ahead than a piece', async () => {
    let read = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      for await (const chunk of cut(input, 16 * KIB)) {
        read += chunk.length
        yield chunk
      }
    }
    let given = 0
    for await (const piece of replayBody(source(), large).open()) {
      given += piece.length
      await new Promise((resolve) => setImmediate(resolve))
      expect(read).toBeLessThanOrEqual(given + 512 * KIB)
    }
    expect(given).toBe(large)
  })

  test('passes on how its source failed, and lets a source go that is left', async () => {
    await expect(receive(replayBody(failing(), large))).rejects.toThrow('no more')
    const left = Promise.withResolvers<string>()
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield input.subarray(0, MIB)
      } finally {
        left.resolve('left')
      }
    }
    for await (const piece of replayBody(endless(), 100 * MIB).open()) if (piece.length > 0) break
    await expect(left.promise).resolves.toBe('left')
  })
})

describe('readSmall', () => {
  test('gives the text', async () => {
    const { outcome } = await readText({ body: '<a>é</a>' })
    expect(outcome).toEqual({ status: 'fulfilled', value: '<a>é</a>' })
  })

  test('takes a request without a body', async () => {
    const server = exchange({}, async (request) => {
      await request.body.end()
      return readSmall({ ...request, headers: {} }, 1000)
    })
    expect((await server).outcome).toEqual({ status: 'fulfilled', value: '' })
  })

  test('refuses what is too long, has no length, is no text, or is not what was said', async () => {
    expectRefused(await readText({ body: 'a'.repeat(1001) }), { code: 'MaxMessageLengthExceeded' })
    expectRefused(await readText({ body: 'a', length: 'none' }), { code: 'MissingContentLength' })
    expectRefused(await readText({ body: Buffer.of(0x61, 0xff) }), { code: 'MalformedXML' })
    expectRefused(await readText({ body: 'a', headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }), {
      code: 'BadDigest',
    })
  })
})
