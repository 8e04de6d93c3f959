// A stream of unknown size into one object: whole where it ends within the first part, else in parts as they fill.
import { asHawserError, HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type {
  CallOptions,
  Multipart,
  ObjectInfo,
  PartLimits,
  PartReceipt,
  PartSlot,
  Store,
  Upload,
  WriteOptions,
} from '../core/store.ts'
import type { GivenDescription, ObjectRef } from '../core/work.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import { BufferPool, smallest } from './buffers.ts'
import type { OnProgress } from './context.ts'
import { describeStream } from './description.ts'
import { BorrowedBuffers, type Filled, filledBuffers, untilAborted } from './filled.ts'
import { defaultPartSize } from './parts.ts'
import { forEachConcurrent } from './semaphore.ts'

export interface StreamOptions extends CallOptions, GivenDescription {
  readonly store: Store
  readonly partSize?: number | undefined
  readonly jobs?: number | undefined
}

export interface CopiedStream extends ObjectInfo {
  /** As that of an object that is transferred. */
  readonly verified: boolean
}

/** Buffers that are filled or on their way at once. */
const partsInMemory = 4
const defaultStreamPartSize = 2 * defaultPartSize

/**
 * Nothing can be resumed or sent twice from a stream, so an interruption aborts the upload.
 * @throws HawserError unsupported when the stream is longer than the store's number of parts of this size
 */
export async function copyStream(
  input: AsyncIterable<Uint8Array>,
  key: Key,
  options: StreamOptions,
  onProgress: OnProgress,
): Promise<CopiedStream> {
  const { store, jobs, signal, meter } = options
  const description = await describeStream(options, key, store)
  const partSize = streamPartSize(options)
  const buffers = new BufferPool(partsInMemory * Math.max(partSize, smallest), partSize)
  const sending = { store, buffers, partSize, jobs, signal, meter }
  return sendStream(input, key, description, sending, onProgress)
}

/** What a stream of unknown size is sent with. */
export interface SendOptions extends CallOptions {
  readonly store: Store
  /** Where the parts are collected, of which two must fit into it, and one more for each stream beside this one. */
  readonly buffers: BufferPool
  /** Bytes; within the store's limits. */
  readonly partSize: number
  /** Parts on their way at once; 4 at most, and unless given. */
  readonly jobs?: number | undefined
  /** Has an upload in parts begun, and writes it down. */
  readonly beginBy?: ((begin: () => Promise<Upload>) => Promise<Upload>) | undefined
}

/** @throws HawserError as copyStream does */
export async function sendStream(
  input: AsyncIterable<Uint8Array>,
  key: Key,
  description: WriteOptions,
  options: SendOptions,
  onProgress: OnProgress,
): Promise<CopiedStream> {
  using buffers = new BorrowedBuffers(options.buffers)
  const parts = filledBuffers(input, buffers, options.partSize, options.signal)
  try {
    return await sendFilled(parts, key, description, options, onProgress)
  } catch (error) {
    throw asHawserError(error, { op: 'copy', location: options.store.location, key })
  } finally {
    // Also where nobody has begun to read it, or read it to its end.
    await parts.return(undefined)
  }
}

/** The length of what would be copied. It is read to its end, as a copy would: who writes it is not cut off. */
export async function measureStream(
  input: AsyncIterable<Uint8Array>,
  key: Key,
  options: StreamOptions,
): Promise<number> {
  await describeStream(options, key, options.store)
  let length = 0
  for await (const bytes of untilAborted(input, options.signal)) length += bytes.length
  return length
}

/** The wanted one, within what the store takes. */
function streamPartSize({ store, partSize = defaultStreamPartSize }: StreamOptions): number {
  if (!store.multipart) return partSize
  const { minPart, maxPart } = store.multipart.limits
  return Math.min(Math.max(partSize, minPart), maxPart)
}

async function sendFilled(
  parts: AsyncGenerator<Filled, undefined>,
  key: Key,
  description: WriteOptions,
  options: SendOptions,
  onProgress: OnProgress,
): Promise<CopiedStream> {
  const { store, signal, meter } = options
  const first = await parts.next()
  const second = first.done ? first : await parts.next()
  if (first.done || second.done) {
    const buffer = first.value
    const bytes = buffer?.buffer.bytes.subarray(0, buffer.length) ?? new Uint8Array(0)
    const crc64nvme = buffer?.buffer.crc64nvme(buffer.length) ?? 0n
    const info = await store.write(key, bytes, { ...description, crc64nvme, signal, meter })
    buffer?.buffer[Symbol.dispose]()
    onProgress(bytes.length)
    return { ...info, verified: store.traits.hierarchical || info.crc64nvme !== undefined }
  }
  if (!store.multipart)
    throw new HawserError('unsupported', 'the destination takes no stream of unknown size', {
      op: 'copy',
      location: store.location,
      key,
    })
  const all = prepend([first.value, second.value], parts)
  return sendInParts(all, key, store.multipart, description, options, onProgress)
}

async function sendInParts(
  parts: AsyncIterable<Filled>,
  key: Key,
  multipart: Multipart,
  description: WriteOptions,
  options: SendOptions,
  onProgress: OnProgress,
): Promise<CopiedStream> {
  const { store, signal, meter, beginBy = (begin) => begin() } = options
  const { condition: _, ...given } = description
  const upload = await beginBy(() => multipart.begin(key, { ...given, signal, meter }))
  try {
    const { receipts, confirmed } = await sendParts(parts, upload, multipart, options, onProgress)
    let size = 0
    let crc64nvme = 0n
    for (const receipt of receipts) {
      size += receipt.size
      crc64nvme = combineCrc64Nvme(crc64nvme, receipt.crc64nvme ?? 0n, receipt.size)
    }
    const whole = { ...description, size, crc64nvme, signal, meter }
    const info = await multipart.complete(upload, receipts, whole)
    const isTold = confirmed || info.crc64nvme !== undefined
    return { ...info, verified: store.traits.hierarchical || isTold }
  } catch (error) {
    // The first failure is what the user must know; what is left is found again as an unfinished upload.
    await multipart.abort(upload, { meter }).catch(() => {})
    throw error
  }
}

async function sendParts(
  parts: AsyncIterable<Filled>,
  upload: Upload,
  multipart: Multipart,
  options: SendOptions,
  onProgress: OnProgress,
): Promise<{ receipts: PartReceipt[]; confirmed: boolean }> {
  const { store, jobs = partsInMemory, signal, meter } = options
  const receipts: PartReceipt[] = []
  let arrived = 0
  let confirmed = true
  const atOnce = Math.min(jobs, partsInMemory)
  const slots = numbered(parts, multipart.limits, { location: store.location, key: upload.key })
  await forEachConcurrent(slots, atOnce, async ({ slot, part }) => {
    using buffer = part.buffer
    const { length } = part
    const crc64nvme = buffer.crc64nvme(length)
    const bytes = buffer.bytes.subarray(0, length)
    const receipt = await multipart.part(upload, slot, bytes, { crc64nvme, signal, meter })
    if (receipt.crc64nvme === undefined) confirmed = false
    receipts[slot.number - 1] = { ...receipt, crc64nvme }
    arrived += length
    onProgress(arrived)
  })
  return { receipts, confirmed }
}

async function* numbered(
  parts: AsyncIterable<Filled>,
  { maxParts }: PartLimits,
  where: ObjectRef,
): AsyncGenerator<{ slot: PartSlot; part: Filled }> {
  let number = 0
  let offset = 0
  for await (const part of parts) {
    number++
    if (number > maxParts)
      throw new HawserError('unsupported', `the stream is longer than ${maxParts} parts`, {
        op: 'copy',
        ...where,
        hint: 'Choose a larger --part-size.',
      })
    yield { slot: { number, offset }, part }
    offset += part.length
  }
}

async function* prepend<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first
  yield* rest
}
