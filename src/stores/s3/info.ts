// What S3 says of an object, in listings and in headers, as the product's own entries.
import { crc64FromBase64, md5FromEtag } from '../../core/digest.ts'
import type { Key } from '../../core/key.ts'
import type { EntryKind, ObjectInfo } from '../../core/store.ts'
import { metadataFrom } from './metadata.ts'
import { propertiesFrom } from './properties.ts'

/** A key that ends in `/` and holds nothing stands for a directory. */
export function kindOf(key: Key, size: number): EntryKind {
  return size === 0 && key.endsWith('/') ? 'directory' : 'file'
}

/** With its quotes, also where a server forgets them (Ceph does in XML answers): one spelling to compare. */
export function etagFrom(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  return /^(?:W\/)?"/.test(text) ? text : `"${text}"`
}

/** Nanoseconds since 1970 of an HTTP or ISO date; undefined where it is none. */
export function timeFrom(text: string | undefined): bigint | undefined {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds) * 1_000_000n
}

/** The checksum of the whole object in a header or an element; undefined where it is another one, or of parts. */
export function crcFrom(value: string | undefined, type: string | undefined): bigint | undefined {
  if (value === undefined || (type !== undefined && type !== 'FULL_OBJECT')) return undefined
  return crc64FromBase64(value)
}

/** Then an ETag is no MD5 of the bytes. */
export function isEncrypted(headers: ReadonlyMap<string, string>): boolean {
  return (
    headers.has('x-amz-server-side-encryption') ||
    headers.has('x-amz-server-side-encryption-customer-algorithm')
  )
}

/**
 * The object that a HEAD or GET found.
 * @param size of the whole object, in bytes
 */
export function infoFromHeaders(
  key: Key,
  headers: ReadonlyMap<string, string>,
  size: number,
): ObjectInfo {
  const etag = etagFrom(headers.get('etag'))
  return {
    key,
    kind: kindOf(key, size),
    size,
    modified: timeFrom(headers.get('last-modified')) ?? 0n,
    etag,
    version: versionFrom(headers),
    storageClass: headers.get('x-amz-storage-class'),
    ...metadataFrom(headers),
    contentType: headers.get('content-type'),
    properties: propertiesFrom(headers),
    md5: etag === undefined || isEncrypted(headers) ? undefined : md5FromEtag(etag),
    crc64nvme: crcFrom(headers.get('x-amz-checksum-crc64nvme'), headers.get('x-amz-checksum-type')),
  }
}

export function versionFrom(headers: ReadonlyMap<string, string>): string | undefined {
  const version = headers.get('x-amz-version-id')
  return version === 'null' ? undefined : version
}
