// What an answer that is a failure means: S3's error codes, or the status alone where there is no body (HEAD).
// Source: "Error responses" in the Amazon S3 API Reference, and what Ceph and MinIO answer.
import { type ErrorCode, type ErrorDetails, HawserError } from '../../core/errors.ts'
import { MalformedXml, parseXml, textOf } from '../../wire/xml.ts'

/** What S3 says about a failure; `code` is empty where it says nothing. */
export interface S3Failure {
  readonly code: string
  readonly message: string
  readonly requestId?: string | undefined
  /** The region where the bucket is, in a redirect or a malformed authorization. */
  readonly region?: string | undefined
}

interface Meaning {
  readonly code: ErrorCode
  /** Another try can help. */
  readonly later?: boolean
  readonly message?: string
  readonly hint?: string
}

const credentials = (hint: string): Meaning => ({ code: 'unauthenticated', hint })
const busy: Meaning = { code: 'unavailable', later: true }
const slowDown: Meaning = {
  code: 'rate-limited',
  later: true,
  message: 'the service asks for fewer requests',
  hint: 'Run with fewer --jobs, or later.',
}
const damaged: Meaning = {
  code: 'integrity',
  later: true,
  message: 'the bytes that arrived are not the bytes that were sent',
}
const taken: Meaning = {
  code: 'already-exists',
  message: 'a bucket of this name exists already, and is not yours',
  hint: 'Names of buckets are shared by everybody: choose another one.',
}
const full: Meaning = { code: 'no-space', message: 'the service has no space left' }
const denied: Meaning = {
  code: 'permission-denied',
  message: 'access denied',
  hint: 'Check that these credentials may do this there: the policies of the user and of the bucket.',
}
const archived: Meaning = {
  code: 'archived',
  message: 'the object is archived',
  hint: 'Thaw it with hawser restore; that takes minutes to days.',
}
const clock = credentials('The clock of this machine differs from the one of the service: set it.')
const expired = credentials('The credentials have expired: get new ones, by logging in again.')
const region: Meaning = { code: 'invalid-config', message: 'the bucket is in another region' }

const meanings: Readonly<Record<string, Meaning>> = {
  NoSuchKey: { code: 'not-found', message: 'there is no such object' },
  NoSuchVersion: { code: 'not-found', message: 'there is no such version of the object' },
  NoSuchBucket: {
    code: 'not-found',
    hint: 'Check the name and the endpoint. To make it: hawser mb, or --create-bucket where you copy to it.',
  },
  NoSuchUpload: {
    code: 'not-found',
    message: 'the multipart upload is gone: finished, aborted or expired',
  },
  AccessDenied: denied,
  AllAccessDisabled: denied,
  AccountProblem: denied,
  MethodNotAllowed: { code: 'permission-denied' },
  SignatureDoesNotMatch: credentials('The secret access key does not belong to the access key ID.'),
  InvalidAccessKeyId: credentials('The service does not know the access key ID: check it.'),
  ExpiredToken: expired,
  TokenRefreshRequired: expired,
  InvalidToken: credentials('The session token is not valid: get new credentials.'),
  RequestTimeTooSkewed: clock,
  RequestExpired: clock,
  PreconditionFailed: { code: 'precondition-failed', message: 'the object is not as expected' },
  // "On a 409 failure you should retry the upload."
  ConditionalRequestConflict: {
    code: 'precondition-failed',
    later: true,
    message: 'another request was changing the object',
  },
  OperationAborted: { code: 'conflict', later: true },
  SlowDown: slowDown,
  TooManyRequests: slowDown,
  RequestLimitExceeded: slowDown,
  ServiceUnavailable: busy,
  InternalError: busy,
  RequestTimeout: { code: 'timeout', later: true },
  IncompleteBody: busy,
  BadDigest: damaged,
  InvalidDigest: damaged,
  XAmzContentChecksumMismatch: damaged,
  XAmzContentSHA256Mismatch: damaged,
  InvalidObjectState: archived,
  // Of the source of a copy.
  ObjectNotInActiveTierError: archived,
  RestoreAlreadyInProgress: { code: 'conflict', message: 'the object is being thawed already' },
  GlacierExpeditedRetrievalNotAvailable: {
    code: 'unavailable',
    message: 'the service has no room for expedited retrievals now',
    hint: 'Use --tier standard, or try later.',
  },
  BucketAlreadyOwnedByYou: { code: 'already-exists', message: 'the bucket is yours already' },
  BucketAlreadyExists: taken,
  BucketNotEmpty: {
    code: 'conflict',
    message: 'the bucket is not empty',
    hint: 'Remove its objects, and abort its unfinished uploads, first.',
  },
  InvalidBucketName: {
    code: 'invalid-argument',
    hint: 'A bucket name has 3 to 63 characters: lower-case letters, digits, dots and hyphens.',
  },
  TooManyBuckets: { code: 'permission-denied', hint: 'The account has as many buckets as it may.' },
  EntityTooLarge: { code: 'invalid-argument', message: 'larger than the service takes at once' },
  EntityTooSmall: { code: 'invalid-argument', message: 'a part is smaller than 5 MiB' },
  InvalidPart: { code: 'conflict', message: 'a part of the upload is missing or has changed' },
  InvalidPartOrder: { code: 'invalid-argument' },
  KeyTooLongError: { code: 'invalid-argument', message: 'the key is longer than 1,024 bytes' },
  MetadataTooLarge: { code: 'invalid-argument', hint: 'S3 keeps at most 2 KB of metadata.' },
  InvalidRange: { code: 'range', message: 'the range lies beyond the end of the object' },
  InsufficientCapacity: full,
  QuotaExceeded: { code: 'no-space', hint: 'The quota of the account or bucket is used up.' },
  NotImplemented: { code: 'unsupported' },
  PermanentRedirect: region,
  TemporaryRedirect: region,
  AuthorizationHeaderMalformed: region,
  IllegalLocationConstraintException: region,
}

