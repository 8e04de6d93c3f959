// Which bytes of an object are wanted: the Range header (RFC 9110, section 14) and part numbers.
import { S3Error } from '../errors.ts'
import type { ByteRange, ObjectRecord } from '../vault/types.ts'

/**
 * The one range that a header asks for; undefined is the whole: S3 gives it where a header asks for several ranges, in
 * another unit, or for what is none.
 * @throws S3Error InvalidRange where it begins behind the end
 */
export function parseRange(header: string, size: number): ByteRange | undefined {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header)
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    const length = Math.min(Number(last), size)
    if (length === 0) throw invalidRange(header, size)
    return { start: size - length, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) throw invalidRange(header, size)
  return { start, end }
}

function invalidRange(header: string, size: number): S3Error {
  return new S3Error('InvalidRange', {
    extra: { RangeRequested: header, ActualObjectSize: String(size) },
    headers: { 'content-range': `bytes */${size}` },
  })
}

/** `bytes 0-9/100` */
export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`
}

/** The bytes of a part; what was not uploaded in parts is one part. @throws S3Error InvalidPartNumber */
export function partRange(
  parts: ObjectRecord['parts'],
  number: number,
  size: number,
): ByteRange & { readonly checksum: string | undefined } {
  if (!parts) {
    if (number === 1) return { start: 0, end: size, checksum: undefined }
  } else {
    let start = 0
    for (const part of parts) {
      if (part.number === number) return { start, end: start + part.size, checksum: part.checksum }
      start += part.size
    }
  }
  throw new S3Error('InvalidPartNumber', {
    extra: { PartNumberRequested: String(number), ActualPartCount: String(parts?.length ?? 1) },
    headers: { 'content-range': `bytes */${size}` },
  })
}

/**
 * x-amz-copy-source-range, which is stricter: `bytes=first-last`, both within the source.
 * @throws S3Error InvalidArgument
 */
export function parseCopyRange(header: string, size: number): ByteRange {
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header)
  const start = Number(match?.[1])
  const end = Number(match?.[2]) + 1
  const extra = { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header }
  if (!match || start >= end)
    throw new S3Error('InvalidArgument', {
      message:
        'The x-amz-copy-source-range value must be of the form bytes=first-last, where first and last are the zero-based offsets of the first and last bytes to copy.',
      extra,
    })
  if (end > size)
    throw new S3Error('InvalidArgument', {
      message: `Range specified is not valid for source object of size: ${size}`,
      extra,
    })
  return { start, end }
}
