import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { authenticate } from '../../../src/serve/auth/signature.ts'
import type { RequestHead } from '../../../src/serve/http/types.ts'
import { account, accounts, headOf, refusal, region } from './example.ts'

const expires = 1_175_139_620
const now = (expires - 60) * 1000

/** The example of the Amazon S3 API Reference. */
const example = hosted(
  'johnsmith',
  headOf(
    'GET',
    `/photos/puppy.jpg?AWSAccessKeyId=${account.accessKeyId}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=${expires}`,
    { host: 'johnsmith.s3.amazonaws.com' },
  ),
)

function hosted(bucket: string, head: RequestHead): RequestHead {
  return { ...head, bucket, hosted: true }
}

function signed(
  method: string,
  path: string,
  query: string,
  toSign: string,
  headers: RequestHead['headers'] = {},
): RequestHead {
  const secret = account.secretAccessKey.reveal()
  const signature = createHmac('sha1', secret).update(toSign).digest('base64')
  const parameters = new URLSearchParams({
    AWSAccessKeyId: account.accessKeyId,
    Expires: String(expires),
    Signature: signature,
  })
  return headOf(
    method,
    `${path}?${query === '' ? '' : `${query}&`}${parameters.toString()}`,
    headers,
  )
}

/** The example with another parameter. */
function changed(name: string, value: string): RequestHead {
  return { ...example, query: new Map([...example.query, [name, value]]) }
}

function who(head: RequestHead, at = now) {
  return authenticate(head, accounts, { region, now: at })
}

test('the published example', () => {
  expect(who(example)).toEqual({
    identity: { kind: 'user', accessKeyId: account.accessKeyId },
    payload: { kind: 'unsigned' },
  })
})

test('headers and parameters that belong to it', () => {
  const headers = { 'content-type': 'text/plain', 'x-amz-meta-b': ' two ', 'x-amz-meta-a': 'one' }
  const text = `PUT\n\ntext/plain\n${expires}\nx-amz-meta-a:one\nx-amz-meta-b:two\n/b/caf%C3%A9?partNumber=2&uploadId=a b`
  const head = signed('PUT', '/b/caf%C3%A9', 'uploadId=a%20b&partNumber=2', text, headers)
  expect(who(head).identity.kind).toBe('user')
  const { 'x-amz-meta-a': _, ...fewer } = head.headers
  for (const other of [
    { ...head, method: 'GET' },
    { ...head, rawPath: '/b/other' },
    { ...head, headers: { ...headers, 'x-amz-meta-a': 'three' } },
    { ...head, headers: fewer },
    { ...head, headers: { ...headers, 'x-amz-acl': 'public-read' } },
    { ...head, headers: { ...headers, 'content-type': 'text/html' } },
    { ...head, query: new Map([...head.query, ['partNumber', '3']]) },
    { ...head, query: new Map([...head.query, ['Expires', String(expires + 1)]]) },
  ])
    expect(() => who(other)).toThrow(refusal('SignatureDoesNotMatch'))
})

test('what it does not cover is refused', () => {
  expect(() => who(changed('attributes', ''))).toThrow(
    refusal('AccessDenied', /does not cover "attributes"/),
  )
})

test('refused: expired, unknown, without a time, wrong in length', () => {
  expect(() => who(example, expires * 1000 + 1)).toThrow(refusal('AccessDenied', /has expired/))
  expect(() => who(changed('AWSAccessKeyId', 'AKIA'))).toThrow(refusal('InvalidAccessKeyId'))
  expect(() => who(changed('Expires', 'soon'))).toThrow(refusal('AccessDenied'))
  for (const signature of ['', 'NpgC', 'A'.repeat(64)])
    expect(() => who(changed('Signature', signature))).toThrow(refusal('SignatureDoesNotMatch'))
})
