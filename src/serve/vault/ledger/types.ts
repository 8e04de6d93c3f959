// What a store cannot hold of its objects, in a database beside them.
//
// Reads answer at once, from the thread that asks: a row takes some 10 µs, and asking another thread several times that.
// Writes go to a thread of their own, which commits what comes at the same time together; they are on the disk when
// they resolve, in the order in which they were asked for, and what was asked for in one call is all or nothing.
import type { ChecksumAlgorithm, Checksum } from '../../body/types.ts'
import type { CorsRule, Facts, ObjectRecord, Versioning } from '../types.ts'

/** A place in the hidden place whose bytes nothing needs, or which is about to get some. */
export interface LeftoverRow {
  /** Rises. */
  readonly id: number
  readonly place: string
}

export interface VersionRow {
  readonly bucket: string
  readonly key: string
  readonly version: string
  /** Orders the versions of a key: the newest has the highest. */
  readonly sequence: number
  readonly marker: boolean
  /** The Store's key of the bytes, in the hidden place; undefined: at the object's own name. */
  readonly place: string | undefined
  /** Tells the bytes at the place from others: see `matchOf`. Empty for a marker. */
  readonly match: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Undefined for a marker. */
  readonly record: ObjectRecord | undefined
}

export interface BucketRow {
  readonly name: string
  readonly created: number
  readonly owner: string
  readonly versioning: Versioning
  readonly cors: readonly CorsRule[]
  readonly tags: Readonly<Record<string, string>>
}

export interface UploadRow {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly started: number
  readonly facts: Facts
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: Checksum['type'] }
    | undefined
  /** The Store's upload that takes the parts. */
  readonly backing: { readonly key: string; readonly id: string }
  /** The distance between the offsets of parts, where the Store places them: the size of the first part that came. */
  readonly stride: number | undefined
  /** Set by the completion: what it answered, so that a second one with the same parts can have the same answer. */
  readonly completed:
    | { readonly version: string; readonly parts: string; readonly at: number }
    | undefined
}

export interface PartRow {
  readonly upload: string
  readonly number: number
  readonly size: number
  /** The MD5 in hex. */
  readonly etag: string
  /** In the upload's algorithm, base64. */
  readonly checksum: string | undefined
  readonly crc64nvme: bigint
  readonly modified: number
  /** The Store's key of a part that lies in an object of its own; undefined: in the backing upload. */
  readonly place: string | undefined
  /** Of a part in the backing upload: its first byte there. */
  readonly offset: number
  /** The Store's etag of the part, for its receipt. */
  readonly receipt: string | undefined
}

/** One change; several in one call are one transaction. */
export type Change =
  /** Instead of the row of that bucket, key and sequence. */
  | { readonly do: 'put-version'; readonly row: VersionRow }
  /** Its place becomes a leftover. */
  | {
      readonly do: 'remove-version'
      readonly bucket: string
      readonly key: string
      readonly version: string
      readonly sequence: number
    }
  | { readonly do: 'put-bucket'; readonly row: BucketRow }
  /** With all that is known of its objects and uploads. The objects' places become leftovers. */
  | { readonly do: 'remove-bucket'; readonly name: string }
  | { readonly do: 'put-upload'; readonly row: UploadRow }
  /** With its parts. */
  | { readonly do: 'remove-upload'; readonly id: string }
  /** Nothing, where its upload is gone. */
  | { readonly do: 'put-part'; readonly row: PartRow }
  | { readonly do: 'put-leftover'; readonly place: string }
  | { readonly do: 'remove-leftover'; readonly place: string }

export interface Ledger extends AsyncDisposable {
  bucket(name: string): BucketRow | undefined
  /** In the order of names. */
  buckets(): readonly BucketRow[]
  /** Newest first. A version that is being replaced may be there twice, with two sequences. */
  versions(bucket: string, key: string): readonly VersionRow[]
  /** As `versions`, for several keys (1,000 at most); keys without rows are left out. */
  versionsOf(bucket: string, keys: readonly string[]): ReadonlyMap<string, readonly VersionRow[]>
  /**
   * Rows of keys at or after `from` that begin with the prefix, by key (in UTF-8 bytes), newest first within one. Of the
   * last key the limit may cut some off.
   */
  scan(
    bucket: string,
    range: { readonly prefix: string; readonly from: string; readonly limit: number },
  ): readonly VersionRow[]
  /**
   * Keys at or after `from`, that begin with the prefix and have a row which is not at the object's own name: one with a
   * place, or a marker. A listing of the plain files may not show them.
   */
  hiddenKeys(
    bucket: string,
    range: { readonly prefix: string; readonly from: string; readonly limit: number },
  ): readonly string[]
  upload(id: string): UploadRow | undefined
  /** Not completed ones, by key, then by beginning, then by id; `from` is the first that counts. */
  uploads(
    bucket: string,
    range: {
      readonly prefix: string
      readonly from:
        | { readonly key: string; readonly started: number; readonly id: string }
        | undefined
      readonly limit: number
    },
  ): readonly UploadRow[]
  /** When uploads were completed, in milliseconds since 1970: the oldest first. */
  completed(): readonly { readonly id: string; readonly at: number }[]
  part(upload: string, number: number): PartRow | undefined
  /** By number, those after the one given. */
  parts(upload: string, after: number, limit: number): readonly PartRow[]
  /** By id, those after one and up to another. */
  leftovers(after: number, upTo: number, limit: number): readonly LeftoverRow[]
  /** The id of the newest one; 0 where there is none. */
  lastLeftover(): number
  /** Whether a version has its bytes at the place. */
  isNamed(place: string): boolean
  /**
   * All of it or nothing; on the disk when it resolves. A read sees it from then on, and may before.
   * @throws HawserError no-space, local-io: what comes later may succeed; invalid-argument where a number is not whole
   */
  write(...changes: readonly Change[]): Promise<void>
}
