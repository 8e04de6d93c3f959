// Signature Version 4 in the query of a presigned address.
import { ALGORITHM, parseTimestamp, UNSIGNED_PAYLOAD } from '../../wire/sigv4.ts'
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'
import { canonicalRawQuery } from './canonical.ts'
import {
  maxSkew,
  signatureText,
  signedHeadersText,
  version4a,
  type AuthenticationOptions,
  type Claim,
} from './claim.ts'
import { readCredential } from './credential.ts'

/** Seconds: the longest that an address can be valid. */
const week = 604_800

/** Whether a query claims to be signed, in whichever version. */
export function isPresigned(query: ReadonlyMap<string, string>): boolean {
  return (
    query.has('X-Amz-Algorithm') ||
    query.has('X-Amz-Signature') ||
    query.has('X-Amz-Credential') ||
    isVersion2(query)
  )
}

export function isVersion2(query: ReadonlyMap<string, string>): boolean {
  return query.has('Signature') && query.has('AWSAccessKeyId') && !query.has('X-Amz-Algorithm')
}

/** @throws S3Error AuthorizationQueryParametersError, and what S3 answers to other ways to sign */
export function fromQuery(head: RequestHead, options: AuthenticationOptions): Claim {
  const { query, headers } = head
  const algorithm = query.get('X-Amz-Algorithm')
  const credentialText = query.get('X-Amz-Credential')
  const time = query.get('X-Amz-Date')
  const expires = query.get('X-Amz-Expires')
  const signedHeaders = query.get('X-Amz-SignedHeaders')
  const signature = query.get('X-Amz-Signature')
  if (algorithm === 'AWS4-ECDSA-P256-SHA256') throw version4a()
  if (
    algorithm === undefined ||
    credentialText === undefined ||
    time === undefined ||
    expires === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  )
    throw malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  if (algorithm !== ALGORITHM) throw malformedQuery(`X-Amz-Algorithm only supports "${ALGORITHM}"`)
  const at = parseTimestamp(time)
  if (at === undefined)
    throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  const credential = readCredential(credentialText, options.region, time)
  if ('message' in credential)
    throw malformedQuery(
      `Error parsing the X-Amz-Credential parameter; ${credential.message}`,
      credential.extra,
    )
  if (!/^\d+$/.test(expires)) throw malformedQuery('X-Amz-Expires should be a number')
  const seconds = Number(expires)
  if (seconds < 1 || seconds > week)
    throw malformedQuery(
      `X-Amz-Expires must be at least 1 and less than a week (in seconds); that is, at most ${week}`,
    )
  if (!signedHeadersText.test(signedHeaders))
    throw malformedQuery('X-Amz-SignedHeaders is mal-formed')
  if (!signatureText.test(signature)) throw malformedQuery('X-Amz-Signature is mal-formed')
  return {
    credential,
    time,
    signedHeaders,
    signature,
    payload:
      headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? UNSIGNED_PAYLOAD,
    token: query.get('X-Amz-Security-Token') ?? headers['x-amz-security-token'],
    checkTime: () => checkExpiry(at, seconds, options),
    query: canonicalRawQuery(head.rawQuery, 'X-Amz-Signature'),
  }
}

function malformedQuery(message: string, extra?: Readonly<Record<string, string>>): S3Error {
  return new S3Error('AuthorizationQueryParametersError', { message, extra })
}

function checkExpiry(at: number, seconds: number, options: AuthenticationOptions): void {
  const { now } = options
  if (at - now > (options.clockSkew ?? maxSkew))
    throw new S3Error('AccessDenied', {
      message: 'Request is not yet valid',
      extra: { ServerTime: new Date(now).toISOString() },
    })
  const end = at + seconds * 1000
  if (now > end)
    throw new S3Error('AccessDenied', {
      message: 'Request has expired',
      extra: {
        'X-Amz-Expires': `${seconds}`,
        Expires: new Date(end).toISOString(),
        ServerTime: new Date(now).toISOString(),
      },
    })
}
