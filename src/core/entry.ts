// What a store has under a key: as a listing tells it, and as a look at it alone does.
import type { Attributes } from './attributes.ts'
import type { ChecksumAlgorithm } from './digest.ts'
import type { Key } from './key.ts'

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

/** Which object of a store: its key, and which state of it where that matters. */
export interface KeyRef {
  readonly key: Key
  readonly etag?: string | undefined
  readonly version?: string | undefined
}
