// What a key holds: from the ledger's rows of it and the file at its own name. Pure.
//
// The bytes decide. A row whose bytes are not there does not count: it was written for what never came to be published,
// or somebody replaced or removed the file by hand. A file that no row is about was put there by hand, and is the
// latest version. So whatever a crash leaves between the ledger and the Store, a key holds its old or its new object.
import { createHash } from 'node:crypto'
import { toKey, type Key } from '../../core/key.ts'
import type { Entry, ObjectInfo, Store } from '../../core/store.ts'
import type { VersionRow } from './ledger/types.ts'
import { matchOf } from './match.ts'
import { plainKey } from './places.ts'
import type { DeleteMarker, ObjectRecord, ObjectVersion } from './types.ts'

/** The version of what was never given another one. */
export const nullVersion = 'null'

export interface StoredObject {
  readonly version: ObjectVersion
  /** Undefined: put there by hand. */
  readonly row: VersionRow | undefined
  readonly place: Key
  /** At the object's own name. */
  readonly plain: boolean
  /** See match.ts. */
  readonly match: string
  /** The Store's, where it is at the object's own name. */
  readonly etag: string | undefined
}
export interface StoredMarker {
  readonly version: DeleteMarker
  readonly row: VersionRow
}
export type Stored = StoredObject | StoredMarker

export interface Resolved {
  /** Newest first. */
  readonly versions: readonly Stored[]
  /** What no longer counts. */
  readonly stale: readonly VersionRow[]
  /** A file at the object's own name whose row is stale: when the row goes, it must not be taken for a new one. */
  readonly remains: Key | undefined
}

export function isObject(stored: Stored | undefined): stored is StoredObject {
  return stored?.version.kind === 'object'
}

/**
 * @param rows newest first
 * @param file what is at the object's own name
 */
export function resolve(
  store: Store,
  bucket: string,
  key: string,
  rows: readonly VersionRow[],
  file: Entry | undefined,
): Resolved {
  // Only a file system has directories, links and devices that are no objects.
  const plain = file?.kind === 'file' || !store.traits.hierarchical ? file : undefined
  const match = plain && matchOf(store, plain)
  const owner = rows.find((row) => !row.marker && row.match === match)
  const versions: Stored[] = []
  const stale: VersionRow[] = []
  const seen = new Set<string>()
  if (plain && match !== undefined && !owner) {
    seen.add(nullVersion)
    versions.push(handmade(store, bucket, key, plain, match))
  }
  for (const row of rows) {
    const stored = fromRow(row, row === owner ? plain : undefined, versions.length === 0)
    if (stored && !seen.has(row.version)) versions.push(stored)
    else stale.push(row)
    if (stored) seen.add(row.version)
  }
  const isRemains = owner !== undefined && stale.includes(owner)
  return { versions, stale, remains: isRemains ? plainKey(bucket, key) : undefined }
}

/** Undefined where the bytes are gone. */
function fromRow(row: VersionRow, atPlain: Entry | undefined, latest: boolean): Stored | undefined {
  const { key, version, modified, size, record, match } = row
  if (row.marker) return { version: { kind: 'marker', key, version, latest, modified }, row }
  if (!record) return undefined
  if (!atPlain && row.place === undefined) return undefined
  return {
    version: { kind: 'object', key, version, latest, modified, size, record },
    row,
    // A row names the hidden place just before its bytes go there.
    place: atPlain || row.place === undefined ? plainKey(row.bucket, key) : toKey(row.place),
    plain: atPlain !== undefined,
    match,
    etag: atPlain?.etag,
  }
}

function handmade(
  store: Store,
  bucket: string,
  key: string,
  file: Entry | ObjectInfo,
  match: string,
): StoredObject {
  return {
    version: {
      kind: 'object',
      key,
      version: nullVersion,
      latest: true,
      modified: Number(file.modified / 1_000_000n),
      size: file.size,
      record: handmadeRecord(store, file),
    },
    row: undefined,
    place: plainKey(bucket, key),
    plain: true,
    match,
    etag: file.etag,
  }
}

function handmadeRecord(store: Store, file: Entry | ObjectInfo): ObjectRecord {
  return {
    etag: handmadeEtag(store, file),
    contentType: 'contentType' in file ? file.contentType : undefined,
    headers: {},
    metadata: 'metadata' in file ? file.metadata : {},
    tags: {},
    storageClass: file.storageClass ?? 'STANDARD',
    checksum: undefined,
    parts: undefined,
    restoration: undefined,
  }
}

/** The store's own where it is S3's. Else one that changes with the file, and that nobody takes for an MD5. */
function handmadeEtag(store: Store, { etag = '' }: Entry): string {
  if (store.traits.etagIsMd5 && etag !== '') return etag.replaceAll('"', '')
  return `${createHash('md5').update(etag).digest('hex')}-0`
}
