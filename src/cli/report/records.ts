// Events and results as plain JSON objects: version 1 of the format, documented in docs/formats/events.md.
import { crc64ToHex } from '../../core/digest.ts'
import type { HawserError } from '../../core/errors.ts'
import type { HawserEvent } from '../../core/events.ts'
import type { Entry, ObjectInfo } from '../../core/store.ts'
import { isoTime } from './format.ts'

export const recordVersion = 1

export type JsonRecord = Readonly<Record<string, unknown>> & { readonly type: string }

export function eventRecord(event: HawserEvent): JsonRecord {
  if (event.type === 'start') return { ...event, version: recordVersion }
  if (event.type === 'error') return { type: 'error', ...errorFields(event.error) }
  if (event.type === 'retry') return { ...event, error: errorFields(event.error) }
  // Made of what an interface names, which says nothing of other fields.
  if (event.type === 'checked' || event.type === 'restore-plan') return { ...event }
  return event
}

/** What a failure is made of, without its stack and causes. */
export function errorFields(error: HawserError): Readonly<Record<string, unknown>> {
  const { code, message, op, address, key, retry, status, requestId, hint } = error
  return { code, message, op, address, key, retry, status, requestId, hint }
}

export function entryRecord(entry: Entry): JsonRecord {
  const { key, kind, size, etag, version, storageClass } = entry
  // A group of keys is no object: it has no time of its own on an object store.
  const modified =
    kind === 'directory' && entry.modified === 0n ? undefined : isoTime(entry.modified)
  return { type: 'entry', key, kind, size, modified, etag, version, storageClass }
}

export function infoRecord(info: ObjectInfo, address: string): JsonRecord {
  const { attributes, metadata, contentType, crc64nvme, properties = {} } = info
  return {
    ...entryRecord(info),
    type: 'object',
    address,
    contentType,
    crc64nvme: crc64nvme?.toString(16).padStart(16, '0'),
    uncompressed: attributes.uncompressed && {
      size: attributes.uncompressed.size,
      crc64nvme: crc64ToHex(attributes.uncompressed.crc64nvme),
    },
    mtime: attributes.mtime === undefined ? undefined : isoTime(attributes.mtime),
    mode: attributes.mode?.toString(8),
    uid: attributes.uid,
    gid: attributes.gid,
    owner: attributes.owner,
    group: attributes.group,
    metadata,
    cacheControl: properties.cacheControl,
    contentEncoding: properties.contentEncoding,
    contentDisposition: properties.contentDisposition,
    contentLanguage: properties.contentLanguage,
    expires: properties.expires,
    encryption: properties.encryption,
  }
}

/** One line, without its line break. */
export function jsonLine(record: JsonRecord): string {
  return JSON.stringify(record, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
}
