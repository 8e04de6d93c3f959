// The body of a request: how long it is, how it comes, and everything that is said of it, verified while it passes.
import { decodeChunks } from '../auth/chunks.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/types.ts'
import { algorithmsFor, claimsOf, judge } from './claims.ts'
import { PieceSource } from './source.ts'
import type { ChecksumAlgorithm, IncomingBody } from './types.ts'
import { readVerified, verifiedBody, type Unverified } from './verified.ts'

/** What is read of a request. */
export type BodyRequest = Pick<S3Request, 'headers' | 'payload' | 'body'>

export interface BodyLimits {
  /** In bytes, without the framing of chunks. */
  readonly maxSize: number
  /** What the digests name where the client names no checksum; CRC64NVME where undefined. */
  readonly checksum?: ChecksumAlgorithm | undefined
}

/**
 * Nothing is read before it is opened. When it is left early, or something is wrong, the connection stays: there is an
 * answer to send.
 * @throws S3Error MissingContentLength, EntityTooLarge, InvalidDigest, InvalidRequest
 */
export function incomingBody(request: BodyRequest, limits: BodyLimits): IncomingBody {
  const size = bodyLength(request)
  if (size === undefined) throw new S3Error('MissingContentLength')
  if (size > limits.maxSize) {
    throw new S3Error('EntityTooLarge', {
      extra: { ProposedSize: String(size), MaxSizeAllowed: String(limits.maxSize) },
    })
  }
  return verifiedBody(unverified(request, size, limits.checksum))
}

/**
 * A body of text, XML mostly, verified like any other. A request that names no length has none.
 * @throws S3Error MaxMessageLengthExceeded, MalformedXML where it is not UTF-8, and all that an incoming body throws
 */
export async function readSmall(request: BodyRequest, maxBytes: number): Promise<string> {
  const size = bodyLength(request) ?? (isFramed(request) ? undefined : 0)
  if (size === undefined) throw new S3Error('MissingContentLength')
  if (size > maxBytes) {
    throw new S3Error('MaxMessageLengthExceeded', {
      extra: { MaxMessageLengthBytes: String(maxBytes) },
    })
  }
  const bytes = await readVerified(unverified(request, size))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new S3Error('MalformedXML', { cause })
  }
}

/**
 * Bytes that come from inside, with nothing said of them but their number.
 * @param checksum what the digests name beside MD5 and CRC64NVME; CRC64NVME where undefined
 */
export function replayBody(
  stream: AsyncIterable<Uint8Array>,
  size: number,
  checksum: ChecksumAlgorithm = 'CRC64NVME',
): IncomingBody {
  return verifiedBody({
    size,
    algorithm: checksum,
    algorithms: new Set(checksum === 'CRC64NVME' ? [] : [checksum]),
    source: () => new PieceSource(stream),
    judge: () => {},
  })
}

function unverified(
  request: BodyRequest,
  size: number,
  checksum: ChecksumAlgorithm = 'CRC64NVME',
): Unverified {
  const { payload } = request
  const claims = claimsOf(request)
  const algorithm = claims.checksum?.algorithm ?? checksum
  let trailer: ReadonlyMap<string, string> | undefined
  const onTrailer = (headers: ReadonlyMap<string, string>): void => {
    trailer = headers
  }
  return {
    size,
    algorithm,
    algorithms: algorithmsFor(claims, algorithm),
    source: () =>
      payload.kind === 'chunked'
        ? new PieceSource(decodeChunks(request.body.pieces(), payload, onTrailer))
        : request.body,
    judge: (computed) => judge(claims, computed, trailer),
  }
}

/** Without the framing of chunks; undefined where the request does not say. */
function bodyLength({ headers, payload }: BodyRequest): number | undefined {
  const header = payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length'
  const text = headers[header]
  if (text === undefined) return undefined
  const length = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(length)) return length
  throw new S3Error('InvalidArgument', { message: `The value of ${header} is not a length.` })
}

function isFramed({ headers, payload }: BodyRequest): boolean {
  return payload.kind === 'chunked' || headers['transfer-encoding'] !== undefined
}
