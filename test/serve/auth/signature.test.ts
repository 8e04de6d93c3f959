import { hash, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { accountsOf } from '../../../src/serve/auth/accounts.ts'
import { authenticate } from '../../../src/serve/auth/signature.ts'
import type { Authenticated, Payload } from '../../../src/serve/auth/types.ts'
import type { RequestHead } from '../../../src/serve/http/types.ts'
import { Signer } from '../../../src/stores/s3/sign.ts'
import {
  canonicalQuery,
  encodeKey,
  payloadHash,
  UNSIGNED_PAYLOAD,
} from '../../../src/wire/sigv4.ts'
import { account, accounts, headOf, host, refusal, region, day } from './example.ts'

const minute = 60_000
const user = { kind: 'user', accessKeyId: account.accessKeyId }
const check = (head: RequestHead, later = 0): Authenticated =>
  authenticate(head, accounts, { region, now: day.getTime() + later })

/** A request as the S3 client of this project signs and sends it. */
function sent(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  payload: string = UNSIGNED_PAYLOAD,
  { place = region, credentials = account }: { place?: string; credentials?: typeof account } = {},
): RequestHead {
  const [path = '', query = ''] = target.split('?')
  const request = { method, path, query, headers: { host, ...headers }, payload }
  return headOf(method, target, new Signer(place).sign(request, credentials, day))
}

function changed(
  head: RequestHead,
  headers: Readonly<Record<string, string | undefined>>,
): RequestHead {
  const all = { ...head.headers, ...headers }
  return {
    ...head,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  }
}

const without = (head: RequestHead, name: string): RequestHead =>
  changed(head, { authorization: head.headers['authorization']?.replace(`${name};`, '') })

const payloadFor = (declared: string): Payload => check(sent('PUT', '/a', {}, declared)).payload

const ask = (sha256?: string): Authenticated =>
  check(headOf('PUT', '/a?acl', { host, 'x-amz-content-sha256': sha256 }))

const authorization = (names: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`

describe('the published examples:', () => {
  const date = { 'x-amz-date': '20130524T000000Z' }
  const empty = { host, 'x-amz-content-sha256': payloadHash(undefined), ...date }
  test.each([
    [
      'get object',
      headOf('GET', '/test.txt', {
        ...empty,
        range: 'bytes=0-9',
        authorization: authorization(
          'host;range;x-amz-content-sha256;x-amz-date',
          'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
        ),
      }),
    ],
    [
      'put object, its path not in canonical form',
      headOf('PUT', '/test$file.text', {
        ...empty,
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': payloadHash('Welcome to Amazon S3.'),
        authorization: authorization(
          'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
          '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
        ),
      }),
    ],
    [
      'get bucket lifecycle',
      headOf('GET', '/?lifecycle', {
        ...empty,
        authorization: authorization(
          'host;x-amz-content-sha256;x-amz-date',
          'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
        ),
      }),
    ],
    [
      'list objects, its query out of order',
      headOf('GET', '/?prefix=J&max-keys=2', {
        ...empty,
        authorization: authorization(
          'host;x-amz-content-sha256;x-amz-date',
          '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
        ),
      }),
    ],
    [
      'presigned',
      headOf(
        'GET',
        '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
          '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
          '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
          '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
        { host },
      ),
    ],
  ])('%s', (_, head) => {
    expect(check(head).identity).toEqual(user)
    expect(() => check({ ...head, method: 'DELETE' })).toThrow(refusal('SignatureDoesNotMatch'))
    expect(() => check({ ...head, rawPath: '/other' })).toThrow(refusal('SignatureDoesNotMatch'))
    expect(() => check({ ...head, rawQuery: `${head.rawQuery}&more` })).toThrow(
      refusal('SignatureDoesNotMatch'),
    )
  })
})

test('what the client signs is taken: any key, query and header', () => {
  const value = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' })),
      fc.dictionary(fc.constantFrom('x-amz-meta-a', 'range', 'content-type', 'user-agent'), value),
      (key, query, headers) => {
        const target = `/bucket/${encodeKey(key)}?${canonicalQuery({ 'list-type': '2', ...query })}`
        expect(check(sent('GET', target, headers))).toEqual({
          identity: user,
          payload: { kind: 'unsigned' },
        })
      },
    ),
  )
})

test('headers are taken as bytes', () => {
  const head = sent('PUT', '/a', { 'x-amz-meta-a': 'é  €' })
  const arrived = Buffer.from('é  €').toString('latin1')
  expect(check(changed(head, { 'x-amz-meta-a': arrived })).identity).toEqual(user)
  expect(() => check(changed(head, { 'x-amz-meta-a': `${arrived}\u00e9` }))).toThrow(
    refusal('SignatureDoesNotMatch'),
  )
})

test('a wrong signature tells what was signed, and nothing of the secret', () => {
  const head = sent('GET', '/a?b=c')
  const wrong = changed(head, {
    authorization: head.headers['authorization']?.replace(/.{64}$/, '0'.repeat(64)),
  })
  expect(() => check(wrong)).toThrow(
    refusal('SignatureDoesNotMatch', undefined, {
      AWSAccessKeyId: account.accessKeyId,
      SignatureProvided: '0'.repeat(64),
      StringToSign: expect.stringMatching(/^AWS4-HMAC-SHA256\n20130524T000000Z\n/),
      CanonicalRequest: expect.stringMatching(/^GET\n\/a\nb=c\nhost:/),
    }),
  )
  const other = { ...account, secretAccessKey: new Secret('another') }
  expect(() => check(sent('GET', '/', {}, UNSIGNED_PAYLOAD, { credentials: other }))).toThrow(
    refusal('SignatureDoesNotMatch'),
  )
})

describe('the time of a request', () => {
  test.each([-15 * minute, 0, 15 * minute])('may be off by 15 minutes: %i ms', (later) => {
    expect(check(sent('GET', '/'), later).identity).toEqual(user)
  })

  test.each([-15 * minute - 1, 15 * minute + 1])('may not be off by more: %i ms', (later) => {
    expect(() => check(sent('GET', '/'), later)).toThrow(
      refusal('RequestTimeTooSkewed', undefined, { MaxAllowedSkewMilliseconds: '900000' }),
    )
  })

  test('may be off by as much as the options say', () => {
    const options = { region, now: day.getTime() + 2000, clockSkew: 1000 }
    expect(() => authenticate(sent('GET', '/'), accounts, options)).toThrow(
      refusal('RequestTimeTooSkewed'),
    )
  })

  test('may come in Date alone, and must come', () => {
    const headers = {
      host,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': UNSIGNED_PAYLOAD,
    }
    const names = 'date;host;x-amz-content-sha256'
    const canonical = `GET\n/\n\ndate:${headers.date}\nhost:${host}\nx-amz-content-sha256:${UNSIGNED_PAYLOAD}\n\n${names}\n${UNSIGNED_PAYLOAD}`
    const signed = { ...headers, authorization: authorization(names, signatureFor(canonical)) }
    expect(check(headOf('GET', '/', signed)).identity).toEqual(user)
    expect(() => check(headOf('GET', '/', { ...signed, date: undefined }))).toThrow(
      refusal('AccessDenied', /requires a valid Date/),
    )
    expect(() => check(headOf('GET', '/', { ...signed, 'x-amz-date': '2013' }))).toThrow(
      refusal('AccessDenied', /requires a valid Date/),
    )
  })
})

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** The specification, step by step. */
function signatureFor(canonical: string): string {
  const dated = hmac(`AWS4${account.secretAccessKey.reveal()}`, '20130524')
  const key = hmac(hmac(hmac(dated, region), 's3'), 'aws4_request')
  const scope = '20130524/us-east-1/s3/aws4_request'
  const text = `AWS4-HMAC-SHA256\n20130524T000000Z\n${scope}\n${hash('sha256', canonical)}`
  return hmac(key, text).toString('hex')
}

describe('what must be signed:', () => {
  test('the host, and what begins with x-amz-', () => {
    const head = sent('GET', '/', { 'x-amz-acl': 'private' })
    expect(() => check(without(head, 'host'))).toThrow(
      refusal('AccessDenied', /not signed/, { HeadersNotSigned: 'host' }),
    )
    expect(() => check(changed(without(head, 'x-amz-acl'), { 'x-amz-meta-b': 'c' }))).toThrow(
      refusal('AccessDenied', /not signed/, { HeadersNotSigned: 'x-amz-acl, x-amz-meta-b' }),
    )
  })

  test('nothing else', () => {
    expect(check(changed(sent('GET', '/'), { range: 'bytes=0-1' })).identity).toEqual(user)
  })

  test('x-amz-content-sha256 must be there', () => {
    expect(() => check(changed(sent('GET', '/'), { 'x-amz-content-sha256': undefined }))).toThrow(
      refusal('InvalidRequest', /x-amz-content-sha256/),
    )
  })

  test('a name that is not there counts as empty, whatever objects inherit', () => {
    const names = 'constructor;host;x-amz-content-sha256;x-amz-date'
    const canonical = `GET\n/\n\nconstructor:\nhost:${host}\nx-amz-content-sha256:${UNSIGNED_PAYLOAD}\nx-amz-date:20130524T000000Z\n\n${names}\n${UNSIGNED_PAYLOAD}`
    const head = headOf('GET', '/', {
      host,
      'x-amz-content-sha256': UNSIGNED_PAYLOAD,
      'x-amz-date': '20130524T000000Z',
      authorization: authorization(names, signatureFor(canonical)),
    })
    expect(check(head).identity).toEqual(user)
  })
})

describe('refused:', () => {
  const good = sent('GET', '/')
  const text = good.headers['authorization'] ?? ''
  test.each([
    ['another key', text.replace('AKIA', 'AKIB'), 'InvalidAccessKeyId', /./],
    [
      'no key',
      text.replace('AKIAIOSFODNN7EXAMPLE', ''),
      'AuthorizationHeaderMalformed',
      /expecting "<YOUR-AKID>/,
    ],
    [
      'another day',
      text.replace('20130524', '20130525'),
      'AuthorizationHeaderMalformed',
      /credential date "20130525"/,
    ],
    [
      'another service',
      text.replace('/s3/', '/sns/'),
      'AuthorizationHeaderMalformed',
      /belongs to "s3"/,
    ],
    [
      'another end',
      text.replace('aws4_request', 'aws5'),
      'AuthorizationHeaderMalformed',
      /terminal/,
    ],
    ['no credential', text.replace('Credential', 'Other'), 'AuthorizationHeaderMalformed', /./],
    [
      'no names',
      text.replace(/SignedHeaders=[^,]*,/, ''),
      'AuthorizationHeaderMalformed',
      /SignedHeaders/,
    ],
    [
      'names in upper case',
      text.replace('host', 'Host'),
      'AuthorizationHeaderMalformed',
      /SignedHeaders/,
    ],
    [
      'no signature',
      text.replace(/, Signature=.*/, ''),
      'AuthorizationHeaderMalformed',
      /Signature/,
    ],
    ['a short signature', text.slice(0, -1), 'AuthorizationHeaderMalformed', /Signature/],
    ['nothing but the algorithm', 'AWS4-HMAC-SHA256', 'AuthorizationHeaderMalformed', /empty/],
    [
      'version 2',
      'AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=',
      'UnsupportedSignature',
      /AWS4-HMAC-SHA256/,
    ],
    ['version 4A', text.replace('HMAC-SHA256', 'ECDSA-P256-SHA256'), 'NotImplemented', /4A/],
    ['another scheme', 'Basic YTpi', 'InvalidArgument', /Unsupported Authorization Type/],
    ['nothing', '', 'InvalidArgument', /Unsupported Authorization Type/],
  ])('%s', (_, value, code, message) => {
    expect(() => check(changed(good, { authorization: value }))).toThrow(refusal(code, message))
  })

  test('another region, with the right one', () => {
    expect(() => check(sent('GET', '/', {}, UNSIGNED_PAYLOAD, { place: 'eu-west-1' }))).toThrow(
      refusal('AuthorizationHeaderMalformed', /'eu-west-1' is wrong; expecting 'us-east-1'/, {
        Region: region,
      }),
    )
  })

  test('the token of a session', () => {
    const head = sent('GET', '/', { 'x-amz-security-token': 'token' })
    expect(() => check(head)).toThrow(refusal('InvalidToken'))
  })

  test('a signature in both places', () => {
    const head = { ...good, ...headOf('GET', '/?X-Amz-Signature=1', good.headers) }
    expect(() => check(head)).toThrow(refusal('InvalidArgument', /Only one auth mechanism/))
  })
})

describe('how the body comes:', () => {
  test('whole', () => {
    const sha256 = payloadHash('abc')
    expect(payloadFor(sha256)).toEqual({ kind: 'signed', sha256 })
    expect(payloadFor(sha256.toUpperCase())).toEqual({ kind: 'signed', sha256 })
    expect(payloadFor('UNSIGNED-PAYLOAD')).toEqual({ kind: 'unsigned' })
  })

  test('in chunks', () => {
    expect(payloadFor('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toEqual({
      kind: 'chunked',
      signing: undefined,
      trailer: true,
    })
    for (const [end, trailer] of [
      ['', false],
      ['-TRAILER', true],
    ] as const) {
      const head = sent('PUT', '/a', {}, `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${end}`)
      expect(check(head).payload).toMatchObject({
        kind: 'chunked',
        signing: {
          time: '20130524T000000Z',
          scope: '20130524/us-east-1/s3/aws4_request',
          seed: head.headers['authorization']?.slice(-64),
        },
        trailer,
      })
    }
  })

  test('or in no way that is known', () => {
    expect(() => payloadFor('STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD')).toThrow(
      refusal('NotImplemented'),
    )
    expect(() => payloadFor('abc')).toThrow(
      refusal('InvalidArgument', /x-amz-content-sha256/, { ArgumentValue: 'abc' }),
    )
  })
})

test('without a signature a request is anonymous, and its chunks are not signed', () => {
  const identity = { kind: 'anonymous' }
  expect(ask()).toEqual({ identity, payload: { kind: 'unsigned' } })
  expect(ask('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toEqual({
    identity,
    payload: { kind: 'chunked', signing: undefined, trailer: true },
  })
  expect(() => ask('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')).toThrow(refusal('InvalidArgument'))
})

describe('presigned:', () => {
  const scope = '20130524/us-east-1/s3/aws4_request'
  const usual = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${account.accessKeyId}/${scope}`,
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host',
  }
  function presigned(
    params: Readonly<Record<string, string | undefined>> = {},
    headers: Readonly<Record<string, string>> = {},
    payload = UNSIGNED_PAYLOAD,
  ): RequestHead {
    const query = canonicalQuery({ ...usual, ...params })
    const all: Readonly<Record<string, string>> = { host, ...headers }
    const names = (params['X-Amz-SignedHeaders'] ?? 'host').split(';')
    const lines = names.map((name) => `${name}:${all[name] ?? ''}\n`).join('')
    const signature = signatureFor(
      `PUT\n/a%20b\n${query}\n${lines}\n${names.join(';')}\n${payload}`,
    )
    return headOf('PUT', `/a%20b?${query}&X-Amz-Signature=${signature}`, all)
  }

  test('valid until it expires, and not before its time', () => {
    expect(check(presigned(), 60_000).identity).toEqual(user)
    expect(() => check(presigned(), 60_001)).toThrow(
      refusal('AccessDenied', 'Request has expired', { Expires: '2013-05-24T00:01:00.000Z' }),
    )
    expect(check(presigned(), -15 * minute).identity).toEqual(user)
    expect(() => check(presigned(), -15 * minute - 1)).toThrow(
      refusal('AccessDenied', /not yet valid/),
    )
    expect(check(presigned({ 'X-Amz-Expires': '604800' }), 604_800_000).identity).toEqual(user)
  })

  test('with other parameters and headers', () => {
    const head = presigned(
      { prefix: 'a b+c', 'X-Amz-SignedHeaders': 'content-type;host;x-amz-acl' },
      { 'content-type': 'text/plain', 'x-amz-acl': 'private' },
    )
    expect(check(head).identity).toEqual(user)
    expect(() => check(changed(head, { 'content-type': 'text/html' }))).toThrow(
      refusal('SignatureDoesNotMatch'),
    )
    expect(() => check(presigned({}, { 'x-amz-acl': 'private' }))).toThrow(
      refusal('AccessDenied', /not signed/, { HeadersNotSigned: 'x-amz-acl' }),
    )
    expect(() => check(presigned({ 'X-Amz-SignedHeaders': 'date' }))).toThrow(
      refusal('AccessDenied', /not signed/, { HeadersNotSigned: 'host' }),
    )
  })

  test('says how the body comes in a header or in the query', () => {
    const sha256 = payloadHash('abc')
    expect(check(presigned({ 'X-Amz-Content-Sha256': sha256 }, {}, sha256)).payload).toEqual({
      kind: 'signed',
      sha256,
    })
    const names = 'host;x-amz-content-sha256'
    const declared = { 'x-amz-content-sha256': sha256 }
    const head = presigned({ 'X-Amz-SignedHeaders': names }, declared, sha256)
    expect(check(head).payload).toEqual({ kind: 'signed', sha256 })
  })

  test.each([
    [{ 'X-Amz-Date': undefined }, 'AuthorizationQueryParametersError', /requires/],
    [{ 'X-Amz-Algorithm': undefined }, 'AuthorizationQueryParametersError', /requires/],
    [{ 'X-Amz-Algorithm': 'AWS5' }, 'AuthorizationQueryParametersError', /only supports/],
    [{ 'X-Amz-Algorithm': 'AWS4-ECDSA-P256-SHA256' }, 'NotImplemented', /4A/],
    [{ 'X-Amz-Date': '20130524' }, 'AuthorizationQueryParametersError', /X-Amz-Date/],
    [{ 'X-Amz-Expires': 'soon' }, 'AuthorizationQueryParametersError', /number/],
    [{ 'X-Amz-Expires': '-1' }, 'AuthorizationQueryParametersError', /number/],
    [{ 'X-Amz-Expires': '0' }, 'AuthorizationQueryParametersError', /at least 1/],
    [{ 'X-Amz-Expires': '604801' }, 'AuthorizationQueryParametersError', /week/],
    [{ 'X-Amz-SignedHeaders': 'a b' }, 'AuthorizationQueryParametersError', /SignedHeaders/],
    [{ 'X-Amz-Credential': 'a/b' }, 'AuthorizationQueryParametersError', /X-Amz-Credential/],
    [{ 'X-Amz-Credential': `AKIX/${scope}` }, 'InvalidAccessKeyId', /./],
    [{ 'X-Amz-Security-Token': 'token' }, 'InvalidToken', /./],
    [{ 'X-Amz-Content-Sha256': 'a\nb' }, 'InvalidArgument', /./],
  ])('refused: %j', (params, code, message) => {
    expect(() => check(presigned(params))).toThrow(refusal(code, message))
  })

  test('refused: another region, with the right one', () => {
    const credential = `${account.accessKeyId}/20130524/eu-west-1/s3/aws4_request`
    expect(() => check(presigned({ 'X-Amz-Credential': credential }))).toThrow(
      refusal('AuthorizationQueryParametersError', /expecting 'us-east-1'/, { Region: region }),
    )
  })
})

test('each account signs with its own secret', () => {
  const other = { accessKeyId: 'with/slash', secretAccessKey: new Secret('other') }
  const both = accountsOf([account, other])
  const head = sent('GET', '/', {}, UNSIGNED_PAYLOAD, { credentials: other })
  expect(authenticate(head, both, { region, now: day.getTime() }).identity).toEqual({
    kind: 'user',
    accessKeyId: 'with/slash',
  })
})