const statuses: Readonly<Record<number, Meaning>> = {
  301: region,
  307: region,
  400: { code: 'invalid-argument' },
  401: credentials('Check the credentials.'),
  403: denied,
  404: { code: 'not-found', message: 'there is no such object' },
  405: { code: 'unsupported' },
  408: { code: 'timeout', later: true },
  409: { code: 'conflict', later: true },
  411: { code: 'unsupported' },
  412: { code: 'precondition-failed', message: 'the object is not as expected' },
  413: { code: 'invalid-argument', message: 'larger than the service takes at once' },
  416: { code: 'range', message: 'the range lies beyond the end of the object' },
  429: slowDown,
  501: { code: 'unsupported' },
  503: { code: 'rate-limited', later: true, message: 'the service is busy' },
  507: full,
}

/** Reads an `<Error>` document; undefined where the text is none. */
export function parseFailure(text: string): S3Failure | undefined {
  try {
    const root = parseXml(text)
    if (root.name !== 'Error') return undefined
    return {
      code: textOf(root, 'Code') ?? '',
      message: textOf(root, 'Message') ?? '',
      requestId: textOf(root, 'RequestId'),
      region: textOf(root, 'Region'),
    }
  } catch (error) {
    if (error instanceof MalformedXml) return undefined
    throw error
  }
}

/** Cloudflare R2 says: "All non-trailing parts must have the same length." */
export function refusesUnequalParts({ code, message }: S3Failure): boolean {
  return code === 'InvalidPart' && /same length/i.test(message)
}

/** What the answer's head says beside its body. */
export interface FailureHead {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly now: Date
  /** The request was signed: somebody's. */
  readonly signed?: boolean
}

/**
 * The failure as an error of the product. A status of 200 is one too where the body says so; it may be tried again
 * as the code tells.
 */
export function classify(
  failure: S3Failure | undefined,
  head: FailureHead,
  details: ErrorDetails,
): HawserError {
  const code = failure?.code ?? ''
  const right = head.headers.get('x-amz-bucket-region') ?? failure?.region
  const known = Object.hasOwn(meanings, code) ? meanings[code] : undefined
  const meaning = known ?? meaningOf(head, right)
  return new HawserError(meaning.code, messageOf(meaning, failure, head, details), {
    ...details,
    retry: meaning.later ? 'later' : 'never',
    retryAfter: retryAfter(head.headers.get('retry-after'), head.now),
    status: head.status,
    requestId: head.headers.get('x-amz-request-id') ?? failure?.requestId,
    hint: hintOf(meaning, head, right),
  })
}

/** Of a status alone. */
function meaningOf({ status }: FailureHead, right: string | undefined): Meaning {
  if (status === 400 && right !== undefined) return region // a HEAD with the wrong region
  return statuses[status] ?? (status >= 400 && status < 500 ? { code: 'invalid-argument' } : busy)
}

function messageOf(
  meaning: Meaning,
  failure: S3Failure | undefined,
  head: FailureHead,
  details: ErrorDetails,
): string {
  if (failure?.code === 'NoSuchBucket')
    return `bucket ${JSON.stringify(details.location?.root ?? '')} does not exist`
  if (meaning.message !== undefined) return meaning.message
  const said = failure?.message && oneLine(failure.message)
  const code = failure?.code && oneLine(failure.code)
  if (said) return code ? `${said} (${code})` : said
  return code ? `the service answered ${code}` : `the service answered with status ${head.status}`
}

/** A server's words, made fit for a message: one line, no control characters, not endless. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 300)
}

function hintOf(meaning: Meaning, { signed }: FailureHead, right: string | undefined) {
  if (meaning === region) return regionHint(right)
  if (meaning === denied && signed === false)
    return 'This is not public: use credentials, without --no-sign-request.'
  return meaning.hint
}

function regionHint(right: string | undefined): string {
  return right !== undefined && /^[a-z0-9-]{1,40}$/.test(right)
    ? `Its region is ${right}: give it with --region ${right}.`
    : 'Give the region of the bucket with --region, and its endpoint.'
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : Math.max(0, time - now.getTime())
}
