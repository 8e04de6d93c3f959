// Changes as the statements that make them.
import { HawserError } from '../../../core/errors.ts'
import { toKey } from '../../../core/key.ts'
import type { SqlValue, Step } from '../../../state/protocol.ts'
import { fromText, fromUnsigned } from '../../../state/values.ts'
import type { BucketRow, Change, PartRow, UploadRow, VersionRow } from './types.ts'

const sql = {
  putVersion: `INSERT OR REPLACE INTO versions
    (bucket, key, sequence, version, marker, place, match, size, modified, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  removeVersion:
    'DELETE FROM versions WHERE bucket = ? AND key = ? AND version = ? AND sequence = ?',
  putBucket: `INSERT OR REPLACE INTO buckets (name, created, owner, versioning, cors, tags)
    VALUES (?, ?, ?, ?, ?, ?)`,
  removeBucket: [
    'DELETE FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket = ?)',
    'DELETE FROM uploads WHERE bucket = ?',
    'DELETE FROM versions WHERE bucket = ?',
    'DELETE FROM buckets WHERE name = ?',
  ],
  putUpload: `INSERT OR REPLACE INTO uploads
    (id, bucket, key, started, facts, checksum, backing_key, backing_id, stride, completed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  removeUpload: ['DELETE FROM parts WHERE upload = ?', 'DELETE FROM uploads WHERE id = ?'],
  putPart: `INSERT OR REPLACE INTO parts
    (upload, number, size, etag, checksum, crc64nvme, modified, place, position, receipt)
    SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM uploads WHERE id = ?`,
  putLeftover: 'INSERT OR IGNORE INTO leftovers (place) VALUES (?)',
  removeLeftover: 'DELETE FROM leftovers WHERE place = ?',
}

/** @throws HawserError invalid-argument for what no row can hold: it must not fail what is written with it */
export function toSteps(change: Change): readonly Step[] {
  switch (change.do) {
    case 'put-version':
      return [{ sql: sql.putVersion, rows: [fromVersion(change.row)] }]
    case 'remove-version': {
      const { bucket, key, version, sequence } = change
      return [{ sql: sql.removeVersion, rows: [[bucket, toKey(key), version, whole(sequence)]] }]
    }
    case 'put-bucket':
      return [{ sql: sql.putBucket, rows: [fromBucket(change.row)] }]
    case 'remove-bucket':
      return sql.removeBucket.map((each) => ({ sql: each, rows: [[change.name]] }))
    case 'put-upload':
      return [{ sql: sql.putUpload, rows: [fromUpload(change.row)] }]
    case 'remove-upload':
      return sql.removeUpload.map((each) => ({ sql: each, rows: [[change.id]] }))
    case 'put-part':
      return [{ sql: sql.putPart, rows: [fromPart(change.row)] }]
    case 'put-leftover':
      return [{ sql: sql.putLeftover, rows: [[toKey(change.place)]] }]
    case 'remove-leftover':
      break
  }
  return [{ sql: sql.removeLeftover, rows: [[change.place]] }]
}

function fromVersion(row: VersionRow): SqlValue[] {
  return [
    row.bucket,
    toKey(row.key),
    whole(row.sequence),
    row.version,
    row.marker ? 1 : 0,
    fromText(row.place),
    row.match,
    whole(row.size),
    whole(row.modified),
    row.marker ? null : JSON.stringify(row.record),
  ]
}

function fromBucket(row: BucketRow): SqlValue[] {
  const { name, created, owner, versioning, cors, tags } = row
  return [name, whole(created), owner, versioning, JSON.stringify(cors), JSON.stringify(tags)]
}

function fromUpload(row: UploadRow): SqlValue[] {
  return [
    row.id,
    row.bucket,
    toKey(row.key),
    whole(row.started),
    JSON.stringify(row.facts),
    row.checksum ? JSON.stringify(row.checksum) : null,
    row.backing.key,
    row.backing.id,
    row.stride === undefined ? null : whole(row.stride),
    row.completed ? JSON.stringify(row.completed) : null,
  ]
}

function fromPart(row: PartRow): SqlValue[] {
  return [
    whole(row.number),
    whole(row.size),
    row.etag,
    fromText(row.checksum),
    fromUnsigned(row.crc64nvme),
    whole(row.modified),
    fromText(row.place),
    whole(row.offset),
    fromText(row.receipt),
    row.upload,
  ]
}

function whole(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new HawserError('invalid-argument', `not a whole number: ${value}`, { op: 'ledger' })
}
