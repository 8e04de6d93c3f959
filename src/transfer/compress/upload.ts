// Sends a file in compressed form, where that makes it smaller. What fits into a buffer is judged by the result, what
// does not by samples; it is read twice then, because the object is told its file's checksum before its first byte comes.
import { locationId } from '../../core/location.ts'
import type { CopyWork } from '../../core/work.ts'
import { crc64nvme as crcOf } from '../../kernels/crc64nvme.ts'
import { abandon, type Attempt, beginJournalled } from '../begin.ts'
import type { TransferBuffer } from '../buffers.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { describe, type Description } from '../description.ts'
import { crc64nvmeOf } from '../digest.ts'
import type { Transferred } from '../object.ts'
import { defaultPartSize, partCount, partSizeFor } from '../parts.ts'
import { Semaphore } from '../semaphore.ts'
import { asSourceRead, readPlanned, streamedPart } from '../source.ts'
import { type CopiedStream, sendStream } from '../stream.ts'
import { isConfirmed } from '../verify.ts'
import { type Coding, compress, compressed } from './codings.ts'
import { isShrunk, mayShrink, samplesOf, shrink } from './worth.ts'

/** What the compression of a run stands on. */
export interface CompressionContext {
  readonly coding: Coding
  /** One permit for each file that is compressed as it is read: as many as the buffers are enough for. */
  readonly streams: Semaphore
  /** Parts of such a file on their way at once. */
  readonly lanes: number
}

/** Bytes that are sent instead of those of the file, and in how many parts; 0 where they go whole. */
export interface CompressedSize {
  readonly size: number
  readonly parts: number
}

/** @param budget bytes of all buffers, of which the largest has `largest` */
export function compressionContext(
  coding: Coding,
  { budget, largest, jobs }: { budget: number; largest: number; jobs: number },
): CompressionContext {
  const streams = new Semaphore(Math.max(1, Math.floor(budget / largest) - 1))
  return { coding, streams, lanes: Math.min(jobs, 4) }
}

/** Whether it is a file on its way to an object store. */
export function goesCompressed({ source, target, compression }: TransferContext): boolean {
  return (
    compression !== undefined &&
    source.traits.hierarchical &&
    !target.traits.hierarchical &&
    !target.copy?.accepts(source)
  )
}

/** @returns undefined for what goes as it is, of which nothing was sent */
export async function transferCompressed(
  work: CopyWork,
  context: TransferContext,
  compression: CompressionContext,
  onProgress: OnProgress,
): Promise<Transferred | undefined> {
  if (!(await mayShrink(work))) return undefined
  return work.from.size <= context.buffers.largest
    ? transferWhole(work, context, compression, onProgress)
    : transferStreamed(work, context, compression, onProgress)
}

/**
 * What would be sent. Reads and compresses it.
 * @returns undefined for what goes as it is
 */
export async function measureCompressed(
  work: CopyWork,
  context: TransferContext,
  { coding }: CompressionContext,
): Promise<CompressedSize | undefined> {
  const { from } = work
  if (!(await mayShrink(work))) return undefined
  if (from.size <= context.buffers.largest) {
    using buffer = await context.buffers.acquire(from.size, context.signal)
    const result = await compressWhole(work, buffer, context, coding)
    return result && { size: result.bytes.length, parts: 0 }
  }
  const partSize = partSizeOf(work, context)
  if (partSize === undefined || !(await samplesShrink(work, context))) return undefined
  let size = 0
  for await (const chunk of compressed(coding, whole(work, context).open(all(from)), from.size))
    size += chunk.length
  return sizeInParts(size, partSize)
}

async function transferWhole(
  work: CopyWork,
  context: TransferContext,
  { coding }: CompressionContext,
  onProgress: OnProgress,
): Promise<Transferred | undefined> {
  const { buffers, lanes, target, signal, meter } = context
  await lanes.acquire(1, signal)
  try {
    // Held until the compressed bytes, which are no more, are sent: so memory bounds both.
    using buffer = await buffers.acquire(work.from.size, signal)
    const result = await compressWhole(work, buffer, context, coding)
    if (!result) return undefined
    const { bytes, crc64nvme } = result
    const given = asCompressed(await describe(work, context), work, coding, crc64nvme)
    const { condition } = work
    const ofBytes = crcOf(bytes)
    const sent = { ...given, condition, crc64nvme: ofBytes, signal, meter }
    await abandonEarlier(work, context)
    const info = await target.write(work.to.key, bytes, sent)
    const verified = isConfirmed(work, target, info, ofBytes)
    const size = { size: bytes.length, parts: 0 }
    return transferred(work, { ...info, verified }, crc64nvme, size, onProgress)
  } finally {
    lanes.release()
  }
}

