// The Store port: what everything above `stores/` speaks. Narrow on purpose.
//
// What a store may or may not be able to do is a facet: a required property whose value may be undefined, so that a
// layer that forgets one does not compile. Callers ask `dst.copy?.accepts(src)`, never which backend it is.
// Every method takes a signal; after an abort it sends nothing new, and throws. All errors are HawserErrors.
import type { Attributes } from './attributes.ts'
import type { ChecksumAlgorithm } from './digest.ts'
import type { Key } from './key.ts'
import type { Location } from './location.ts'
import type { Meter } from './meter.ts'

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

export type EntryKind =
  | 'file'
  /** A key that ends in `/` and holds nothing: a directory for its own sake. */
  | 'directory'
  /** Never followed: reading it gives its target as the content, and writing such content with its mode makes one. */
  | 'symlink'
  /** A pipe, socket or device: seen, never read. */
  | 'special'

export interface Entry {
  readonly key: Key
  readonly kind: EntryKind
  readonly size: number
  /** Nanoseconds since 1970; `traits.modified` says whose time it is. */
  readonly modified: bigint
  /** Differs whenever the bytes differ. On a file system: device, inode, size, mtime and ctime. */
  readonly etag: string | undefined
  readonly version?: string | undefined
  readonly storageClass?: string | undefined
  /** On a file system: what tells a renamed file from a new one. */
  readonly file?: FileIdentity | undefined
}

export interface FileIdentity {
  readonly device: bigint
  readonly inode: bigint
  /** Nanoseconds since 1970. */
  readonly ctime: bigint
  readonly mode: number
  /** How many names it has. */
  readonly links: bigint
}

