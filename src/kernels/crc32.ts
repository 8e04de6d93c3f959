// CRC32 (ISO-HDLC, as in zip), one of the checksums of S3: Node's own.
// Values are finalised, unsigned 32-bit numbers; that of no bytes is 0, that of "123456789" 0xcbf43926.
import { crc32 } from 'node:zlib'
import { combiner, type Combine } from './combine32.ts'

/** The CRC of bytes that come in pieces. */
export class Crc32 {
  #crc = 0

  /** Appends `chunk`, which may be reused afterwards. */
  update(chunk: Uint8Array): this {
    this.#crc = crc32(chunk, this.#crc)
    return this
  }

  /** The CRC of all chunks so far; more may follow. */
  digest(): number {
    return this.#crc
  }
}

/**
 * The CRC of two strings of bytes joined, from the CRC of each and the length of the second in bytes.
 * @throws {RangeError} when the length is not a whole number below 2^53
 */
export const combineCrc32: Combine = combiner(0xedb88320)
