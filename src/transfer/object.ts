// Moves one object well: inside the store where it can, whole where it is small, else in parts.
// What the source was when the copy was planned is what arrives, or nothing does.
import { hash } from 'node:crypto'
import { asHawserError } from '../core/errors.ts'
import type { ObjectInfo } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import { foresee } from './care.ts'
import { downloadDecoded, formToDecode, writeDecoded } from './compress/download.ts'
import { type CompressedSize, goesCompressed, transferCompressed } from './compress/upload.ts'
import type { OnProgress, TransferContext } from './context.ts'
import { canRebuild, downloadDelta } from './delta/download.ts'
import { type DownloadPlan, planDownload } from './delta/plan-download.ts'
import { type PlanOptions, planUpload, type UploadPlan } from './delta/plan-upload.ts'
import { canStitch, goesWholeAnyway, transferDelta } from './delta/upload.ts'
import { checkGiven, describe } from './description.ts'
import { copyInside } from './inside.ts'
import { transferInParts } from './in-parts.ts'
import { Progress } from './progress.ts'
import { defaultPartSize } from './parts.ts'
import { changedObject, readPlanned, statPlanned, streamedPart } from './source.ts'
import { isConfirmed, verifyWhole } from './verify.ts'
import { written } from './written.ts'

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
  /**
   * Whether the bytes are known to be right: the destination's service told a checksum of them, of every part at least,
   * they were read back, or it is a disk.
   */
  readonly verified: boolean
  /** What it was compressed to, if it was. */
  readonly compressed?: CompressedSize | undefined
}

/** What is to be sent, or fetched, of an object of which the destination may have parts. */
export type ObjectPlan = UploadPlan | DownloadPlan

const triesOfAChangingSource = 3

/**
 * Makes `work.to` hold what `work.from` holds. A source that changes meanwhile is looked at anew, three times, unless it
 * is pinned.
 * @param plan of the same source, by planObject
 * @throws HawserError conflict for a source that keeps changing; integrity; whatever the stores throw
 */
export async function transferObject(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
  plan?: ObjectPlan,
): Promise<Transferred> {
  checkGiven(work, work.to, context.target)
  return whileItChanges(work, context, (now) =>
    transferPlanned(now, context, onProgress, plan?.from === now.from ? plan : undefined),
  )
}

/**
 * Finds out what is to be sent, or fetched, of an object of which the destination may have parts. Writes nothing.
 * @returns undefined for one that goes whole anyway
 * @throws HawserError as transferObject
 */
export async function planObject(
  work: CopyWork,
  context: TransferContext,
  options: PlanOptions,
): Promise<ObjectPlan | undefined> {
  const { target, delta } = context
  const { multipart } = target
  const way = deltaWay(work, context)
  if (!delta || !multipart || !way) return undefined
  if (way === 'upload' && goesWholeAnyway(context))
    return { from: work.from, scan: undefined, stitch: undefined }
  return whileItChanges<ObjectPlan>(work, context, (now) =>
    way === 'upload'
      ? planUpload(now, context, delta, multipart, options)
      : planDownload(now, context, delta, options.onProgress),
  )
}

/** Finds out what proving the object will take, for who writes nothing. The context is told. */
export async function foreseeProof(
  work: CopyWork,
  context: TransferContext,
  plan: ObjectPlan | undefined,
): Promise<void> {
  const { target, source, verify } = context
  const goesInside = target.copy?.accepts(source) === true
  if (!verify || target.traits.hierarchical || goesInside) return
  const isStitched = plan !== undefined && isOfUpload(plan) && plan.stitch !== undefined
  const inParts = goesInParts(work.from.size, context) ? 'parts' : 'whole'
  await foresee(work, context, isStitched ? 'stitch' : inParts)
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
      const tries = context.pinned ? 1 : triesOfAChangingSource
      if (changedObject(error) !== work.from || attempt >= tries)
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
  plan: ObjectPlan | undefined,
): Promise<Transferred> {
  if (context.target.copy?.accepts(context.source)) return copyInside(work, context, onProgress)
  const { buffers, compression, delta, target } = context
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
    const way = deltaWay(work, context)
    if (delta && way === 'upload') {
      const planned = plan && isOfUpload(plan) ? plan : undefined
      return transferDelta(work, context, delta, multipart, onProgress, planned)
    }
    if (delta && way === 'download') {
      const planned = plan && !isOfUpload(plan) ? plan : undefined
      return downloadDelta(work, context, delta, multipart, onProgress, planned, info)
    }
    return transferInParts(work, context, multipart, onProgress, info)
  }
  const send = size > buffers.largest ? transferStreamed : transferWhole
  return written(work, context, 'whole', async (to, within) => send(to, within, onProgress, info))
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

/** What is done with an older state of the object at the destination; undefined where the object goes whole. */
function deltaWay(
  { from: { size } }: CopyWork,
  context: TransferContext,
): 'upload' | 'download' | undefined {
  const { source, target, delta } = context
  if (!delta || size < delta.threshold || target.copy?.accepts(source)) return undefined
  if (!goesInParts(size, context)) return undefined
  if (canStitch(target)) return goesCompressed(context) ? undefined : 'upload'
  return canRebuild(source, target) ? 'download' : undefined
}

export function isOfUpload(plan: ObjectPlan): plan is UploadPlan {
  return 'stitch' in plan
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
    const stored = await context.target.write(to.key, buffer.bytes, {
      ...(await describe(work, context, info)),
      condition,
      crc64nvme,
      signal,
      meter,
    })
    progress.arrived(1, from.size)
    const verified =
      isConfirmed(work, context.target, stored, crc64nvme) || hasMd5(stored, buffer.bytes)
    return { work, info: stored, crc64nvme, sent: from.size, saved: 0, verified }
  } finally {
    context.lanes.release()
  }
}

/** Of an object that was looked at again, because the answer to its write was lost. */
function hasMd5({ md5 }: ObjectInfo, bytes: Uint8Array): boolean {
  return md5 !== undefined && md5 === hash('md5', bytes)
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
    const stored = await context.target.write(to.key, body, {
      ...description,
      condition,
      signal,
      meter,
    })
    onProgress(from.size)
    const crc64nvme = body.digest()
    const verified = isConfirmed(work, context.target, stored, crc64nvme)
    return { work, info: stored, crc64nvme, sent: from.size, saved: 0, verified }
  } finally {
    context.lanes.release()
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
