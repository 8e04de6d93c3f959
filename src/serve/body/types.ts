// The bytes that a request brings, and what is said and known of them.
import type { ChecksumAlgorithm } from '../../core/digest.ts'

export type { ChecksumAlgorithm } from '../../core/digest.ts'
export type { Checksum } from '../../kernels/checksums.ts'

/** What was computed of bytes that have passed. */
export interface Digests {
  /** In hex. */
  readonly md5: string
  readonly crc64nvme: bigint
  /** The algorithm that the client named, else CRC64NVME; base64. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string }
}

/** A body that is verified as it passes: signature, length, Content-MD5, checksums in headers and trailers. */
export interface IncomingBody {
  /** Without the framing of chunks. */
  readonly size: number
  /**
   * Once. Ends well only after everything that was said of the bytes was found true, and holds the last ones back until
   * then: whoever stores what comes from here and is told to stop has stored nothing whole.
   * @param whenVerified awaited before the last piece is handed over, when the digests are known; where it throws, so
   *   does the stream
   * @throws S3Error BadDigest, XAmzContentSHA256Mismatch, SignatureDoesNotMatch, IncompleteBody, ...
   */
  open(whenVerified?: () => Promise<void>): AsyncIterable<Uint8Array>
  /** Of all bytes; only from `whenVerified` on. */
  digests(): Digests
}
