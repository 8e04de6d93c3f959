// How the body comes, by x-amz-content-sha256.
// Source: "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API Reference.
import { UNSIGNED_PAYLOAD } from '../../wire/sigv4.ts'
import { S3Error } from '../errors.ts'
import { version4a } from './claim.ts'
import type { ChunkSigning, Payload } from './types.ts'

const unsigned: Payload = { kind: 'unsigned' }
const unsignedChunks: Payload = { kind: 'chunked', signing: undefined, trailer: true }
const sha256 = /^[0-9a-fA-F]{64}$/

/**
 * @param declared The header's value, or what stands for it in a presigned query
 * @param signing What signs chunks; undefined in an anonymous request
 * @throws S3Error InvalidArgument, NotImplemented
 */
export function payloadOf(declared: string, signing: (() => ChunkSigning) | undefined): Payload {
  if (declared === UNSIGNED_PAYLOAD) return unsigned
  if (sha256.test(declared)) return { kind: 'signed', sha256: declared.toLowerCase() }
  switch (declared) {
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return unsignedChunks
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      if (signing) return { kind: 'chunked', signing: signing(), trailer: false }
      break
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      if (signing) return { kind: 'chunked', signing: signing(), trailer: true }
      break
    case 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER':
      throw version4a()
  }
  throw new S3Error('InvalidArgument', {
    message: signing
      ? 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, ' +
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.'
      : 'x-amz-content-sha256 of a request without a signature must be UNSIGNED-PAYLOAD, ' +
        'STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
    extra: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: declared },
  })
}
