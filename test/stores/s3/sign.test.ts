import { createHash, createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { isProtected, Signer } from '../../../src/stores/s3/sign.ts'
import {
  canonicalQuery,
  encodeKey,
  payloadHash,
  UNSIGNED_PAYLOAD,
} from '../../../src/wire/sigv4.ts'

// The examples of the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header".
const example = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
}
const host = 'examplebucket.s3.amazonaws.com'
const then = new Date('2013-05-24T00:00:00Z')
const vectors = [
  {
    name: 'get object',
    request: {
      method: 'GET',
      path: '/test.txt',
      query: '',
      headers: { host, range: 'bytes=0-9' },
      payload: payloadHash(undefined),
    },
    names: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'put object',
    request: {
      method: 'PUT',
      path: `/${encodeKey('test$file.text')}`,
      query: '',
      headers: {
        host,
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      payload: payloadHash('Welcome to Amazon S3.'),
    },
    names: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'get bucket lifecycle',
    request: {
      method: 'GET',
      path: '/',
      query: canonicalQuery({ lifecycle: '' }),
      headers: { host },
      payload: payloadHash(undefined),
    },
    names: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'list objects',
    request: {
      method: 'GET',
      path: '/',
      query: canonicalQuery({ prefix: 'J', marker: undefined, 'max-keys': '2' }),
      headers: { host },
      payload: payloadHash(undefined),
    },
    names: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

describe('Signer', () => {
  test.each(vectors)(
    'agrees with the published example: $name',
    ({ request, names, signature }) => {
      const signed = new Signer('us-east-1').sign(request, example, then)
      expect(signed['x-amz-date']).toBe('20130524T000000Z')
      expect(signed['authorization']).toBe(
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
          `SignedHeaders=${names}, Signature=${signature}`,
      )
    },
  )

  test('agrees with a plain computation of the specification, also after another day, secret or token', () => {
    const signer = new Signer('eu-west-1')
    const word = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        fc.constantFrom('one', 'two'),
        fc.date({ min: then, max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.option(fc.constantFrom('token', 'other'), { nil: undefined }),
        fc.string({ unit: 'grapheme' }),
        fc.dictionary(fc.constantFrom('x-amz-meta-a', 'range', 'content-type', 'user-agent'), word),
        (secret, now, token, key, extra) => {
          const request = {
            method: 'PUT',
            path: `/bucket/${encodeKey(key)}`,
            query: canonicalQuery({ partNumber: '3', uploadId: key }),
            headers: { host: 'localhost:1', ...extra },
            payload: UNSIGNED_PAYLOAD,
          }
          const credentials = {
            accessKeyId: 'ID',
            secretAccessKey: new Secret(secret),
            sessionToken: token === undefined ? undefined : new Secret(token),
          }
          const signed = signer.sign(request, credentials, now)
          expect(signed['x-amz-security-token']).toBe(token)
          expect(signed['authorization']).toBe(reference(request, signed, secret))
        },
      ),
    )
  })

  test('leaves an anonymous request as it is', () => {
    const headers = { host, range: 'bytes=0-1' }
    const request = { method: 'GET', path: '/', query: '', headers, payload: UNSIGNED_PAYLOAD }
    expect(new Signer('us-east-1').sign(request, undefined, then)).toEqual(headers)
  })

  test('does not show the signing key', () => {
    const signer = new Signer('us-east-1')
    signer.sign(
      { method: 'GET', path: '/', query: '', headers: { host }, payload: UNSIGNED_PAYLOAD },
      example,
      then,
    )
    expect(inspect(signer, { depth: 9, showHidden: true })).not.toContain('EXAMPLEKEY')
    expect(JSON.stringify(signer)).toBe('{}')
  })
})

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** The specification, step by step and slowly. */
function reference(
  request: { method: string; path: string; query: string; payload: string },
  headers: Readonly<Record<string, string>>,
  secret: string,
): string {
  const names = Object.keys(headers)
    .filter((name) => name !== 'authorization' && name !== 'user-agent')
    .toSorted()
  const date = headers['x-amz-date'] ?? ''
  const day = date.slice(0, 8)
  const canonical = [
    request.method,
    request.path,
    request.query,
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().split(/ +/).join(' ')}`),
    '',
    names.join(';'),
    request.payload,
  ].join('\n')
  const scope = `${day}/eu-west-1/s3/aws4_request`
  const digest = createHash('sha256').update(canonical).digest('hex')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), 'eu-west-1'), 's3'), 'aws4_request')
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${digest}`).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=ID/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
}

test.each([
  ['https://example.com', true],
  ['http://example.com', false],
  ['http://127.0.0.1:7480', true],
  ['http://[::1]:7480', true],
  ['http://localhost', true],
  ['http://127.example.com', false],
  ['http://10.0.0.1', false],
])('isProtected(%s) is %s', (origin, expected) => {
  expect(isProtected(origin)).toBe(expected)
})
