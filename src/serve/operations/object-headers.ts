// The headers that tell of an object: of reads, and of what a write has made.
import { S3Error } from '../errors.ts'
import type { Bucket, DeleteMarker, ObjectVersion } from '../vault/types.ts'
import { checksumHeaders } from './checksums.ts'
import { encodeHeaderText } from './header-text.ts'
import { restoreHeader } from './storage-class.ts'

export type Headers = Record<string, string>

export function quoted(etag: string): string {
  return `"${etag}"`
}

/** Of a bucket that has, or has had, versions. */
export function versionId(bucket: Bucket, version: string): string | undefined {
  return bucket.versioning === 'off' ? undefined : version
}

/** What a 304 tells as well. */
export function validators(bucket: Bucket, { record, modified, version }: ObjectVersion): Headers {
  const headers: Headers = {
    etag: quoted(record.etag),
    'last-modified': new Date(modified).toUTCString(),
  }
  if (bucket.versioning !== 'off') headers['x-amz-version-id'] = version
  return headers
}

/** All of a read's but those of its length, its range and its checksum. */
export function objectHeaders(bucket: Bucket, object: ObjectVersion, now: number): Headers {
  const { record } = object
  const headers = validators(bucket, object)
  headers['accept-ranges'] = 'bytes'
  headers['content-type'] = record.contentType ?? 'binary/octet-stream'
  Object.assign(headers, record.headers)
  for (const [name, value] of Object.entries(record.metadata))
    headers[`x-amz-meta-${name}`] = encodeHeaderText(value)
  if (record.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = record.storageClass
  const restore = restoreHeader(record, now)
  if (restore !== undefined) headers['x-amz-restore'] = restore
  const tags = Object.keys(record.tags).length
  if (tags > 0) headers['x-amz-tagging-count'] = String(tags)
  return headers
}

/** The answer to a write. */
export function writtenHeaders(bucket: Bucket, { record, version }: ObjectVersion): Headers {
  const headers: Headers = { etag: quoted(record.etag) }
  if (bucket.versioning !== 'off') headers['x-amz-version-id'] = version
  if (record.checksum) Object.assign(headers, checksumHeaders(record.checksum))
  return headers
}

/** What a delete marker answers instead of an object. @param named whether the request named its version */
export function markerError(marker: DeleteMarker, named: boolean): S3Error {
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.version }
  if (!named) return new S3Error('NoSuchKey', { headers, extra: { Key: marker.key } })
  return new S3Error('MethodNotAllowed', {
    headers: {
      ...headers,
      allow: 'DELETE',
      'last-modified': new Date(marker.modified).toUTCString(),
    },
  })
}
