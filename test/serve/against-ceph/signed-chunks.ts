// Bodies in signed chunks.
import { Secret } from '../../../src/core/secret.ts'
import { checksumOf } from '../../../src/kernels/checksums.ts'
import { EMPTY_SHA256, signatureOf, signingKey } from '../../../src/wire/sigv4.ts'
import { differs, type Scenario, type Stage } from './stage.ts'
import { hash } from 'node:crypto'

interface Signing {
  readonly seed: string
  readonly time: string
  readonly scope: string
  readonly key: Secret
}

function chunks(
  stage: Stage,
  { seed, time, scope, key }: Signing,
  bodies: readonly string[],
  spoil = '',
): { text: string; last: string } {
  const secret = signingKey(key, time.slice(0, 8), stage.endpoint.region)
  let [last, text] = [seed, '']
  for (const body of [...bodies, '']) {
    last = signatureOf(
      secret,
      `AWS4-HMAC-SHA256-PAYLOAD\n${time}\n${scope}\n${last}\n${EMPTY_SHA256}\n${hash('sha256', body)}`,
    ).toString('hex')
    text += `${body.length.toString(16)};chunk-signature=${last}\r\n${body === '' ? '' : `${spoil || body}\r\n`}`
  }
  return { text, last }
}

export const chunked: Scenario = async (stage) => {
  const key = `${await stage.bucket()}/key`
  const big = 'x'.repeat(65_536)
  const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '65541' }
  const payload = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
  await stage.ask(
    'signed chunks',
    'PUT',
    key,
    { headers, payload, frame: (signing) => `${chunks(stage, signing, [big, 'hello']).text}\r\n` },
    '200',
  )
  await stage.ask(
    'are not stored with their frames',
    'HEAD',
    key,
    { show: ['content-length', 'content-encoding', 'etag'] },
    '200 content-length=65541 etag="997ef9418559362e6e4e96c3da18834c"',
  )
  await stage.ask(
    'a chunk changed',
    'PUT',
    key,
    {
      headers: { ...headers, 'x-amz-decoded-content-length': '5' },
      payload,
      frame: (signing) => `${chunks(stage, signing, ['hello'], 'hellO').text}\r\n`,
    },
    differs(
      '403 SignatureDoesNotMatch',
      '400 XAmzContentSHA256Mismatch',
      'Chunks: a wrong signature is a SignatureDoesNotMatch; Ceph names the digest',
    ),
  )
  await stage.ask(
    'a chunk missing',
    'PUT',
    key,
    { headers, payload, frame: (signing) => `${chunks(stage, signing, [big]).text}\r\n` },
    differs(
      '400 IncompleteBody',
      '400 InvalidArgument',
      'List of error codes: IncompleteBody; Ceph has a general one',
    ),
  )
  await stage.ask(
    'no decoded length',
    'PUT',
    key,
    {
      headers: { 'content-encoding': 'aws-chunked' },
      payload,
      frame: (signing) => `${chunks(stage, signing, ['hello']).text}\r\n`,
    },
    differs(
      '411 MissingContentLength',
      '400 InvalidArgument',
      'List of error codes: MissingContentLength; Ceph has a general one',
    ),
  )
  await stage.ask(
    'another encoding beside',
    'PUT',
    key,
    {
      headers: { 'content-encoding': 'aws-chunked,gzip', 'x-amz-decoded-content-length': '5' },
      payload,
      frame: (signing) => `${chunks(stage, signing, ['hello']).text}\r\n`,
    },
    '200',
  )
  await stage.ask(
    'which is kept',
    'HEAD',
    key,
    { show: ['content-length', 'content-encoding'] },
    '200 content-length=5 content-encoding=gzip',
  )
  const crc = `x-amz-checksum-crc32:${checksumOf('CRC32', Buffer.from('hello'))}`
  const trailer = (signing: Signing, line: string): string => {
    const { text, last } = chunks(stage, signing, ['hello'])
    const secret = signingKey(signing.key, signing.time.slice(0, 8), stage.endpoint.region)
    const signature = signatureOf(
      secret,
      `AWS4-HMAC-SHA256-TRAILER\n${signing.time}\n${signing.scope}\n${last}\n${hash('sha256', `${crc}\n`)}`,
    ).toString('hex')
    return `${text}${line}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`
  }
  const signed = {
    headers: {
      ...headers,
      'x-amz-decoded-content-length': '5',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    },
    payload: `${payload}-TRAILER`,
  }
  await stage.ask(
    'a signed trailer',
    'PUT',
    key,
    { ...signed, frame: (signing) => trailer(signing, crc) },
    '200',
  )
  await stage.ask(
    'a trailer changed',
    'PUT',
    key,
    { ...signed, frame: (signing) => trailer(signing, 'x-amz-checksum-crc32:AAAAAA==') },
    '403 SignatureDoesNotMatch',
  )
}
