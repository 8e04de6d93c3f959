// Signs requests: AWS Signature Version 4 in headers.
// Rules: "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API Reference.
import { isIPv4 } from 'node:net'
import {
  ALGORITHM,
  canonicalHeaders,
  canonicalRequest,
  scopeOf,
  signatureOf,
  signingKey,
  stringToSign,
  timestamp,
} from '../../wire/sigv4.ts'
import type { Credentials } from './credentials.ts'

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

/** Signs for one region. */
export class Signer {
  readonly #region: string
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
    const names = Object.keys(headers).filter((name) => !unsigned.has(name))
    names.sort() // names are ASCII: the order of code units is the order of bytes
    const canonical = canonicalHeaders(names, headers)
    const scope = scopeOf(day, this.#region)
    const signature = signatureOf(
      signingKey(credentials.secretAccessKey, day, this.#region),
      stringToSign(canonicalRequest({ ...request, headers: canonical }), time, scope),
    ).toString('hex')
    headers['authorization'] =
      `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, ` +
      `SignedHeaders=${canonical.names}, Signature=${signature}`
    return headers
  }

  /** `20130524T000000Z`. */
  #timestamp(now: Date): string {
    const second = Math.floor(now.getTime() / 1000)
    if (this.#time?.second !== second) this.#time = { second, text: timestamp(now) }
    return this.#time.text
  }
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
