// The smaller facets: what some stores can do, each in a few words.
import type { Attributes } from './attributes.ts'
import type { CallOptions, Condition, ReadOptions, RemoveOptions, WriteOptions } from './calls.ts'
import type { KeyRef, ObjectInfo } from './entry.ts'
import type { Key } from './key.ts'
import type { Location } from './location.ts'
import type { Store } from './store.ts'

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

export interface RenameOptions extends CallOptions, Pick<RemoveOptions, 'keep'> {
  /** On what is at the new key. */
  readonly condition?: Condition | undefined
}

export type SetAttributes = (
  key: Key,
  attributes: Attributes,
  options?: CallOptions,
) => Promise<void>

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

export interface Buckets {
  list(
    options?: CallOptions,
  ): AsyncIterable<{ readonly name: string; readonly created: Date | undefined }>
  create(name: string, options?: CallOptions): Promise<void>
  /** Removes an empty bucket. */
  remove(name: string, options?: CallOptions): Promise<void>
}
