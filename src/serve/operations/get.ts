// GetObject and HeadObject.
import type { Checksum } from '../body/types.ts'
import type { Operation, S3Request } from '../http/types.ts'
import { S3Error } from '../errors.ts'
import type { Bucket, ByteRange, ObjectVersion } from '../vault/types.ts'
import { bucketOf, keyOf, partNumberOf, versionOf } from './arguments.ts'
import { checksumHeaders } from './checksums.ts'
import { checkRead, readConditions, type ReadConditions } from './conditions.ts'
import { findObject } from './find.ts'
import { checkHeaderValue } from './header-text.ts'
import { objectHeaders, validators, type Headers } from './object-headers.ts'
import { contentRange, parseRange, partRange } from './ranges.ts'
import { checkReadable } from './storage-class.ts'
import { refuseUnsupported } from './unsupported.ts'

export const getObject: Operation = async (request, service) => {
  const wish = wishOf(request)
  const bucket = await bucketOf(request, service)
  const now = service.now()
  const { version, bytes } = await service.vault.open(bucket, keyOf(request), versionOf(request), {
    signal: request.signal,
    buffer: reused(),
    select: (candidate) => {
      check(wish, bucket, candidate)
      checkReadable(candidate.record, now)
      return selectionOf(wish, candidate)?.range
    },
  })
  return { ...answerHead(wish, bucket, version, now), body: bytes }
}

/** The same memory again and again: each piece has left before the next one is read. */
function reused(): (size: number) => Uint8Array {
  let memory = new Uint8Array(0)
  return (size) => {
    if (memory.length < size) memory = Buffer.allocUnsafeSlow(size)
    return memory.subarray(0, size)
  }
}

export const headObject: Operation = async (request, service) => {
  const wish = wishOf(request)
  const bucket = await bucketOf(request, service)
  const version = await findObject(
    service,
    bucket,
    keyOf(request),
    versionOf(request),
    request.signal,
  )
  check(wish, bucket, version)
  return answerHead(wish, bucket, version, service.now())
}

/** What a request wants of an object, whatever the object is. */
interface Wish {
  readonly conditions: ReadConditions | undefined
  readonly range: string | undefined
  readonly part: number | undefined
  readonly ifRange: string | undefined
  readonly checksum: boolean
  /** Headers of the answer, instead of the object's. */
  readonly overrides: Headers | undefined
}

function wishOf(request: S3Request): Wish {
  const { headers, query } = request
  refuseUnsupported(headers)
  const part = query.get('partNumber')
  if (part !== undefined && headers['range'] !== undefined)
    throw new S3Error('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    })
  return {
    conditions: readConditions(headers),
    range: headers['range'],
    part: part === undefined ? undefined : partNumberOf(part),
    ifRange: headers['if-range'],
    checksum: headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED',
    overrides: query.size > 0 ? overridesOf(request) : undefined,
  }
}

const overridable: readonly string[] = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
]

function overridesOf({ query, identity }: S3Request): Headers | undefined {
  let overrides: Headers | undefined
  for (const name of overridable) {
    const value = query.get(`response-${name}`)
    if (value === undefined) continue
    if (identity.kind === 'anonymous')
      throw new S3Error('InvalidRequest', {
        message: 'Request specific response headers cannot be used for anonymous GET requests.',
      })
    ;(overrides ??= {})[name] = checkHeaderValue(`response-${name}`, value)
  }
  return overrides
}

function check({ conditions }: Wish, bucket: Bucket, version: ObjectVersion): void {
  if (conditions) checkRead(conditions, version, () => validators(bucket, version))
}

/** A piece of an object, and what is known of the piece. */
interface Selection {
  readonly range: ByteRange
  readonly checksum: Checksum | undefined
}

/** Undefined is the whole. @throws S3Error InvalidRange */
function selectionOf(wish: Wish, { size, record, modified }: ObjectVersion): Selection | undefined {
  if (wish.part !== undefined) {
    const { start, end, checksum } = partRange(record.parts, wish.part, size)
    if (size === 0) return undefined
    if (!record.parts) return { range: { start, end }, checksum: record.checksum }
    return {
      range: { start, end },
      checksum:
        record.checksum && checksum !== undefined
          ? { ...record.checksum, value: checksum }
          : undefined,
    }
  }
  if (wish.range === undefined) return undefined
  if (wish.ifRange !== undefined && !isSame(wish.ifRange, record.etag, modified)) return undefined
  const range = parseRange(wish.range, size)
  return range && { range, checksum: undefined }
}

/** If-Range: RFC 9110, section 13.1.5. */
function isSame(validator: string, etag: string, modified: number): boolean {
  if (validator.includes('"')) return validator.trim() === `"${etag}"`
  return Date.parse(validator) === Math.floor(modified / 1000) * 1000
}

/** @throws S3Error InvalidRange */
function answerHead(
  wish: Wish,
  bucket: Bucket,
  version: ObjectVersion,
  now: number,
): { status: number; headers: Headers } {
  const headers = objectHeaders(bucket, version, now)
  const selection = selectionOf(wish, version)
  const { size, record } = version
  if (selection) {
    const { range } = selection
    headers['content-length'] = String(range.end - range.start)
    if (range.end > range.start) headers['content-range'] = contentRange(range, size)
  } else headers['content-length'] = String(size)
  if (wish.part !== undefined && record.parts)
    headers['x-amz-mp-parts-count'] = String(record.parts.length)
  const checksum = selection ? selection.checksum : record.checksum
  if (wish.checksum && checksum) Object.assign(headers, checksumHeaders(checksum))
  if (wish.overrides) Object.assign(headers, wish.overrides)
  return { status: selection ? 206 : 200, headers }
}
