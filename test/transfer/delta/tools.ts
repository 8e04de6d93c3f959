// What the tests of deltas share: edits, a store with S3's limits, and uploads of one object over what is there.
import { expect } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import { RunMeter } from '../../../src/core/meter.ts'
import type { Store, WriteOptions } from '../../../src/core/store.ts'
import type { CopyWork } from '../../../src/core/work.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import type { TransferContext } from '../../../src/transfer/context.ts'
import { SignatureShelf } from '../../../src/transfer/delta/shelf.ts'
import { transferObject, type Transferred } from '../../../src/transfer/object.ts'
import { MiB, put } from '../../conformance/tools.ts'
import { contextOf, KiB, nothing, temporaryState, withMultipart, workOf } from '../tools.ts'

/** Of chunks, in bytes: small, so that objects of some MiB have many. */
export const average: number = 64 * KiB

export function edited(bytes: Uint8Array, at: number, less: number, insert: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + less)])
}

/** In memory, and as strict with parts as S3. */
export function strictStore(minPart: number = 5 * MiB): Store {
  return withMultipart(memoryStore(), (multipart) => ({
    limits: { ...multipart.limits, minPart, maxPart: 5 * 1024 * MiB },
    async complete(upload, parts, options) {
      if (parts.slice(0, -1).some(({ size }) => size < minPart))
        throw new HawserError('invalid-argument', 'a part is too small', { op: 'complete' })
      return multipart.complete(upload, parts, options)
    },
  }))
}

export interface Uploader {
  /** What is uploaded is at `big` here, and goes to `big` there. */
  readonly source: Store
  /** Uploads the bytes over what is there, and tells what that took. */
  upload(
    bytes: Uint8Array,
    changes?: Changes,
  ): Promise<Transferred & { readonly sentInAll: number }>
}

export interface Changes {
  readonly context?: Partial<TransferContext>
  readonly work?: Partial<CopyWork>
  /** What the source has beside its bytes. */
  readonly facts?: WriteOptions
}

/** Whose signatures are kept from one upload to the next. */
export async function uploaderTo(target: Store): Promise<Uploader> {
  const source = memoryStore()
  const { signatures } = await temporaryState()
  return {
    source,
    async upload(bytes, { context: change = {}, work: given = {}, facts } = {}) {
      await put(source, 'big', bytes, facts)
      const meter = new RunMeter()
      const store = change.target ?? target
      const shelf = new SignatureShelf({
        store,
        known: signatures,
        reserved: toKey('.hawser/'),
        onWarning: (message) => expect.unreachable(message),
        meter,
      })
      const context = contextOf(source, store, {
        buffers: new BufferPool(32 * MiB, 8 * MiB),
        partSize: 8 * MiB,
        delta: { threshold: 1, average, shelf },
        meter,
        ...change,
      })
      const work = await workOf(change.source ?? source, store, 'big', given)
      const done = await transferObject(work, context, nothing)
      return { ...done, sentInAll: meter.totals().sent }
    },
  }
}
