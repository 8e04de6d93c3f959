// Uploads from browsers' forms: a policy, signed, says which fields a form may have, until when, and how large its file is.
//
// Rules: "Authenticating Requests in Browser-Based Uploads Using POST" in the Amazon S3 API Reference.
import { timingSafeEqual } from 'node:crypto'
import { ALGORITHM, parseTimestamp, signatureOf, signingKey } from '../../wire/sigv4.ts'
import { S3Error } from '../errors.ts'
import { secretOf, type Accounts } from './accounts.ts'
import { signatureText, version2, version4a } from './claim.ts'
import { meets, type Condition } from './conditions.ts'
import { readCredential } from './credential.ts'
import { readPolicy, type LengthRange } from './policy-document.ts'
import type { Identity } from './types.ts'

export interface PolicyOptions {
  /** That of the address: it counts as a field. */
  readonly bucket: string
  readonly accounts: Accounts
  readonly region: string
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface CheckedPolicy {
  readonly identity: Identity
  /** Of the file: one that is smaller is EntityTooSmall, one that is larger EntityTooLarge. */
  readonly lengthRange: LengthRange | undefined
}

const required = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature'] as const

/**
 * Verifies the policy of a form, and the form by it. A form without a policy is anonymous.
 * @param fields All but the file, by lower-case name; `${filename}` already replaced in the key
 * @throws S3Error AccessDenied, InvalidPolicyDocument, SignatureDoesNotMatch, InvalidAccessKeyId, InvalidArgument, ...
 */
export function checkPolicy(
  fields: ReadonlyMap<string, string>,
  options: PolicyOptions,
): CheckedPolicy {
  const text = fields.get('policy')
  if (text === undefined && !required.some((name) => fields.has(name)))
    return { identity: { kind: 'anonymous' }, lengthRange: undefined }
  if (fields.has('awsaccesskeyid') && !fields.has('x-amz-algorithm')) throw version2()
  if (text === undefined) missing('policy')
  const identity = verify(text, fields, options)
  const policy = readPolicy(text)
  if (options.now >= policy.expiration) throw denied('Policy expired.')
  const values = new Map([...fields, ['bucket', options.bucket]])
  const covered = new Set<string>()
  for (const condition of policy.conditions) {
    if (!meets(condition, values.get(condition.field) ?? '')) throw failed(condition)
    covered.add(condition.field)
  }
  const extra = [...values.keys()].filter((name) => !covered.has(name) && !isExempt(name))
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`)
  return { identity, lengthRange: policy.lengthRange }
}

function verify(
  policy: string,
  fields: ReadonlyMap<string, string>,
  options: PolicyOptions,
): Identity {
  const field = (name: (typeof required)[number]): string => fields.get(name) ?? missing(name)
  const algorithm = field('x-amz-algorithm')
  const credentialText = field('x-amz-credential')
  const time = field('x-amz-date')
  const signature = field('x-amz-signature')
  if (algorithm === 'AWS4-ECDSA-P256-SHA256') throw version4a()
  if (algorithm !== ALGORITHM)
    throw invalid('x-amz-algorithm', `X-Amz-Algorithm only supports "${ALGORITHM}"`)
  if (parseTimestamp(time) === undefined)
    throw invalid(
      'x-amz-date',
      "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    )
  const credential = readCredential(credentialText, options.region, time)
  if ('message' in credential)
    throw invalid(
      'x-amz-credential',
      `Error parsing the X-Amz-Credential parameter; ${credential.message}`,
      credential.extra,
    )
  if (!signatureText.test(signature))
    throw invalid('x-amz-signature', 'X-Amz-Signature is mal-formed')
  const { accessKeyId, day } = credential
  const secret = secretOf(options.accounts, accessKeyId, fields.get('x-amz-security-token'))
  const expected = signatureOf(signingKey(secret, day, options.region), policy)
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new S3Error('SignatureDoesNotMatch', {
      extra: { AWSAccessKeyId: accessKeyId, StringToSign: policy, SignatureProvided: signature },
    })
  return { kind: 'user', accessKeyId }
}

/** Fields that no condition has to name. */
function isExempt(name: string): boolean {
  return (
    name === 'x-amz-signature' ||
    name === 'file' ||
    name === 'policy' ||
    name.startsWith('x-ignore-')
  )
}

function missing(name: string): never {
  throw invalid(
    name,
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
  )
}

function invalid(name: string, message: string, extra?: Readonly<Record<string, string>>): S3Error {
  return new S3Error('InvalidArgument', { message, extra: { ArgumentName: name, ...extra } })
}

function denied(what: string): S3Error {
  return new S3Error('AccessDenied', { message: `Invalid according to Policy: ${what}` })
}

function failed({ match, field, value }: Condition): S3Error {
  return denied(`Policy Condition failed: ${JSON.stringify([match, `$${field}`, value])}`)
}