export interface ObjectInfo extends Entry {
  readonly attributes: Attributes
  /** User metadata beside the attributes. */
  readonly metadata: Readonly<Record<string, string>>
  readonly contentType?: string | undefined
  /** As the store tells them; its access list never, its tags to who asks for them. */
  readonly properties?: ObjectProperties | undefined
  /** Of the whole object, as the store knows it. */
  readonly crc64nvme?: bigint | undefined
  /** Of the whole object in hex, where the store is sure of it (an encrypted object's etag only looks like one). */
  readonly md5?: string | undefined
  /**
   * What the object was put together from, to who asks for it: all parts in order where the store keeps their checksums,
   * else the first one, if it tells that.
   */
  readonly composition?: readonly ObjectPart[] | undefined
}
/** A part of an object that is complete. */
export interface ObjectPart {
  readonly size: number
  /** Of its bytes, in base64. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined
}

/** Which object of a store: its key, and which state of it where that matters. */
export interface KeyRef {
  readonly key: Key
  readonly etag?: string | undefined
  readonly version?: string | undefined
}

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

export type Condition =
  | { readonly kind: 'if-absent' }
  | { readonly kind: 'if-match'; readonly etag: string }

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly meter?: Meter | undefined
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
/** What object stores keep with an object beside its bytes, attributes and user metadata. */
export interface ObjectProperties {
  readonly cacheControl?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentLanguage?: string | undefined
  /** A date as HTTP writes it. */
  readonly expires?: string | undefined
  /** In the store's own words: `STANDARD_IA`. */
  readonly storageClass?: string | undefined
  /** A canned access list in the store's own words: `private`, `public-read`. */
  readonly acl?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Encryption by the store, with keys that it holds. */
  readonly encryption?:
    | {
        readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse'
        readonly keyId?: string | undefined
      }
    | undefined
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

/** An object assembled from parts that are sent apart and in any order: what parallel, resumable transfers stand on. */
export interface Multipart {
  readonly limits: PartLimits
  begin(key: Key, options?: BeginOptions): Promise<Upload>
  /** Sends one part. Sent twice, the last one counts. */
  part(upload: Upload, slot: PartSlot, body: Body, options?: PartOptions): Promise<PartReceipt>
  /** Copies a range of an object that `Copy.accepts` into a part, inside the store. */
  readonly copyPart:
    | ((
        upload: Upload,
        slot: PartSlot,
        from: CopySource,
        range: Range,
        options?: CallOptions,
      ) => Promise<PartReceipt>)
    | undefined
  /**
   * The bytes of a part that has arrived, before the object is complete. A store that has this keeps parts at their
   * offsets, and completes only what lies end to end.
   * @param size of the part, as its receipt says
   * @throws not-found where the upload is gone, or has no such part; integrity where the bytes are not those that came
   */
  readonly readPart:
    | ((
        upload: Upload,
        slot: PartSlot,
        size: number,
        options?: CallOptions,
      ) => AsyncIterable<Uint8Array>)
    | undefined
  /** The parts that have arrived, by number. @throws not-found when the upload is gone */
  parts(upload: Upload, options?: CallOptions): AsyncIterable<PartReceipt>
  /** Makes the object visible, whole, if every part is what its receipt says. */
  complete(
    upload: Upload,
    parts: readonly PartReceipt[],
    options?: CompleteOptions,
  ): Promise<ObjectInfo>
  /** Frees the parts. An upload that is gone counts as aborted. */
  abort(upload: Upload, options?: CallOptions): Promise<void>
  /** Unfinished uploads below the prefix. */
  uploads(prefix: Key, options?: CallOptions): AsyncIterable<UnfinishedUpload>
}
export interface BeginOptions extends WriteOptions {
  /**
   * Most of the bytes are here, at their places: a hint for a store that can begin with them. Parts are still sent or
   * copied, all of them.
   */
  readonly basis?: CopySource | undefined
}
export interface UnfinishedUpload extends Upload {
  readonly started: Date | undefined
  /**
   * Of what nobody can continue, as the end of a process leaves it in the middle of a write: when bytes last came to it.
   * Another process may still be writing, so only its age tells whether it is a leftover.
   */
  readonly abandoned?: Date | undefined
}
export interface PartLimits {
  readonly minPart: number
  readonly maxPart: number
  readonly maxParts: number
  readonly maxObject: number
  /** Up to here an object can be written in one request. */
  readonly maxWrite: number
}
/** Plain data: it is journalled, and another process may continue it. */
export interface Upload {
  readonly key: Key
  readonly id: string
}
/** Where a part belongs: its number from 1, and its first byte in the object. */
export interface PartSlot {
  readonly number: number
  readonly offset: number
}
export interface PartOptions extends CallOptions {
  readonly crc64nvme?: bigint | undefined
  /**
   * The part survives a loss of power once the call resolves. By default one on a disk does so only when the object is
   * complete. Elsewhere parts always do, or there is no disk.
   */
  readonly durable?: boolean | undefined
}
export interface PartReceipt {
  readonly number: number
  readonly size: number
  readonly etag: string | undefined
  /** As the store computed it; undefined where it computes none. */
  readonly crc64nvme: bigint | undefined
}
export interface CompleteOptions extends WriteOptions {
  readonly size: number
}

/** Copies inside the store: no byte passes through here. */
export interface Copy {
  /** Whether this store can read that one by itself. */
  accepts(from: Store): boolean
  /** The largest object that one `copy` takes; above it, `Multipart.copyPart`. */
  readonly maxSize: number
  /**
   * Keeps attributes, metadata and content type of the source, and of its properties all but access list and encryption,
   * unless others are given: each property by itself, the others as a whole.
   */
  copy(from: CopySource, to: Key, options?: WriteOptions): Promise<ObjectInfo>
}
export interface CopySource extends KeyRef {
  readonly location: Location
}

/**
 * Gives an object another key, none of its bytes passing through here. What is at the new key is replaced, if the
 * condition holds: readers see the old or the new object there, whole. Bytes, attributes and metadata stay; the etag
 * need not. With `if-absent`, readers may see the object at both keys for a moment, and so may a crash leave it.
 * @throws not-found where nothing is at `from`; precondition-failed where `from.etag` or the condition does not hold;
 *   invalid-argument where keys are paths and one is a directory's; conflict as `write` does
 */
export type Rename = (from: KeyRef, to: Key, options?: RenameOptions) => Promise<ObjectInfo>
export interface RenameOptions extends CallOptions {
  /** On what is at the new key. */
  readonly condition?: Condition | undefined
}

/**
 * What tells the directory from all others that are there, and after it, what tells those that it lies in, up to the
 * whole file system: also where a second mount gives one directory two names. Of one that is not there, its path.
 */
export type Lineage = (directory: Key) => readonly string[]

/**
 * Runs `use` on an object's file, which is the same before and after it, and `ifMatch` where that is given.
 * @throws precondition-failed as `readInto`; unsupported for what is no file; what `use` throws
 */
export type WithFile = <T>(
  key: Key,
  use: (file: OpenedFile) => Promise<T>,
  options?: WithFileOptions,
) => Promise<T>
export type WithFileOptions = Pick<ReadOptions, 'signal' | 'ifMatch'>
export interface OpenedFile {
  /** Its number, by which every thread of the process reads it. It may be another file's once `use` has settled. */
  readonly fd: number
  readonly size: number
}

/** Objects that nobody can read until the store was asked to thaw them, which takes minutes to days. */
export interface Archive {
  /** Whether an object may be archived, as far as its listing tells: with false there is no need to ask. */
  mayHold(entry: Entry): boolean
  /** Whether what a class holds is thawed so fast, as far as that is known of it. */
  takes(tier: ThawTier, storageClass: string | undefined): boolean
  /** What the store says of the object now. @throws not-found */
  state(ref: KeyRef, options?: CallOptions): Promise<ArchiveState>
  /**
   * Asks for the object to be made readable, or to stay readable for longer. What is on its way already stays so, and
   * what is not archived stays as it is.
   * @throws not-found; precondition-failed where another object is there than the one of the ETag; invalid-argument for a tier that the object's class does not have
   */
  thaw(ref: KeyRef, options: ThawOptions): Promise<void>
}
export type ArchiveState =
  | { readonly kind: 'readable' }
  | { readonly kind: 'archived'; readonly storageClass: string | undefined }
  /** It was asked for, and is not readable yet. */
  | { readonly kind: 'thawing'; readonly storageClass: string | undefined }
  /** Readable for a time, after which it must be asked for again. */
  | {
      readonly kind: 'thawed'
      readonly storageClass: string | undefined
      readonly until: Date | undefined
    }
export interface ThawOptions extends CallOptions {
  /** How fast, and at what price. */
  readonly tier: ThawTier
  /** Whole days to be readable, from 1; where what is thawed stays so, it does not count. */
  readonly days: number
}
export type ThawTier = 'bulk' | 'standard' | 'expedited'

export type SetAttributes = (
  key: Key,
  attributes: Attributes,
  options?: CallOptions,
) => Promise<void>

export interface Buckets {
  list(
    options?: CallOptions,
  ): AsyncIterable<{ readonly name: string; readonly created: Date | undefined }>
  create(name: string, options?: CallOptions): Promise<void>
  /** Removes an empty bucket. */
  remove(name: string, options?: CallOptions): Promise<void>
}
