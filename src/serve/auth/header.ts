// Signature Version 4 in the Authorization header.
import { ALGORITHM, parseTimestamp, timestamp } from '../../wire/sigv4.ts'
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'
import { canonicalRawQuery } from './canonical.ts'
import {
  maxSkew,
  signatureText,
  signedHeadersText,
  version2,
  version4a,
  type AuthenticationOptions,
  type Claim,
} from './claim.ts'
import { readCredential } from './credential.ts'

/** @throws S3Error AuthorizationHeaderMalformed, and what S3 answers to other ways to sign */
export function fromHeader(
  head: RequestHead,
  authorization: string,
  options: AuthenticationOptions,
): Claim {
  const { headers } = head
  if (!authorization.startsWith(`${ALGORITHM} `)) throw otherScheme(authorization)
  let credentialText: string | undefined
  let signedHeaders: string | undefined
  let signature: string | undefined
  for (const part of authorization.slice(ALGORITHM.length + 1).split(',')) {
    const field = part.trim()
    if (field.startsWith('Credential=')) credentialText ??= field.slice(11)
    else if (field.startsWith('SignedHeaders=')) signedHeaders ??= field.slice(14)
    else if (field.startsWith('Signature=')) signature ??= field.slice(10)
    else throw malformedHeader(`"${field}" is not a part of it`)
  }
  if (credentialText === undefined) throw malformedHeader('the Credential is missing')
  if (signedHeaders === undefined || !signedHeadersText.test(signedHeaders))
    throw malformedHeader('the SignedHeaders are missing or mal-formed')
  if (signature === undefined || !signatureText.test(signature))
    throw malformedHeader('the Signature is missing or mal-formed')
  const { time, at } = timeOf(headers)
  const credential = readCredential(credentialText, options.region, time)
  if ('message' in credential) throw malformedHeader(credential.message, credential.extra)
  const payload = headers['x-amz-content-sha256']
  if (payload === undefined)
    throw new S3Error('InvalidRequest', {
      message: 'Missing required header for this request: x-amz-content-sha256',
    })
  return {
    credential,
    time,
    signedHeaders,
    signature,
    payload,
    token: headers['x-amz-security-token'],
    checkTime: () => checkSkew(time, at, options),
    query: canonicalRawQuery(head.rawQuery),
  }
}

function otherScheme(authorization: string): S3Error {
  if (authorization.startsWith('AWS4-ECDSA-P256-SHA256')) return version4a()
  if (authorization.startsWith('AWS ')) return version2()
  if (authorization.startsWith(ALGORITHM)) return malformedHeader('it is empty')
  return new S3Error('InvalidArgument', {
    message: 'Unsupported Authorization Type',
    extra: { ArgumentName: 'Authorization' },
  })
}

function malformedHeader(what: string, extra?: Readonly<Record<string, string>>): S3Error {
  return new S3Error('AuthorizationHeaderMalformed', {
    message: `The authorization header is malformed; ${what}`,
    extra,
  })
}

/** @throws S3Error AccessDenied */
function timeOf(headers: RequestHead['headers']): { time: string; at: number } {
  const time = headers['x-amz-date']
  const at =
    time === undefined ? Date.parse(headers['date'] ?? '') : (parseTimestamp(time) ?? Number.NaN)
  if (Number.isNaN(at))
    throw new S3Error('AccessDenied', {
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    })
  return { time: time ?? timestamp(new Date(at)), at }
}

function checkSkew(time: string, at: number, options: AuthenticationOptions): void {
  const limit = options.clockSkew ?? maxSkew
  if (Math.abs(options.now - at) > limit)
    throw new S3Error('RequestTimeTooSkewed', {
      extra: {
        RequestTime: time,
        ServerTime: new Date(options.now).toISOString(),
        MaxAllowedSkewMilliseconds: `${limit}`,
      },
    })
}
