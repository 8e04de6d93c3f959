// Which checksum a request names, and in which header.
// Source: PutObject, CreateMultipartUpload, CompleteMultipartUpload in the Amazon S3 API Reference.
import { S3Error } from '../errors.ts'
import {
  checksumAlgorithms,
  defaultType,
  isChecksum,
  supportsType,
} from '../../kernels/checksums.ts'
import type { Checksum, ChecksumAlgorithm } from './types.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** What a request says of its body. */
export interface StatedChecksum {
  readonly algorithm: ChecksumAlgorithm
  /** Base64; undefined: it comes in the trailer. */
  readonly value: string | undefined
}

const prefix = 'x-amz-checksum-'
/** Headers with this prefix that hold no checksum. */
const others = new Set(['algorithm', 'mode', 'type'])
const byName: ReadonlyMap<string, ChecksumAlgorithm> = new Map(
  checksumAlgorithms.map((algorithm) => [algorithm.toLowerCase(), algorithm]),
)

/** `x-amz-checksum-crc32`, say. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return prefix + algorithm.toLowerCase()
}

/** The algorithm of this name, however it is written. */
export function checksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return byName.get(name.toLowerCase())
}

/**
 * Of the request's body.
 * @throws S3Error InvalidRequest where there is more than one, or one that cannot be
 */
export function statedChecksum(headers: Headers): StatedChecksum | undefined {
  const named: StatedChecksum[] = checksumsIn(headers)
  const trailer = headers['x-amz-trailer']
  if (trailer !== undefined) named.push({ algorithm: trailing(trailer), value: undefined })
  const [stated, second] = named
  if (second !== undefined) throw several()
  const sdk = headers['x-amz-sdk-checksum-algorithm']
  if (sdk !== undefined) checkSdk(sdk, stated)
  if (stated?.value !== undefined && !isChecksum(stated.algorithm, stated.value)) {
    throw invalid(checksumHeader(stated.algorithm))
  }
  return stated
}

/**
 * The checksum that objects in parts, and copies, shall have.
 * @throws S3Error InvalidRequest
 */
export function wantedChecksum(headers: Headers): Omit<Checksum, 'value'> | undefined {
  const name = headers['x-amz-checksum-algorithm']
  const type = statedType(headers)
  if (name === undefined) {
    if (type === undefined) return undefined
    const message =
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.'
    throw new S3Error('InvalidRequest', { message })
  }
  const algorithm = checksumAlgorithm(name)
  if (algorithm === undefined) {
    const message =
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: ' +
      `[${checksumAlgorithms.join(', ')}]`
    throw new S3Error('InvalidRequest', { message })
  }
  if (type !== undefined && !supportsType(algorithm, type)) {
    const message = `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`
    throw new S3Error('InvalidRequest', { message })
  }
  return { algorithm, type: type ?? defaultType(algorithm) }
}

/**
 * Of the whole object, as a completion says it. A composite one may leave out the number of parts.
 * @throws S3Error InvalidRequest
 */
export function completedChecksum(headers: Headers): Checksum | undefined {
  const [stated, second] = checksumsIn(headers)
  if (stated === undefined) return undefined
  if (second !== undefined) throw several()
  const { algorithm, value } = stated
  const [digest = '', count] = value.split(/-(?=\d+$)/)
  const type = statedType(headers) ?? (count === undefined ? 'FULL_OBJECT' : 'COMPOSITE')
  if (!isChecksum(algorithm, digest) || (count !== undefined && type === 'FULL_OBJECT')) {
    throw invalid(checksumHeader(algorithm))
  }
  return { algorithm, type, value }
}

type NamedChecksum = StatedChecksum & { readonly value: string }

function checksumsIn(headers: Headers): NamedChecksum[] {
  const found: NamedChecksum[] = []
  for (const name in headers) {
    const value = headers[name]
    if (!name.startsWith(prefix) || value === undefined) continue
    const rest = name.slice(prefix.length)
    if (others.has(rest)) continue
    const algorithm = byName.get(rest)
    if (algorithm === undefined) {
      const message = 'The algorithm type you specified in x-amz-checksum- header is invalid.'
      throw new S3Error('InvalidRequest', { message })
    }
    found.push({ algorithm, value })
  }
  return found
}

function trailing(header: string): ChecksumAlgorithm {
  const name = header.trim().toLowerCase()
  const algorithm = name.startsWith(prefix) ? byName.get(name.slice(prefix.length)) : undefined
  if (algorithm !== undefined) return algorithm
  const message = 'The value specified in the x-amz-trailer header is not supported'
  throw new S3Error('InvalidRequest', { message })
}

function checkSdk(name: string, stated: StatedChecksum | undefined): void {
  const algorithm = checksumAlgorithm(name)
  if (algorithm === undefined) throw invalid('x-amz-sdk-checksum-algorithm')
  if (stated === undefined) {
    const message =
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.'
    throw new S3Error('InvalidRequest', { message })
  }
  if (stated.algorithm !== algorithm) throw invalid('x-amz-sdk-checksum-algorithm')
}

function statedType(headers: Headers): Checksum['type'] | undefined {
  const type = headers['x-amz-checksum-type']?.toUpperCase()
  if (type === undefined || type === 'COMPOSITE' || type === 'FULL_OBJECT') return type
  throw invalid('x-amz-checksum-type')
}

function several(): S3Error {
  const message =
    'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.'
  return new S3Error('InvalidRequest', { message })
}

function invalid(header: string): S3Error {
  return new S3Error('InvalidRequest', { message: `Value for ${header} header is invalid.` })
}
