// The facet for objects that are put together from parts, and all that it speaks of.
import type { Body, CallOptions, Range, WriteOptions } from './calls.ts'
import type { ObjectInfo } from './entry.ts'
import type { CopySource } from './facets.ts'
import type { Key } from './key.ts'

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

export interface PartLimits {
  readonly minPart: number
  readonly maxPart: number
  readonly maxParts: number
  readonly maxObject: number
  /** Up to here an object can be written in one request. */
  readonly maxWrite: number
  /** All parts but the last must have one length. A store may come to know that by what its service refuses. */
  readonly equalParts?: boolean
}

export interface BeginOptions extends WriteOptions {
  /**
   * Most of the bytes are here, at their places: a hint for a store that can begin with them. Parts are still sent or
   * copied, all of them.
   */
  readonly basis?: CopySource | undefined
}

/** Plain data: it is journalled, and another process may continue it. */
export interface Upload {
  readonly key: Key
  readonly id: string
}

export interface UnfinishedUpload extends Upload {
  readonly started: Date | undefined
  /**
   * Of what nobody can continue, as the end of a process leaves it in the middle of a write: when bytes last came to it.
   * Another process may still be writing, so only its age tells whether it is a leftover.
   */
  readonly abandoned?: Date | undefined
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
