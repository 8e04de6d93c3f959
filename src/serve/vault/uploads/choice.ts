// The parts that a completion names, checked against those that have arrived.
// Source: CompleteMultipartUpload in the Amazon S3 API Reference.
import { S3Error } from '../../errors.ts'
import type { PartRow, UploadRow } from '../ledger/types.ts'
import type { CompleteRequest, ObjectRecord } from '../types.ts'

/** Of every part but the last, in bytes. */
const minPart = 5 * 2 ** 20

type Named = CompleteRequest['parts'][number]

/**
 * The parts of the object, in order.
 * @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall, InvalidRequest
 */
export function chooseParts(
  upload: UploadRow,
  arrived: readonly PartRow[],
  { parts, size }: CompleteRequest,
): readonly PartRow[] {
  const byNumber = new Map(arrived.map((part) => [part.number, part]))
  if (parts.length === 0) throw new S3Error('InvalidRequest', { message: 'No parts are named.' })
  let last = 0
  const chosen = parts.map((named) => {
    if (named.number <= last)
      throw new S3Error('InvalidPartOrder', { extra: { UploadId: upload.id } })
    last = named.number
    return matching(upload, named, byNumber.get(named.number))
  })
  for (const part of chosen.slice(0, -1)) if (part.size < minPart) throw tooSmall(part)
  const whole = sizeOf(chosen)
  if (size !== undefined && size !== whole)
    throw new S3Error('InvalidRequest', {
      message: `The parts have ${whole} bytes, not the ${size} that x-amz-mp-object-size says.`,
    })
  return chosen
}

/** @throws S3Error BadDigest, InvalidRequest */
export function checkWhole({ checksum: given }: CompleteRequest, { checksum }: ObjectRecord): void {
  if (!given || !checksum) return
  const { algorithm, type, value } = checksum
  if (given.algorithm !== algorithm || given.type !== type)
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using the ${algorithm} checksum of the type ${type}. The complete request must use the same.`,
    })
  if (withoutCount(given.value) !== withoutCount(value))
    throw new S3Error('BadDigest', {
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    })
}

export function sizeOf(parts: readonly PartRow[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0)
}

function matching(upload: UploadRow, named: Named, part: PartRow | undefined): PartRow {
  const { checksum } = upload
  if (checksum?.type === 'COMPOSITE' && named.checksum === undefined)
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using a ${checksum.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${named.number} in the request.`,
    })
  const wrong = checksum && named.checksum !== undefined && named.checksum !== part?.checksum
  if (part && !wrong && part.etag === named.etag.replaceAll('"', '')) return part
  throw new S3Error('InvalidPart', {
    extra: { UploadId: upload.id, PartNumber: String(named.number), ETag: named.etag },
  })
}

function tooSmall({ number, size, etag }: PartRow): S3Error {
  return new S3Error('EntityTooSmall', {
    extra: {
      ProposedSize: String(size),
      MinSizeAllowed: String(minPart),
      PartNumber: String(number),
      ETag: etag,
    },
  })
}

/** A composite checksum may come without the number of parts behind it. */
function withoutCount(value: string): string {
  return value.replace(/-\d+$/, '')
}
