// The Store port: what everything above `stores/` speaks. Narrow on purpose.
//
// What a store may or may not be able to do is a facet: a required property whose value may be undefined, so that a
// layer that forgets one does not compile. Callers ask `dst.copy?.accepts(src)`, never which backend it is.
// Every method takes a signal; after an abort it sends nothing new, and throws. All errors are HawserErrors.
import type { Archive } from './archive.ts'
import type {
  Body,
  Condition,
  ListOptions,
  ObjectBody,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
  Removal,
  RemoveOptions,
  StatOptions,
  WriteOptions,
} from './calls.ts'
import type { Entry, KeyRef, ObjectInfo } from './entry.ts'
import type { Buckets, Copy, Lineage, Rename, SetAttributes, WithFile } from './facets.ts'
import type { Key } from './key.ts'
import type { Location } from './location.ts'
import type { Multipart } from './multipart.ts'

export type {
  Entry,
  EntryKind,
  FileIdentity,
  KeyRef,
  ObjectInfo,
  ObjectPart,
  ObjectProperties,
} from './entry.ts'
export type {
  Body,
  CallOptions,
  Condition,
  ListOptions,
  ObjectBody,
  Range,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
  Removal,
  RemoveOptions,
  Source,
  StatOptions,
  WriteOptions,
} from './calls.ts'
export type {
  BeginOptions,
  CompleteOptions,
  Multipart,
  PartLimits,
  PartOptions,
  PartReceipt,
  PartSlot,
  UnfinishedUpload,
  Upload,
} from './multipart.ts'
export type {
  Buckets,
  Copy,
  CopySource,
  Lineage,
  OpenedFile,
  Rename,
  RenameOptions,
  SetAttributes,
  WithFile,
  WithFileOptions,
} from './facets.ts'
export type { Archive, ArchiveState, ThawOptions, ThawTier } from './archive.ts'

export interface Store extends AsyncDisposable {
  readonly location: Location
  readonly traits: Traits
  /**
   * Entries whose keys begin with the prefix, in the order of `traits.order`, each once. Streams: holds one page or one
   * directory at a time. A missing prefix is an empty listing; a missing root is `not-found`.
   */
  list(prefix: Key, options?: ListOptions): AsyncIterable<Entry>
  /** @throws not-found; unsupported for extended attributes where they cannot be read */
  stat(key: Key, options?: StatOptions): Promise<ObjectInfo>
  /** The bytes, or a range of them, as a pull stream. Leaving the stream early frees its connection. */
  read(key: Key, options?: ReadOptions): Promise<ObjectBody>
  /**
   * Fills `target` with the object's bytes from `position` on; what arrives goes straight into it.
   * Resolves with how much was there: less than asked only at the object's end.
   * @throws precondition-failed where `ifMatch` no longer holds, also when the object changes during the read.
   */
  readInto(
    key: Key,
    target: Uint8Array,
    position: number,
    options?: ReadIntoOptions,
  ): Promise<ReadResult>
  /**
   * All or nothing: readers see the old object until the new one is whole. A body that throws before its last byte
   * leaves nothing. Stores on disk and in memory read a source to its very end before anything becomes visible: there
   * its end is the last moment to refuse, and a throw at it leaves nothing.
   */
  write(key: Key, body: Body, options?: WriteOptions): Promise<ObjectInfo>
  /** Removes keys as they come; absent counts as removed. A failure of one is reported in its Removal, not thrown. */
  remove(refs: AsyncIterable<KeyRef>, options?: RemoveOptions): AsyncIterable<Removal>

  readonly multipart: Multipart | undefined
  readonly copy: Copy | undefined
  /** Gives objects other keys without a copy; undefined where that takes one. */
  readonly rename: Rename | undefined
  readonly buckets: Buckets | undefined
  /**
   * Changes an object's attributes in place, its bytes untouched: what file systems can. Object stores, where it takes
   * a copy of the object onto itself, leave it undefined.
   */
  readonly setAttributes: SetAttributes | undefined
  /** Which directory a prefix is, whatever its name; undefined where nothing has several names. */
  readonly lineage: Lineage | undefined
  /**
   * Opens an object as the file of this machine that it is; undefined where objects are none, and where a layer must see
   * what is read.
   */
  readonly withFile: WithFile | undefined
  /** Makes objects readable that are kept where nothing can be read; undefined where everything always can be. */
  readonly archive: Archive | undefined
}

/** What a store is like; fixed once it is open. */
export interface Traits {
  /** `key`: listings come in the order of compareKeys. `none`: in no order. */
  readonly order: 'key' | 'none'
  /** Keys are paths of a file system: `a` and `a/b` cannot both be objects, directories exist by themselves. */
  readonly hierarchical: boolean
  /** The modification time in a listing is the source's own (`native`), or the time of the upload (`stored`). */
  readonly modified: 'native' | 'stored'
  /** Conditions on writes that the store holds atomically. */
  readonly conditions: ReadonlySet<Condition['kind']>
  /** The etag of an object written whole is the MD5 of its bytes; of parts, the MD5 of their MD5s. */
  readonly etagIsMd5: boolean
  /** The longest key in UTF-8 bytes. */
  readonly maxKeyBytes: number
  /** Ends in `/`: what lies below it is kept beside the objects, and is none of them. Listings leave it out. */
  readonly reserved?: Key | undefined
}
