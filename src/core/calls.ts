// What the methods of every store take and give.
import type { Attributes } from './attributes.ts'
import type { ObjectInfo, ObjectProperties } from './entry.ts'
import type { Key } from './key.ts'
import type { Meter } from './meter.ts'

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly meter?: Meter | undefined
}

export type Condition =
  | { readonly kind: 'if-absent' }
  | { readonly kind: 'if-match'; readonly etag: string }

/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Bytes to write: in memory, or a source that can be opened again, so that a retry can read it again. */
export type Body = Uint8Array | Source

export interface Source {
  readonly size: number
  open(range: Range): AsyncIterable<Uint8Array>
}

export interface ListOptions extends CallOptions {
  /** List only keys after this one. */
  readonly after?: Key | undefined
  /** Group what lies below the next `/` into one `directory` entry each, whose key ends in `/`. */
  readonly shallow?: boolean | undefined
  /** On a file system, also the directories themselves, as keys that end in `/`. */
  readonly directories?: boolean | undefined
  /**
   * Asked, on a file system, before the listing goes into a directory, whose key ends in `/`: with false, what lies below
   * is left out, and is not looked at. Object stores do not ask.
   */
  readonly enter?: ((directory: Key) => boolean | Promise<boolean>) | undefined
  /** Told of each name that cannot be listed (not UTF-8, unreadable); the listing goes on. Without it the first one throws. */
  readonly onProblem?: ((error: Error) => void) | undefined
}

/** What is told only to who asks for it, because it takes a look of its own. */
export interface StatOptions extends CallOptions {
  /** On a file system, the names of owner and group. */
  readonly owners?: boolean | undefined
  /** On a file system, extended attributes. */
  readonly xattrs?: boolean | undefined
  /** Of an object store, the tags. */
  readonly tags?: boolean | undefined
  /** Of an object store, the parts that the object was put together from. */
  readonly composition?: boolean | undefined
}

export interface ReadOptions extends CallOptions {
  readonly range?: Range | undefined
  readonly ifMatch?: string | undefined
  readonly version?: string | undefined
  /**
   * Gives memory for that many bytes, to a store that has none of its own to show: the caller may give the same again, and
   * asks for the next chunk only when it has done with the one before.
   */
  readonly buffer?: ((size: number) => Uint8Array) | undefined
}

export interface ReadIntoOptions extends Omit<ReadOptions, 'range' | 'buffer'> {
  /** The object's size as the caller knows it: with it, and `ifMatch`, a store can send the whole and its checksum. */
  readonly size?: number | undefined
}

export interface ReadResult {
  readonly info: ObjectInfo
  readonly length: number
}

export interface ObjectBody extends AsyncIterable<Uint8Array> {
  readonly info: ObjectInfo
}

export interface WriteOptions extends CallOptions {
  readonly condition?: Condition | undefined
  readonly attributes?: Attributes | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly contentType?: string | undefined
  /** @throws unsupported for what the store cannot keep */
  readonly properties?: ObjectProperties | undefined
  /** Of the bytes as the caller knows them; the store refuses what does not agree with `integrity`. */
  readonly crc64nvme?: bigint | undefined
}

export interface RemoveOptions extends CallOptions {
  /**
   * Asked, on a file system, before a directory goes because the last that was in it did; its key ends in `/`. With true
   * it stays, and so does what it lies in.
   */
  readonly keep?: ((directory: Key) => boolean | Promise<boolean>) | undefined
}

export interface Removal {
  readonly key: Key
  readonly error: Error | undefined
  /** Where old versions are kept: the version of the marker that stands there now. */
  readonly marker?: string | undefined
}
