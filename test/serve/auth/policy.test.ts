import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { checkPolicy, type CheckedPolicy } from '../../../src/serve/auth/policy.ts'
import { signingKey } from '../../../src/wire/sigv4.ts'
import { account, accounts, refusal, region } from './example.ts'

const now = Date.parse('2015-12-29T00:00:00Z')
const options = { bucket: 'sigv4examplebucket', accounts, region, now }

// "Example: Browser-Based Upload using HTTP POST" in the Amazon S3 API Reference.
const lines = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  '',
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  '  ]',
  '}',
]
const signatureFields = {
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request',
  'x-amz-date': '20151229T000000Z',
}
const published = {
  key: 'user/user1/photo.jpg',
  acl: 'public-read',
  success_action_redirect: 'http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html',
  'content-type': 'image/jpeg',
  'x-amz-meta-uuid': '14365123651274',
  'x-amz-server-side-encryption': 'AES256',
  'x-amz-meta-tag': '',
  ...signatureFields,
  policy: Buffer.from(lines.join('\r\n')).toString('base64'),
  'x-amz-signature': '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
}

function check(
  fields: Readonly<Record<string, string | undefined>>,
  more: Partial<typeof options> = {},
): CheckedPolicy {
  const map = new Map<string, string>()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) map.set(name, value)
  return checkPolicy(map, { ...options, ...more })
}

const usual = [
  { bucket: 'sigv4examplebucket' },
  ['eq', '$key', 'a'],
  ...Object.entries(signatureFields).map(([name, value]) => ({ [name]: value })),
]

/** A form with a policy of its own, signed. */
function form(
  document: unknown,
  fields: Readonly<Record<string, string | undefined>> = {},
): CheckedPolicy {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const policy = Buffer.from(text).toString('base64')
  const key = signingKey(account.secretAccessKey, '20151229', region)
  const signature = createHmac('sha256', key).update(policy).digest('hex')
  return check({ key: 'a', ...signatureFields, policy, 'x-amz-signature': signature, ...fields })
}
const expiration = '2015-12-30T12:00:00.000Z'
const withConditions = (
  conditions: readonly unknown[],
  fields: Readonly<Record<string, string | undefined>> = {},
): CheckedPolicy => form({ expiration, conditions: [...usual, ...conditions] }, fields)

test('the published example is taken', () => {
  expect(check(published)).toEqual({
    identity: { kind: 'user', accessKeyId: account.accessKeyId },
    lengthRange: undefined,
  })
})

test('a form without a policy is anonymous', () => {
  expect(check({ key: 'a', 'content-type': 'text/plain' })).toEqual({
    identity: { kind: 'anonymous' },
    lengthRange: undefined,
  })
})

