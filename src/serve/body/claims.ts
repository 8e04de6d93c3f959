// What a request says of its body before it comes, and whether it was true.
import { crc64ToBase64 } from '../../core/digest.ts'
import type { S3Request } from '../http/types.ts'
import { S3Error } from '../errors.ts'
import { checksumHeader, statedChecksum, type StatedChecksum } from './checksum-headers.ts'
import { isChecksum } from '../../kernels/checksums.ts'
import type { Computed } from './digests.ts'
import type { ChecksumAlgorithm } from './types.ts'

/** The parts of a request that tell of its body. */
export type Told = Pick<S3Request, 'headers' | 'payload'>

export interface Claims {
  /** In base64. */
  readonly md5: string | undefined
  /** Of the payload that is signed, in hex. */
  readonly sha256: string | undefined
  readonly checksum: StatedChecksum | undefined
}

/** @throws S3Error InvalidDigest, MalformedTrailerError, InvalidRequest where a claim cannot be true of any body */
export function claimsOf({ headers, payload }: Told): Claims {
  const md5 = headers['content-md5']?.trim()
  if (md5 !== undefined && !isMd5(md5)) {
    const message = 'The Content-MD5 you specified was invalid.'
    throw new S3Error('InvalidDigest', { message, extra: { 'Content-MD5': md5 } })
  }
  const checksum = statedChecksum(headers)
  const trailer = payload.kind === 'chunked' && payload.trailer
  if (checksum !== undefined && checksum.value === undefined && !trailer) {
    const message = 'The x-amz-trailer header announces what the framing of this body cannot bring.'
    throw new S3Error('MalformedTrailerError', { message })
  }
  return { md5, sha256: payload.kind === 'signed' ? payload.sha256 : undefined, checksum }
}

/** What must be computed beside MD5 and CRC64NVME to judge the claims, and to tell the checksum of this algorithm. */
export function algorithmsFor(
  claims: Claims,
  algorithm: ChecksumAlgorithm,
): ReadonlySet<ChecksumAlgorithm> {
  const algorithms = new Set([algorithm])
  if (claims.sha256 !== undefined) algorithms.add('SHA256')
  algorithms.delete('CRC64NVME')
  return algorithms
}

/** Of a body, in base64. */
export function computedChecksum(computed: Computed, algorithm: ChecksumAlgorithm): string {
  if (algorithm === 'CRC64NVME') return crc64ToBase64(computed.crc64nvme)
  const value = computed.checksums.get(algorithm)
  if (value === undefined) throw new Error(`${algorithm} was not computed`)
  return value
}

/**
 * @param trailer the headers behind the body, where there are some
 * @throws S3Error XAmzContentSHA256Mismatch, BadDigest, MalformedTrailerError, InvalidRequest
 */
export function judge(
  claims: Claims,
  computed: Computed,
  trailer: ReadonlyMap<string, string> | undefined,
): void {
  if (claims.sha256 !== undefined) {
    const sha256 = Buffer.from(computedChecksum(computed, 'SHA256'), 'base64').toString('hex')
    if (sha256 !== claims.sha256) {
      throw new S3Error('XAmzContentSHA256Mismatch', {
        extra: { ClientComputedContentSHA256: claims.sha256, S3ComputedContentSHA256: sha256 },
      })
    }
  }
  if (claims.md5 !== undefined) {
    const md5 = Buffer.from(computed.md5, 'hex').toString('base64')
    if (md5 !== claims.md5) {
      throw new S3Error('BadDigest', {
        message: 'The Content-MD5 you specified did not match what we received.',
        extra: { ExpectedDigest: claims.md5, CalculatedDigest: md5 },
      })
    }
  }
  if (claims.checksum !== undefined) judgeChecksum(claims.checksum, computed, trailer)
}

function judgeChecksum(
  stated: StatedChecksum,
  computed: Computed,
  trailer: ReadonlyMap<string, string> | undefined,
): void {
  const { algorithm } = stated
  const value = stated.value ?? trailing(algorithm, trailer)
  if (value === computedChecksum(computed, algorithm)) return
  const message = `The ${algorithm} you specified did not match the calculated checksum.`
  throw new S3Error('BadDigest', { message })
}

function trailing(
  algorithm: ChecksumAlgorithm,
  trailer: ReadonlyMap<string, string> | undefined,
): string {
  const header = checksumHeader(algorithm)
  const value = trailer?.get(header)
  if (value === undefined) {
    const message = `The trailing header ${header} was announced, and did not come.`
    throw new S3Error('MalformedTrailerError', { message })
  }
  if (isChecksum(algorithm, value)) return value
  const message = `Value for ${header} trailing header is invalid.`
  throw new S3Error('InvalidRequest', { message })
}

function isMd5(text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 16 && bytes.toString('base64') === text
}
