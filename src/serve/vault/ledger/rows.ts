// Rows as SQLite gives them, as what they mean. Each function fits the columns beside it.
import type { Row, SqlValue } from '../../../state/protocol.ts'
import * as values from '../../../state/values.ts'
import * as records from './records.ts'
import type { BucketRow, LeftoverRow, PartRow, UploadRow, VersionRow } from './types.ts'

const { toNumber, toOptionalText, toText, wholeText } = values

export const bucketColumns = 'name, created, owner, versioning, cors, tags'
export function toBucket(row: Row): BucketRow {
  const [name, created, owner, versioning, cors, tags] = row
  return {
    name: toText(name),
    created: toNumber(created),
    owner: toText(owner),
    versioning: records.toVersioning(toText(versioning)),
    cors: records.toCors(toText(cors)),
    tags: records.toTags(toText(tags)),
  }
}

export const versionColumns: string = `bucket, ${wholeText('key')}, version, sequence, marker, place, match, size,
  modified, record`
export function toVersion(row: Row): VersionRow {
  const [bucket, key, version, sequence, mark, place, match, size, modified, record] = row
  const marker = toNumber(mark) === 1
  return {
    bucket: toText(bucket),
    key: toText(key),
    version: toText(version),
    sequence: toNumber(sequence),
    marker,
    place: toOptionalText(place),
    match: toText(match),
    size: toNumber(size),
    modified: toNumber(modified),
    record: marker ? undefined : records.toObjectRecord(toText(record)),
  }
}

export const uploadColumns: string = `id, bucket, ${wholeText('key')}, started, facts, checksum,
  ${wholeText('backing_key')}, backing_id, stride, completed`
export function toUpload(row: Row): UploadRow {
  const [id, bucket, key, started, facts, checksum, backingKey, backingId, stride, completed] = row
  return {
    id: toText(id),
    bucket: toText(bucket),
    key: toText(key),
    started: toNumber(started),
    facts: records.toFacts(toText(facts)),
    checksum: optionally(checksum, (value) => records.toUploadChecksum(toText(value))),
    backing: { key: toText(backingKey), id: toText(backingId) },
    stride: optionally(stride, toNumber),
    completed: optionally(completed, (value) => records.toCompletion(toText(value))),
  }
}

export const leftoverColumns = 'id, place'
export function toLeftover([id, place]: Row): LeftoverRow {
  return { id: toNumber(id), place: toText(place) }
}

export const partColumns = `upload, number, size, etag, checksum, crc64nvme, modified, place, position, receipt`
export function toPart(row: Row): PartRow {
  const [upload, number, size, etag, checksum, crc64nvme, modified, place, position, receipt] = row
  return {
    upload: toText(upload),
    number: toNumber(number),
    size: toNumber(size),
    etag: toText(etag),
    checksum: toOptionalText(checksum),
    crc64nvme: values.toUnsigned(crc64nvme) ?? 0n,
    modified: toNumber(modified),
    place: toOptionalText(place),
    offset: toNumber(position),
    receipt: toOptionalText(receipt),
  }
}

function optionally<T>(
  value: SqlValue | undefined,
  read: (value: SqlValue | undefined) => T,
): T | undefined {
  return value === null ? undefined : read(value)
}
