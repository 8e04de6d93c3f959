// The arithmetic of AWS Signature Version 4 for the service `s3`, and the encodings that it rests on.
//
// S3 deviates from other services: the canonical path is the path as sent, encoded once and never normalised.
// Rules: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API Reference.
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { HawserError } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'

export const ALGORITHM = 'AWS4-HMAC-SHA256'
/** In place of a body's digest: the body is not part of the signature. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
/** Of no bytes, in hex. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Headers of a request as they are signed. */
export interface CanonicalHeaders {
  /** One line for each. */
  readonly lines: string
  /** In order, with `;` between. */
  readonly names: string
}

/** @param names In lower case and sorted; one that is not there counts as empty */
export function canonicalHeaders(
  names: readonly string[],
  headers: Readonly<Record<string, string | undefined>>,
): CanonicalHeaders {
  let lines = ''
  for (const name of names) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    lines += `${name}:${canonicalValue(value ?? '')}\n`
  }
  return { lines, names: names.join(';') }
}

/** Without white space around, and with one space for each run of them inside. */
function canonicalValue(value: string): string {
  const trimmed = value.trim()
  return trimmed.includes('  ') ? trimmed.replaceAll(/ {2,}/g, ' ') : trimmed
}

export interface CanonicalRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: CanonicalHeaders
  /** What the signature says of the body: payloadHash(body), UNSIGNED_PAYLOAD, or the name of a framing. */
  readonly payload: string
}

export function canonicalRequest(request: CanonicalRequest): string {
  const { method, path, query, headers, payload } = request
  return `${method}\n${path}\n${query}\n${headers.lines}\n${headers.names}\n${payload}`
}

/** The text of which a request's signature is made. @param canonical The canonical request, text or its bytes */
export function stringToSign(canonical: string | Uint8Array, time: string, scope: string): string {
  return `${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`
}

/** @param day `20130524` */
export function scopeOf(day: string, region: string): string {
  return `${day}/${region}/s3/aws4_request`
}

export function signatureOf(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

const maxKeys = 32
const signingKeys = new WeakMap<Secret, Map<string, KeyObject>>()

/** The key that a secret gives for a day and region; kept, because it takes longer than all else. */
export function signingKey(secret: Secret, day: string, region: string): KeyObject {
  let keys = signingKeys.get(secret)
  if (!keys) signingKeys.set(secret, (keys = new Map()))
  const name = `${day}/${region}`
  let key = keys.get(name)
  if (!key) {
    let bytes: Buffer | string = `AWS4${secret.reveal()}`
    for (const step of [day, region, 's3', 'aws4_request'])
      bytes = createHmac('sha256', bytes).update(step).digest()
    // A Buffer would be made a key anew for each signature: six times the cost.
    key = createSecretKey(Buffer.from(bytes))
    if (keys.size >= maxKeys) keys.clear()
    keys.set(name, key)
  }
  return key
}

/** What a signature says of a body that it covers: the SHA-256 in hex. */
export function payloadHash(body: Uint8Array | string | undefined): string {
  return body === undefined || body.length === 0 ? EMPTY_SHA256 : hash('sha256', body)
}

/** `20130524T000000Z`. */
export function timestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

const timestampParts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** Milliseconds since 1970; undefined for what is no `20130524T000000Z`. */
export function parseTimestamp(text: string): number | undefined {
  const parts = timestampParts.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
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

/** Percent-encodes each byte but the unreserved ones (RFC 3986). @throws invalid-argument */
export function encode(text: string): string {
  if (!text.isWellFormed())
    throw new HawserError('invalid-argument', 'a name is not valid Unicode', { op: 'http' })
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
