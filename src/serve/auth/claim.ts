// What a signature says of its request, before it is verified; and what every way to sign has in common.
import { S3Error } from '../errors.ts'
import type { Credential } from './credential.ts'

export interface AuthenticationOptions {
  readonly region: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** How far a request's time may be from ours, in milliseconds: 15 minutes. */
  readonly clockSkew?: number | undefined
}

export interface Claim {
  readonly credential: Credential
  readonly time: string
  readonly signedHeaders: string
  readonly signature: string
  readonly payload: string
  readonly token: string | undefined
  /** @throws S3Error where the request came at the wrong time */
  readonly checkTime: () => void
  readonly query: string
}

/** How far a request's time may be from ours, in milliseconds, unless said otherwise. */
export const maxSkew: number = 15 * 60_000

/** In hex, lower case. */
export const signatureText: RegExp = /^[0-9a-f]{64}$/
/** The characters of an HTTP header's name (RFC 9110) in lower case, with `;` between names. */
export const signedHeadersText: RegExp =
  /^[a-z0-9!#$%&'*+\-.^_`|~]+(?:;[a-z0-9!#$%&'*+\-.^_`|~]+)*$/

/** Signature Version 2, of which S3 has taken leave. */
export function version2(): S3Error {
  return new S3Error('UnsupportedSignature', {
    message:
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  })
}

/** Signature Version 4A: asymmetric, for several regions. */
export function version4a(): S3Error {
  return new S3Error('NotImplemented', { message: 'Signature Version 4A is not implemented.' })
}
