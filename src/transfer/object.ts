// Moves one object well: inside the store where it can, whole where it is small, else in parts.
// What the source was when the copy was planned is what arrives, or nothing does.
import { asHawserError } from '../core/errors.ts'
import type { ObjectInfo } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import { downloadDecoded, formToDecode, writeDecoded } from './compress/download.ts'
import { type CompressedSize, goesCompressed, transferCompressed } from './compress/upload.ts'
import type { OnProgress, TransferContext } from './context.ts'
import { canRebuild, downloadDelta } from './delta/download.ts'
import { type PlanOptions, planUpload, type UploadPlan } from './delta/plan-upload.ts'
import { canStitch, transferDelta } from './delta/upload.ts'
import { checkGiven, describe } from './description.ts'
import { copyInside } from './inside.ts'
import { transferInParts } from './multipart.ts'
import { Progress } from './progress.ts'
import { defaultPartSize } from './parts.ts'
import { changedObject, readPlanned, statPlanned, streamedPart } from './source.ts'
import { verifyWhole } from './verify.ts'

export interface Transferred {
  /** The source as it was copied; later than planned where it changed meanwhile. */
  readonly work: CopyWork
  readonly info: ObjectInfo
  /** Of the object's bytes; undefined where no byte passed through here. */
  readonly crc64nvme: bigint | undefined
  /** Bytes sent to the destination by this process. */
  readonly sent: number
  /** Bytes that did not have to be sent: the destination had them, or they were compressed away. */
  readonly saved: number
  /** What it was compressed to, if it was. */
  readonly compressed?: CompressedSize | undefined
}

const triesOfAChangingSource = 3

/**
 * Makes `work.to` hold what `work.from` holds. A source that changes meanwhile is looked at anew, three times.
 * @param plan of the same source, by planObject
 * @throws HawserError conflict for a source that keeps changing; integrity; whatever the stores throw
 */
export async function transferObject(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
  plan?: UploadPlan,
): Promise<Transferred> {
  checkGiven(work, work.to, context.target)
  return whileItChanges(work, context, (now) =>
    transferPlanned(now, context, onProgress, plan?.from === now.from ? plan : undefined),
  )
}

/**
 * Finds out what is to be sent of an object of which the destination may have parts. Writes nothing.
 * @returns undefined for one that goes whole anyway
 * @throws HawserError as transferObject
 */
export async function planObject(
  work: CopyWork,
  context: TransferContext,
  options: PlanOptions,
): Promise<UploadPlan | undefined> {
  const { target, delta } = context
  const { multipart } = target
  if (!delta || !multipart || !goesByDelta(work, context)) return undefined
  return whileItChanges(work, context, (now) => planUpload(now, context, delta, multipart, options))
}

async function whileItChanges<T>(
  work: CopyWork,
  context: TransferContext,
  attemptIt: (work: CopyWork) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptIt(work)
    } catch (error) {
      if (changedObject(error) !== work.from || attempt >= triesOfAChangingSource)
        throw asHawserError(error, { op: 'copy', location: work.to.location, key: work.to.key })
      const { kind, size, etag, version, modified } = await context.source.stat(
        work.from.key,
        context,
      )
      // A link or a directory is not copied as a file is; whether it is to be copied was not decided.
      if (kind !== work.from.kind)
        throw asHawserError(error, { op: 'copy', location: work.to.location, key: work.to.key })
      work = { ...work, from: { ...work.from, size, etag, version, modified } }
    }
  }
}

async function transferPlanned(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
  plan: UploadPlan | undefined,
): Promise<Transferred> {
  if (context.target.copy?.accepts(context.source)) return copyInside(work, context, onProgress)
  const { buffers, compression, delta, source, target } = context
  const { size } = work.from
  const { multipart } = target
  const compressed =
    compression &&
    goesCompressed(context) &&
    (await transferCompressed(work, context, compression, onProgress))
  if (compressed) return compressed
  const info = mayBeCompressed(work, context) ? await statPlanned(work.from, context) : undefined
  const form = info && formToDecode(info, context)
  if (form) return downloadDecoded(work, info, form, context, onProgress)
  if (multipart && goesInParts(size, context)) {
    if (delta && goesByDelta(work, context))
      return transferDelta(work, context, delta, multipart, onProgress, plan)
    if (delta && size >= delta.threshold && canRebuild(source, target))
      return downloadDelta(work, context, delta, multipart, onProgress, info)
    return transferInParts(work, context, multipart, onProgress, info)
  }
  return size > buffers.largest
    ? transferStreamed(work, context, onProgress, info)
    : transferWhole(work, context, onProgress)
}

function goesInParts(
  size: number,
  { target, buffers, partSize = defaultPartSize }: TransferContext,
): boolean {
  return target.multipart !== undefined && size > Math.min(partSize, buffers.largest)
}

/** Objects that come whole, in one request, tell it then. */
function mayBeCompressed({ from: { size } }: CopyWork, context: TransferContext): boolean {
  const { source, target, buffers } = context
  const isDownload = !source.traits.hierarchical && target.traits.hierarchical
  return isDownload && (goesInParts(size, context) || size > buffers.largest)
}

function goesByDelta({ from: { size } }: CopyWork, context: TransferContext): boolean {
  const { source, target, delta } = context
  if (!delta || context.compression || size < delta.threshold) return false
  if (target.copy?.accepts(source)) return false
  return goesInParts(size, context) && canStitch(target)
}

async function transferWhole(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
): Promise<Transferred> {
  const { signal } = context
  const progress = new Progress(onProgress)
  const meter = progress.meter(1, work.from.size, context.meter)
  const { from, to, condition } = work
  await context.lanes.acquire(1, signal)
  try {
    using buffer = await context.buffers.acquire(from.size, signal)
    const { info } = await readPlanned(from, buffer.bytes, 0, { ...context, meter })
    const crc64nvme = buffer.crc64nvme(from.size)
    verifyWhole(from, info, buffer.bytes, crc64nvme)
    const form = formToDecode(info, context)
    if (form) {
      const open = (): AsyncIterable<Uint8Array> => once(buffer.bytes)
      const copied = await writeDecoded(work, info, form, open, { ...context, meter })
      progress.arrived(1, from.size)
      return copied
    }
    const written = await context.target.write(to.key, buffer.bytes, {
      ...(await describe(work, context, info)),
      condition,
      crc64nvme,
      signal,
      meter,
    })
    progress.arrived(1, from.size)
    return { work, info: written, crc64nvme, sent: from.size, saved: 0 }
  } finally {
    context.lanes.release()
  }
}

/** More than a buffer holds, into a store that takes no parts. */
async function transferStreamed(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
  seen: ObjectInfo | undefined,
): Promise<Transferred> {
  const { signal, meter } = context
  const { from, to, condition } = work
  await context.lanes.acquire(1, signal)
  try {
    const description = await describe(work, context, seen)
    const whole = { number: 1, offset: 0, size: from.size }
    const body = streamedPart(from, whole, context, description.crc64nvme)
    const written = await context.target.write(to.key, body, {
      ...description,
      condition,
      signal,
      meter,
    })
    onProgress(from.size)
    return { work, info: written, crc64nvme: body.digest(), sent: from.size, saved: 0 }
  } finally {
    context.lanes.release()
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
