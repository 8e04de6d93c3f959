// Who sends a request: Signature Version 4, in the Authorization header or in the query of a presigned address. For
// presigned addresses of version 2 see version2.ts.
//
// Rules: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API Reference.
import { timingSafeEqual } from 'node:crypto'
import {
  canonicalHeaders,
  canonicalRequest,
  scopeOf,
  signatureOf,
  signingKey,
  stringToSign,
  UNSIGNED_PAYLOAD,
} from '../../wire/sigv4.ts'
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'
import { secretOf, type Accounts } from './accounts.ts'
import { canonicalPath } from './canonical.ts'
import type { AuthenticationOptions, Claim } from './claim.ts'
import { fromHeader } from './header.ts'
import { payloadOf } from './payload.ts'
import { fromQuery, isPresigned, isVersion2 } from './query.ts'
import type { Authenticated, Identity } from './types.ts'
import { verifyVersion2 } from './version2.ts'

const anonymous: Identity = { kind: 'anonymous' }
// oxlint-disable-next-line no-control-regex -- every character but those of ASCII
const beyondAscii = /[^\0-\x7f]/

/**
 * Verifies a request's signature, or finds that it has none. Header values are taken as HTTP carries them: one
 * character for each byte.
 * @throws S3Error what S3 answers to a signature that is malformed, unknown, wrong, too early, too late or incomplete
 */
export function authenticate(
  head: RequestHead,
  accounts: Accounts,
  options: AuthenticationOptions,
): Authenticated {
  const authorization = head.headers['authorization']
  const presigned = head.rawQuery !== '' && isPresigned(head.query)
  if (authorization !== undefined && presigned)
    throw new S3Error('InvalidArgument', {
      message:
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string ' +
        'parameter or the Authorization header should be specified',
      extra: { ArgumentName: 'Authorization' },
    })
  if (presigned && isVersion2(head.query)) return verifyVersion2(head, accounts, options)
  if (presigned) return verify(head, accounts, options, fromQuery(head, options))
  if (authorization !== undefined)
    return verify(head, accounts, options, fromHeader(head, authorization, options))
  const payload = payloadOf(head.headers['x-amz-content-sha256'] ?? UNSIGNED_PAYLOAD, undefined)
  return { identity: anonymous, payload }
}

function verify(
  head: RequestHead,
  accounts: Accounts,
  options: AuthenticationOptions,
  claim: Claim,
): Authenticated {
  const { credential, time } = claim
  const names = claim.signedHeaders.split(';')
  checkSigned(names, head.headers)
  const secret = secretOf(accounts, credential.accessKeyId, claim.token)
  claim.checkTime()
  const scope = scopeOf(credential.day, options.region)
  const key = signingKey(secret, credential.day, options.region)
  const payload = payloadOf(claim.payload, () => ({ key, time, scope, seed: claim.signature }))
  const canonical = canonicalRequest({
    method: head.method,
    path: canonicalPath(head.rawPath),
    query: claim.query,
    headers: canonicalHeaders(names, head.headers),
    payload: claim.payload,
  })
  const text = stringToSign(
    beyondAscii.test(canonical) ? Buffer.from(canonical, 'latin1') : canonical,
    time,
    scope,
  )
  if (!timingSafeEqual(signatureOf(key, text), Buffer.from(claim.signature, 'hex')))
    throw new S3Error('SignatureDoesNotMatch', {
      extra: {
        AWSAccessKeyId: credential.accessKeyId,
        StringToSign: text,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    })
  return { identity: { kind: 'user', accessKeyId: credential.accessKeyId }, payload }
}

/** @throws S3Error AccessDenied where the host or a header of S3's own is not signed: anybody could have put it there */
function checkSigned(names: readonly string[], headers: RequestHead['headers']): void {
  const signed = new Set(names)
  let missing = signed.has('host') ? '' : 'host'
  for (const name in headers)
    if (name.startsWith('x-amz-') && !signed.has(name))
      missing += missing === '' ? name : `, ${name}`
  if (missing !== '')
    throw new S3Error('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      extra: { HeadersNotSigned: missing },
    })
}
