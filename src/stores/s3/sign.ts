// AWS Signature Version 4 in headers, for the service `s3`, and the encodings that it rests on.
//
// S3 deviates from other services: the canonical path is the path as sent, encoded once and never normalised.
// Rules: "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API Reference.
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { HawserError } from '../../core/errors.ts'
import type { Credentials } from './credentials.ts'

/** In place of a body's digest: the body is not part of the signature. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export interface SignRequest {
  readonly method: string
  /** As it is sent: see encodeKey. */
  readonly path: string
  /** As it is sent: see canonicalQuery. */
  readonly query: string
  /** Lower-case names, with host. */
  readonly headers: Readonly<Record<string, string>>
  /** What the signature says of the body: payloadHash(body), or UNSIGNED_PAYLOAD. */
  readonly payload: string
}

/** Headers that proxies change or drop on the way, and that therefore are not signed. */
const unsigned: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'expect',
  'user-agent',
])

/** Signs for one region; keeps the signing key of the day. */
export class Signer {
  readonly #region: string
  #key: { readonly secret: string; readonly day: string; readonly key: KeyObject } | undefined
  #time: { readonly second: number; readonly text: string } | undefined

  constructor(region: string) {
    this.#region = region
  }

  /**
   * The request's headers with those of the signature: x-amz-date, x-amz-content-sha256, x-amz-security-token and
   * authorization. Without credentials (anonymous) the headers as they are.
   */
  sign(
    request: SignRequest,
    credentials: Credentials | undefined,
    now: Date,
  ): Record<string, string> {
    if (!credentials) return { ...request.headers }
    const time = this.#timestamp(now)
    const day = time.slice(0, 8)
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': request.payload,
      'x-amz-date': time,
    }
    if (credentials.sessionToken)
      headers['x-amz-security-token'] = credentials.sessionToken.reveal()
    const canonical = canonicalHeaders(headers)
    const digest = hash(
      'sha256',
      `${request.method}\n${request.path}\n${request.query}\n${canonical.lines}\n${canonical.names}\n${request.payload}`,
    )
    const scope = `${day}/${this.#region}/s3/aws4_request`
    const signature = createHmac('sha256', this.#signingKey(credentials, day))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`)
      .digest('hex')
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
      `SignedHeaders=${canonical.names}, Signature=${signature}`
    return headers
  }

  #signingKey(credentials: Credentials, day: string): KeyObject {
    const secret = credentials.secretAccessKey.reveal()
    if (this.#key?.secret !== secret || this.#key.day !== day) {
      let bytes: Buffer | string = `AWS4${secret}`
      for (const step of [day, this.#region, 's3', 'aws4_request'])
        bytes = createHmac('sha256', bytes).update(step).digest()
      // A Buffer would be made a key anew for each request: six times the cost.
      this.#key = { secret, day, key: createSecretKey(Buffer.from(bytes)) }
    }
    return this.#key.key
  }

  /** `20130524T000000Z`. */
  #timestamp(now: Date): string {
    const second = Math.floor(now.getTime() / 1000)
    if (this.#time?.second !== second)
      this.#time = { second, text: `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z` }
    return this.#time.text
  }
}

function canonicalHeaders(headers: Readonly<Record<string, string>>): {
  lines: string
  names: string
} {
  const names = Object.keys(headers).filter((name) => !unsigned.has(name))
  names.sort() // names are ASCII: the order of code units is the order of bytes
  let lines = ''
  for (const name of names) lines += `${name}:${canonicalValue(headers[name] ?? '')}\n`
  return { lines, names: names.join(';') }
}

/** Without white space around, and with one space for each run of them inside. */
function canonicalValue(value: string): string {
  return value.trim().replaceAll(/ {2,}/g, ' ')
}

/** What a signature says of a body that it covers: the SHA-256 in hex. */
export function payloadHash(body: Uint8Array | string | undefined): string {
  return body === undefined || body.length === 0 ? EMPTY_SHA256 : hash('sha256', body)
}

/**
 * Whether nobody can change a body on its way to this origin, so that it may go unsigned: over TLS, and within the
 * machine itself.
 */
export function isProtected(origin: string): boolean {
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'https:') return true
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]')
    return true
  return isIPv4(hostname) && hostname.startsWith('127.')
}

/** Percent-encodes each byte of a key but the unreserved ones (RFC 3986) and `/`. @throws invalid-argument */
export function encodeKey(key: string): string {
  return /^[\w\-.~/]*$/.test(key) ? key : encode(key).replaceAll('%2F', '/')
}

/** A query as it is signed and sent: encoded, sorted by name; parameters that are undefined are left out. */
export function canonicalQuery(params: Readonly<Record<string, string | undefined>>): string {
  const pairs: (readonly [string, string])[] = []
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) pairs.push([encode(name), encode(value)])
  pairs.sort(([a], [b]) => (a < b ? -1 : 1)) // encoded names are ASCII and differ
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function encode(text: string): string {
  if (!text.isWellFormed())
    throw new HawserError('invalid-argument', 'a name is not valid Unicode', { op: 'http' })
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
