// What every transfer of a run shares: the two stores, memory, concurrency, and the journal that resume stands on.
import type { FinishingStep } from '../core/events.ts'
import type { Meter } from '../core/meter.ts'
import type { CallOptions, Store } from '../core/store.ts'
import type { ObjectRef } from '../core/work.ts'
import type { Journal } from '../state/types.ts'
import type { BufferPool } from './buffers.ts'
import type { CareCosts } from './care.ts'
import type { CompressionContext } from './compress/upload.ts'
import type { DeltaContext } from './delta/context.ts'
import type { Part } from './parts.ts'
import type { Proofs } from './proofs.ts'
import type { Semaphore } from './semaphore.ts'

/** What reading an object takes. */
export interface SourceContext extends CallOptions {
  readonly source: Store
  readonly buffers: BufferPool
}

export interface TransferContext extends SourceContext {
  readonly target: Store
  /** One permit for each request that carries a body. */
  readonly lanes: Semaphore
  /** Without one, nothing is resumed and an interrupted upload is aborted. */
  readonly journal: Journal | undefined
  /** Bytes; the wanted part size, where the user gave one. */
  readonly partSize: number | undefined
  /** Without it, objects go whole. */
  readonly delta?: DeltaContext | undefined
  /** What the run has found out of the destination. */
  readonly proofs: Proofs
  /** What the destination does not confirm is read back, before what it replaces is given up. */
  readonly verify?: boolean | undefined
  /** Counts what is asked to find out how to write, where `meter` does not. */
  readonly asking?: Meter | undefined
  /** Told what it will take to prove an object. */
  readonly onCare?: ((costs: CareCosts) => void) | undefined
  /** What is written now is read back, so that nothing else must prove it. */
  readonly readsBack?: boolean | undefined
  /** With it, files go to an object store in compressed form, and whole. */
  readonly compression?: CompressionContext | undefined
  /** Told of what is not as it should be, while the object is. */
  readonly onWarning?: ((message: string, at: ObjectRef) => void) | undefined
  /** A source that changes meanwhile is a failure, and not looked at anew. */
  readonly pinned?: boolean | undefined
  /** Gets the bytes of parts as they pass, each part's before it is sent. */
  readonly passing?: Passing | undefined
  /** Makes a check of a part that is read from the source: it gets all bytes, in order, before they are sent. */
  readonly check?: ((part: Part) => PartCheck) | undefined
}

/** @throws HawserError integrity where the bytes are not what they must be */
export type PartCheck = (bytes: Uint8Array) => void

export interface Passing {
  /** Resolves when the bytes may be changed. */
  feed(offset: number, bytes: Uint8Array): Promise<void>
  /** Not all bytes will come. */
  stop(): void
}

/** Told how many bytes of the object have arrived, not how many more. */
export type OnProgress = (done: number, more?: Reached) => void

export interface Reached {
  /** Of the bytes that have arrived, those that were sent; all of them where undefined. */
  readonly sent?: number | undefined
  /** Bytes of the object that the destination was found to have. */
  readonly saved?: number | undefined
  /** Bytes that were read to find out what is to be sent, while that goes on. */
  readonly scanned?: number | undefined
  /** Bytes that are to be read for it; the object's size where undefined. */
  readonly toScan?: number | undefined
  /** All bytes have arrived, and this is done with them. */
  readonly step?: FinishingStep | undefined
}