describe('refused of the published example:', () => {
  test.each([
    [
      'another key',
      { key: 'user/user2/a' },
      /Condition failed: \["starts-with","\$key","user\/user1\/"\]/,
    ],
    ['another value', { acl: 'private' }, /Condition failed: \["eq","\$acl","public-read"\]/],
    ['a field that is missing', { acl: undefined }, /Condition failed/],
    ['one content type of several', { 'content-type': 'image/png, text/html' }, /Condition failed/],
    [
      'a field that no condition names',
      { 'x-amz-meta-b': 'c', tagging: '' },
      /Extra input fields: x-amz-meta-b, tagging$/,
    ],
  ])('%s', (_, fields, message) => {
    expect(() => check({ ...published, ...fields })).toThrow(refusal('AccessDenied', message))
  })

  test('another bucket', () => {
    expect(() => check(published, { bucket: 'other' })).toThrow(
      refusal('AccessDenied', /^Invalid according to Policy: Policy Condition failed: .*bucket/),
    )
    expect(() =>
      check({ ...published, bucket: 'sigv4examplebucket' }, { bucket: 'other' }),
    ).toThrow(refusal('AccessDenied'))
  })

  test('too late', () => {
    const end = Date.parse(expiration)
    expect(check(published, { now: end - 1 }).identity.kind).toBe('user')
    expect(() => check(published, { now: end })).toThrow(
      refusal('AccessDenied', 'Invalid according to Policy: Policy expired.'),
    )
  })

  test('another policy, signature or secret', () => {
    const wrong = { ...published, 'x-amz-signature': '0'.repeat(64) }
    expect(() => check(wrong)).toThrow(refusal('SignatureDoesNotMatch'))
    const policy = Buffer.from(lines.join('\n')).toString('base64')
    expect(() => check({ ...published, policy })).toThrow(refusal('SignatureDoesNotMatch'))
    expect(() => check(published, { accounts: { find: () => new Secret('other') } })).toThrow(
      refusal('SignatureDoesNotMatch'),
    )
    expect(() => check(published, { accounts: { find: () => undefined } })).toThrow(
      refusal('InvalidAccessKeyId'),
    )
  })

  test.each([
    [{ 'x-amz-algorithm': 'AWS5' }, 'InvalidArgument', /only supports/],
    [{ 'x-amz-algorithm': 'AWS4-ECDSA-P256-SHA256' }, 'NotImplemented', /4A/],
    [{ 'x-amz-algorithm': undefined, awsaccesskeyid: 'a' }, 'UnsupportedSignature', /./],
    [{ 'x-amz-date': '2015' }, 'InvalidArgument', /X-Amz-Date/],
    [{ 'x-amz-date': undefined }, 'InvalidArgument', /must contain a field named 'x-amz-date'/],
    [{ 'x-amz-credential': 'a' }, 'InvalidArgument', /X-Amz-Credential/],
    [{ 'x-amz-signature': undefined }, 'InvalidArgument', /named 'x-amz-signature'/],
    [{ 'x-amz-signature': 'abc' }, 'InvalidArgument', /X-Amz-Signature/],
    [{ policy: undefined }, 'InvalidArgument', /named 'policy'/],
    [{ 'x-amz-security-token': 'a' }, 'InvalidToken', /./],
  ])('%j', (fields, code, message) => {
    expect(() => check({ ...published, ...fields })).toThrow(refusal(code, message))
  })

  test('another region, with the right one', () => {
    expect(() => check(published, { region: 'eu-west-1' })).toThrow(
      refusal('InvalidArgument', /expecting 'eu-west-1'/, { Region: 'eu-west-1' }),
    )
  })
})

describe('conditions', () => {
  test('give the range of the length, the narrowest of several', () => {
    expect(withConditions([['content-length-range', 1, 10]]).lengthRange).toEqual({
      min: 1,
      max: 10,
    })
    const several = [
      ['content-length-range', '2', '20'],
      ['Content-Length-Range', 0, 10],
    ]
    expect(withConditions(several).lengthRange).toEqual({ min: 2, max: 10 })
  })

  test('know names and operators in any case, numbers, lists of types, and any value', () => {
    const conditions = [
      { Success_Action_Status: 201 },
      ['Starts-With', '$Content-Type', 'image/'],
      ['starts-with', '$x-amz-meta-any', ''],
    ]
    const fields = {
      success_action_status: '201',
      'content-type': 'image/png,image/jpeg',
      'x-amz-meta-any': 'thing',
      'x-ignore-this': 'a',
    }
    expect(withConditions(conditions, fields).identity.kind).toBe('user')
    expect(withConditions([['starts-with', '$x-amz-meta-any', '']]).identity.kind).toBe('user')
  })

  test('must name the bucket', () => {
    expect(() => form({ expiration, conditions: usual.slice(1) })).toThrow(
      refusal('AccessDenied', /Extra input fields: bucket$/),
    )
  })
})

describe('a policy that is none is refused:', () => {
  test.each([
    ['{', /Invalid JSON/],
    ['[]', /Invalid JSON/],
    ['null', /Invalid JSON/],
    [{ conditions: [] }, /missing expiration/],
    [{ expiration }, /missing conditions/],
    [{ expiration: 'soon', conditions: [] }, /expiration/],
    [{ expiration: 5, conditions: [] }, /expiration/],
    [{ expiration: '2015-13-30T12:00:00Z', conditions: [] }, /expiration/],
    [{ expiration, conditions: ['a'] }, /condition/],
    [{ expiration, conditions: [['eq', '$key']] }, /condition/],
    [{ expiration, conditions: [['eq', 'key', 'a']] }, /condition/],
    [{ expiration, conditions: [['ends-with', '$key', 'a']] }, /condition/],
    [{ expiration, conditions: [{ key: {} }] }, /condition/],
    [{ expiration, conditions: [['content-length-range', -1, 5]] }, /content-length-range/],
    [{ expiration, conditions: [['content-length-range', 0, 'many']] }, /content-length-range/],
  ])('%j', (document, message) => {
    expect(() => form(document)).toThrow(refusal('InvalidPolicyDocument', message))
  })
})
