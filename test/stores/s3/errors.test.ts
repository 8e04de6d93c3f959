import { describe, expect, test } from 'vitest'
import type { HawserError } from '../../../src/core/errors.ts'
import { classify, parseFailure } from '../../../src/stores/s3/errors.ts'

const now = new Date('2026-01-02T03:04:05Z')
const details = {
  op: 'read',
  location: { scheme: 's3', endpoint: 'https://s3.example.com', root: 'photos' },
}

function errorOf(
  status: number,
  body: string | undefined,
  headers: Record<string, string> = {},
): HawserError {
  const said = body === undefined ? undefined : parseFailure(body)
  return classify(said, { status, headers: new Map(Object.entries(headers)), now }, details)
}

const body = (code: string, rest = ''): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said so</Message><RequestId>r1</RequestId>${rest}</Error>`

describe('codes', () => {
  test.each([
    [404, 'NoSuchKey', 'not-found', 'never'],
    [404, 'NoSuchBucket', 'not-found', 'never'],
    [404, 'NoSuchUpload', 'not-found', 'never'],
    [403, 'AccessDenied', 'permission-denied', 'never'],
    [403, 'SignatureDoesNotMatch', 'unauthenticated', 'never'],
    [403, 'InvalidAccessKeyId', 'unauthenticated', 'never'],
    [400, 'ExpiredToken', 'unauthenticated', 'never'],
    [403, 'RequestTimeTooSkewed', 'unauthenticated', 'never'],
    [412, 'PreconditionFailed', 'precondition-failed', 'never'],
    [409, 'ConditionalRequestConflict', 'precondition-failed', 'later'],
    [507, 'InsufficientCapacity', 'no-space', 'never'],
    [503, 'SlowDown', 'rate-limited', 'later'],
    [503, 'ServiceUnavailable', 'unavailable', 'later'],
    [500, 'InternalError', 'unavailable', 'later'],
    [400, 'RequestTimeout', 'timeout', 'later'],
    [400, 'BadDigest', 'integrity', 'later'],
    [400, 'XAmzContentChecksumMismatch', 'integrity', 'later'],
    [403, 'InvalidObjectState', 'archived', 'never'],
    [409, 'BucketAlreadyOwnedByYou', 'already-exists', 'never'],
    [409, 'BucketNotEmpty', 'conflict', 'never'],
    [400, 'EntityTooLarge', 'invalid-argument', 'never'],
    [416, 'InvalidRange', 'range', 'never'],
    [501, 'NotImplemented', 'unsupported', 'never'],
    [301, 'PermanentRedirect', 'invalid-config', 'never'],
    [400, 'SomethingNew', 'invalid-argument', 'never'],
    [500, 'SomethingNew', 'unavailable', 'later'],
    [400, 'constructor', 'invalid-argument', 'never'],
    [200, 'InternalError', 'unavailable', 'later'],
    [200, 'SomethingNew', 'unavailable', 'later'],
  ])('%i %s: %s, %s', (status, code, expected, retry) => {
    expect(errorOf(status, body(code))).toMatchObject({
      code: expected,
      retry,
      status,
      requestId: 'r1',
      location: details.location,
    })
  })

  test.each([
    [301, 'invalid-config', 'never'],
    [400, 'invalid-argument', 'never'],
    [401, 'unauthenticated', 'never'],
    [403, 'permission-denied', 'never'],
    [404, 'not-found', 'never'],
    [409, 'conflict', 'later'],
    [412, 'precondition-failed', 'never'],
    [416, 'range', 'never'],
    [418, 'invalid-argument', 'never'],
    [429, 'rate-limited', 'later'],
    [500, 'unavailable', 'later'],
    [501, 'unsupported', 'never'],
    [502, 'unavailable', 'later'],
    [503, 'rate-limited', 'later'],
  ])('%i without a body: %s, %s', (status, code, retry) => {
    expect(errorOf(status, undefined)).toMatchObject({ code, retry, status })
    expect(errorOf(status, '<html>a proxy</html>')).toMatchObject({ code, retry, status })
  })
})

test('a missing bucket is named', () => {
  expect(errorOf(404, body('NoSuchBucket')).message).toBe('bucket "photos" does not exist')
})

test('what to do is said', () => {
  expect(errorOf(403, body('RequestTimeTooSkewed')).hint).toMatch(/clock/)
  expect(errorOf(403, body('SignatureDoesNotMatch')).hint).toMatch(/secret/)
  const redirect = errorOf(301, body('PermanentRedirect'), { 'x-amz-bucket-region': 'eu-west-1' })
  expect(redirect.hint).toContain('--region eu-west-1')
  const malformed = body('AuthorizationHeaderMalformed', '<Region>us-west-2</Region>')
  expect(errorOf(400, malformed).hint).toContain('--region us-west-2')
  expect(errorOf(301, body('PermanentRedirect', '<Region>x; rm</Region>')).hint).not.toContain('rm')
  expect(errorOf(400, undefined, { 'x-amz-bucket-region': 'eu-west-1' })).toMatchObject({
    code: 'invalid-config',
  })
})

const after = (value: string): number | undefined =>
  errorOf(503, body('SlowDown'), { 'retry-after': value }).retryAfter

test('the service says when to come back', () => {
  expect(after('7')).toBe(7000)
  expect(after('Fri, 02 Jan 2026 03:04:15 GMT')).toBe(10_000)
  expect(after('Fri, 02 Jan 2026 03:04:00 GMT')).toBe(0)
  expect(after('soon')).toBeUndefined()
})

test("a server's words are made fit to be shown", () => {
  const long = 'x'.repeat(1000)
  const error = errorOf(
    400,
    `<Error><Code>Odd</Code><Message>a&#10;&#27;[31mb ${long}</Message></Error>`,
  )
  expect(error.message).toMatch(/^a \[31mb x+ \(Odd\)$/)
  expect(error.message.length).toBeLessThan(320)
})

test('what is denied to nobody in particular asks for credentials', () => {
  const head = { status: 403, headers: new Map<string, string>(), now, signed: false }
  expect(classify(undefined, head, details).hint).toContain('--no-sign-request')
  expect(errorOf(403, undefined).hint).toContain('policies')
})
