// The conditions of requests: RFC 9110, section 13, as the Amazon S3 API Reference tells of each operation.
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'
import type { Conditions, ObjectVersion } from '../vault/types.ts'

type Headers = RequestHead['headers']

/** Of a read, or of the source of a copy. */
export interface ReadConditions extends Conditions {
  /** Milliseconds since 1970. */
  readonly ifModifiedSince: number | undefined
  /** Milliseconds since 1970. */
  readonly ifUnmodifiedSince: number | undefined
}

export type FailedCondition =
  | 'If-Match'
  | 'If-Unmodified-Since'
  | 'If-None-Match'
  | 'If-Modified-Since'

/** @param prefix of the names of the headers: empty, or `x-amz-copy-source-` */
export function readConditions(headers: Headers, prefix = ''): ReadConditions | undefined {
  const match = headers[`${prefix}if-match`]
  const noneMatch = headers[`${prefix}if-none-match`]
  const modified = headers[`${prefix}if-modified-since`]
  const unmodified = headers[`${prefix}if-unmodified-since`]
  if (
    match === undefined &&
    noneMatch === undefined &&
    modified === undefined &&
    unmodified === undefined
  )
    return undefined
  return {
    ifMatch: match === undefined ? undefined : parseEtags(match),
    ifNoneMatch: noneMatch === undefined ? undefined : parseEtags(noneMatch),
    ifModifiedSince: parseHttpDate(modified),
    ifUnmodifiedSince: parseHttpDate(unmodified),
  }
}

/**
 * The first condition that does not hold, if one does not. Where an etag is given, the date of the same sense does not
 * count (RFC 9110, section 13.2.2).
 */
export function failedCondition(
  conditions: ReadConditions,
  etag: string,
  modified: number,
): FailedCondition | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  const second = Math.floor(modified / 1000) * 1000 // all that dates in HTTP tell
  if (ifMatch) {
    if (!ifMatch.includes('*') && !ifMatch.includes(etag)) return 'If-Match'
  } else if (ifUnmodifiedSince !== undefined && second > ifUnmodifiedSince)
    return 'If-Unmodified-Since'
  if (ifNoneMatch) {
    if (ifNoneMatch.includes('*') || ifNoneMatch.some((one) => withoutWeakness(one) === etag))
      return 'If-None-Match'
  } else if (ifModifiedSince !== undefined && second <= ifModifiedSince) return 'If-Modified-Since'
  return undefined
}

/**
 * @param headers of the answer 304, where that is the answer
 * @throws S3Error PreconditionFailed, NotModified
 */
export function checkRead(
  conditions: ReadConditions,
  version: ObjectVersion,
  headers: () => Readonly<Record<string, string>>,
): void {
  const failed = failedCondition(conditions, version.record.etag, version.modified)
  if (failed === undefined) return
  if (failed === 'If-None-Match' || failed === 'If-Modified-Since')
    throw new S3Error('NotModified', { headers: headers() })
  throw new S3Error('PreconditionFailed', { extra: { Condition: failed } })
}

/** @throws S3Error PreconditionFailed */
export function checkCopySource(conditions: ReadConditions, version: ObjectVersion): void {
  const failed = failedCondition(conditions, version.record.etag, version.modified)
  if (failed !== undefined)
    throw new S3Error('PreconditionFailed', {
      extra: { Condition: `x-amz-copy-source-${failed}` },
    })
}

/** Of a write: If-Match with etags, If-None-Match with `*` alone. @throws S3Error NotImplemented */
export function writeConditions(headers: Headers): Conditions {
  const match = headers['if-match']
  const noneMatch = headers['if-none-match']
  if (match === undefined && noneMatch === undefined) return none
  if (noneMatch !== undefined && noneMatch.trim() !== '*')
    throw new S3Error('NotImplemented', {
      message: 'If-None-Match of a write is implemented for * only.',
      extra: { Header: 'If-None-Match' },
    })
  return {
    ifMatch: match === undefined ? undefined : parseEtags(match),
    ifNoneMatch: noneMatch === undefined ? undefined : ['*'],
  }
}

const none: Conditions = {}

const etags = /(W\/)?"([^"]*)"|([^\s,"]+)/g

/**
 * Etags without quotes; clients send them bare as well. A weak one keeps its `W/`, and so is the same as none of S3's,
 * which are strong.
 */
export function parseEtags(text: string): readonly string[] {
  const list: string[] = []
  for (const [whole, weak, quoted, bare] of text.matchAll(etags))
    list.push(quoted === undefined ? (bare ?? '') : weak || quoted === '*' ? whole : quoted)
  return list
}

function withoutWeakness(etag: string): string {
  return etag.startsWith('W/"') ? etag.slice(3, -1) : etag
}

/** Milliseconds since 1970. A date that is none counts as not sent (RFC 9110, section 13.1.3). */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(/(?:GMT|UTC|Z|[+-]\d\d:?\d\d)\s*$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(time) ? undefined : time
}
