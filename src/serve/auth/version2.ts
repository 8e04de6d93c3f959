// Signature Version 2 in the query of a presigned address. Tools still make them that know nothing newer to presign
// with; requests that are signed in their header have to be of version 4.
//
// Rules: "Signing and authenticating REST requests (Signature Version 2)", "Query string request authentication
// alternative". Its HMAC is of SHA-1, which no attack on SHA-1 is known to reach.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'
import { secretOf, type Accounts } from './accounts.ts'
import type { AuthenticationOptions } from './claim.ts'
import type { Authenticated } from './types.ts'

/** What belongs to the signature itself. */
const own: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'Expires', 'Signature'])

/** Parameters that are signed, where they are there. */
const signed: ReadonlySet<string> = new Set([
  'acl',
  'cors',
  'delete',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'partNumber',
  'policy',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
])

/**
 * @throws S3Error SignatureDoesNotMatch, InvalidAccessKeyId; AccessDenied where it has expired, or names what such a
 *   signature does not cover
 */
export function verifyVersion2(
  head: RequestHead,
  accounts: Accounts,
  { now }: AuthenticationOptions,
): Authenticated {
  const { query, headers } = head
  const accessKeyId = query.get('AWSAccessKeyId') ?? ''
  const expires = query.get('Expires') ?? ''
  const given = query.get('Signature') ?? ''
  if (!/^\d{1,12}$/.test(expires))
    throw new S3Error('AccessDenied', {
      message:
        'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    })
  for (const name of query.keys())
    if (!own.has(name) && !signed.has(name))
      throw new S3Error('AccessDenied', { message: `The signature does not cover "${name}".` })
  const secret = secretOf(accounts, accessKeyId, headers['x-amz-security-token'])
  if (now > Number(expires) * 1000)
    throw new S3Error('AccessDenied', {
      message: 'Request has expired',
      extra: {
        Expires: new Date(Number(expires) * 1000).toISOString(),
        ServerTime: new Date(now).toISOString(),
      },
    })
  const text = stringToSign(head, expires)
  const right = createHmac('sha1', secret.reveal()).update(text, 'latin1').digest()
  const offered = Buffer.from(given, 'base64')
  if (offered.length !== right.length || !timingSafeEqual(offered, right))
    throw new S3Error('SignatureDoesNotMatch', {
      extra: { AWSAccessKeyId: accessKeyId, StringToSign: text, SignatureProvided: given },
    })
  return { identity: { kind: 'user', accessKeyId }, payload: { kind: 'unsigned' } }
}

function stringToSign(head: RequestHead, expires: string): string {
  const { method, headers } = head
  const lines = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', expires]
  return `${lines.join('\n')}\n${amazonHeaders(headers)}${resource(head)}`
}

function amazonHeaders(headers: RequestHead['headers']): string {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-'))
  return names
    .toSorted()
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
    .join('')
}

/** The path as it was sent, behind the bucket also where the host names that, and the parameters that are signed. */
function resource({ rawPath, bucket, query, hosted }: RequestHead): string {
  const parameters = [...query]
    .filter(([name]) => signed.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
  const path = hosted ? `/${bucket ?? ''}${rawPath}` : rawPath
  return `${path}${parameters.length > 0 ? '?' : ''}${parameters.join('&')}`
}
