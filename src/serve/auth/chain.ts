// The signatures of a body's chunks, of which each covers the one before.
import { createHash, timingSafeEqual } from 'node:crypto'
import { EMPTY_SHA256, payloadHash, signatureOf } from '../../wire/sigv4.ts'
import { S3Error } from '../errors.ts'
import type { ChunkSigning } from './types.ts'

export class ChunkChain {
  readonly #signing: ChunkSigning
  #previous: string
  #hash = createHash('sha256')
  #empty = true

  constructor(signing: ChunkSigning) {
    this.#signing = signing
    this.#previous = signing.seed
  }

  /** Bytes of the present chunk. */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
    this.#empty = false
  }

  /** Ends the present chunk. @param signature In hex @throws S3Error SignatureDoesNotMatch */
  verifyChunk(signature: string): void {
    const digest = this.#empty ? EMPTY_SHA256 : this.#hash.digest('hex')
    if (!this.#empty) this.#hash = createHash('sha256')
    this.#empty = true
    this.#verify('AWS4-HMAC-SHA256-PAYLOAD', `${EMPTY_SHA256}\n${digest}`, signature)
  }

  /** @param text One line for each: `name:value\n` @param signature In hex @throws S3Error SignatureDoesNotMatch */
  verifyTrailers(text: string, signature: string): void {
    // As HTTP carries them: one character for each byte.
    this.#verify('AWS4-HMAC-SHA256-TRAILER', payloadHash(Buffer.from(text, 'latin1')), signature)
  }

  #verify(algorithm: string, digests: string, signature: string): void {
    const { key, time, scope } = this.#signing
    const text = `${algorithm}\n${time}\n${scope}\n${this.#previous}\n${digests}`
    if (!timingSafeEqual(signatureOf(key, text), Buffer.from(signature, 'hex')))
      throw new S3Error('SignatureDoesNotMatch', {
        extra: { StringToSign: text, SignatureProvided: signature },
      })
    this.#previous = signature
  }
}
