// What delta transfers of a run stand on.
import type { SignatureShelf } from './shelf.ts'

export interface DeltaContext {
  /** Bytes; smaller objects go whole. */
  readonly threshold: number
  /** Bytes; the average size of chunks, a power of two. By default it goes by the object's size. */
  readonly average: number | undefined
  /** The signatures of the destination's objects; of the source's where the destination is a file system. */
  readonly shelf: SignatureShelf
}