async function compressWhole(
  { from }: CopyWork,
  buffer: TransferBuffer,
  context: TransferContext,
  coding: Coding,
): Promise<{ readonly bytes: Uint8Array; readonly crc64nvme: bigint } | undefined> {
  await readPlanned(from, buffer.bytes, 0, context)
  const sampled = samplesOf(from.size).map(({ start, size }) =>
    buffer.bytes.subarray(start, start + size),
  )
  if (!(await shrink(Buffer.concat(sampled)))) return undefined
  const bytes = await compress(coding, buffer.bytes)
  if (!isShrunk(from.size, bytes.length)) return undefined
  return { bytes, crc64nvme: buffer.crc64nvme(from.size) }
}

async function transferStreamed(
  work: CopyWork,
  context: TransferContext,
  compression: CompressionContext,
  onProgress: OnProgress,
): Promise<Transferred | undefined> {
  const { lanes, signal } = context
  const partSize = partSizeOf(work, context)
  if (partSize === undefined) return undefined
  // In this order: who holds buffers waits for nothing but buffers.
  await compression.streams.acquire(1, signal)
  try {
    if (!(await samplesShrink(work, context))) return undefined
    await lanes.acquire(compression.lanes, signal)
    try {
      return await sendCompressed(work, context, compression, partSize, onProgress)
    } finally {
      lanes.release(compression.lanes)
    }
  } finally {
    compression.streams.release()
  }
}

async function sendCompressed(
  work: CopyWork,
  context: TransferContext,
  { coding, lanes: jobs }: CompressionContext,
  partSize: number,
  onProgress: OnProgress,
): Promise<Transferred> {
  const { source, target, buffers, signal, meter } = context
  const { from, to, condition } = work
  const crc64nvme = await asSourceRead(from, () => crc64nvmeOf(source, from, context))
  const given = asCompressed(await describe(work, context), work, coding, crc64nvme)
  await abandonEarlier(work, context)
  let read = 0
  const file = counted(whole(work, context, crc64nvme).open(all(from)), (bytes) => (read += bytes))
  const info = await sendStream(
    compressed(coding, file, from.size),
    to.key,
    { ...given, condition },
    {
      store: target,
      buffers,
      partSize,
      jobs,
      signal,
      meter,
      beginBy: (begin) => beginJournalled(attemptOf(work), context, begin),
    },
    (sent) => onProgress(read, { sent }),
  )
  await context.journal?.end(locationId(to.location), to.key)
  return transferred(work, info, crc64nvme, sizeInParts(info.size, partSize), onProgress)
}

/** Without an etag nobody goes on with it: the next run clears away what a killed one leaves. */
function attemptOf({ from, to }: CopyWork): Attempt {
  const { location, key, size } = from
  const source = { id: locationId(location), key, etag: undefined, size }
  return { target: locationId(to.location), key: to.key, source, partSize: 0 }
}

/** What an earlier run left of this object. */
async function abandonEarlier({ to }: CopyWork, context: TransferContext): Promise<void> {
  const entry = await context.journal?.find(locationId(to.location), to.key)
  if (entry) await abandon(entry, context)
}

/** Undefined where an object of this size needs larger parts than memory is given for. */
function partSizeOf(
  { from }: CopyWork,
  { target, buffers, partSize = defaultPartSize }: TransferContext,
): number | undefined {
  const { multipart } = target
  if (!multipart) return undefined
  const needed = partSizeFor(from.size, multipart.limits, Math.min(partSize, buffers.largest))
  return needed <= buffers.largest ? needed : undefined
}

async function samplesShrink({ from }: CopyWork, context: TransferContext): Promise<boolean> {
  const pieces = samplesOf(from.size)
  const sampled = new Uint8Array(pieces.reduce((sum, { size }) => sum + size, 0))
  let filled = 0
  for (const { start, size } of pieces) {
    await readPlanned(from, sampled.subarray(filled, filled + size), start, context)
    filled += size
  }
  return shrink(sampled)
}

function whole({ from }: CopyWork, context: TransferContext, crc64nvme?: bigint) {
  return streamedPart(from, { number: 1, offset: 0, size: from.size }, context, crc64nvme)
}

function all({ size }: { readonly size: number }): { start: number; end: number } {
  return { start: 0, end: size }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  count: (more: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    count(chunk.length)
    yield chunk
  }
}

function sizeInParts(size: number, partSize: number): CompressedSize {
  const parts = partCount(size, partSize)
  return { size, parts: parts === 1 ? 0 : parts }
}

function asCompressed(
  description: Description,
  { from: { size } }: CopyWork,
  coding: Coding,
  crc64nvme: bigint,
): Description {
  const { attributes, properties } = description
  return {
    ...description,
    attributes: { ...attributes, uncompressed: { size, crc64nvme } },
    properties: { ...properties, contentEncoding: coding },
    crc64nvme: undefined,
  }
}

function transferred(
  work: CopyWork,
  info: CopiedStream,
  crc64nvme: bigint,
  size: CompressedSize,
  onProgress: OnProgress,
): Transferred {
  const saved = work.from.size - size.size
  onProgress(work.from.size, { sent: size.size, saved })
  const { verified } = info
  return { work, info, crc64nvme, sent: size.size, saved, verified, compressed: size }
}
