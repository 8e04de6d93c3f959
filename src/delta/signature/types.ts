// A signature: what an object is made of, so that a later run can tell what of it is still the same.
import type { Chunks } from '../chunks.ts'

export interface Signature {
  /** Of the cuts, in bytes; chunks are compared only with chunks that were cut alike. */
  readonly average: number
  /** Of the object, in bytes. */
  readonly size: number
  /** Of the object. */
  readonly crc64nvme: bigint
  /** Of the object, as its store said when it was written: with another one the signature says nothing. */
  readonly etag: string
  readonly version: string | undefined
  readonly chunks: Chunks
}
