// A big object in parts: side by side, each verified, journalled, and after an interruption only those that are missing.
import { asHawserError, HawserError, isAbort, isHawserError } from '../core/errors.ts'
import { checkSignal } from '../core/signal.ts'
import type { Multipart, ObjectInfo, PartReceipt, Upload, WriteOptions } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import type { OnProgress, TransferContext } from './context.ts'
import { describe } from './description.ts'
import type { Transferred } from './object.ts'
import { copyHeld, isHeld, proveHeld } from './held.ts'
import { evenPlan, partSizeFor, type PartPlan, type PlannedPart } from './parts.ts'
import { Progress } from './progress.ts'
import { beginOrResume } from './resume.ts'
import { forEachConcurrent } from './semaphore.ts'
import { readPlanned, streamedPart } from './source.ts'
import { verifyCrc, verifyReceipt } from './verify.ts'

/**
 * Sends the bytes of the source in parts.
 * @param seen the facts of the source as it was planned, where they are known already
 */
export async function transferInParts(
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
  seen?: ObjectInfo,
): Promise<Transferred> {
  const description = await describe(work, context, seen)
  const { size } = work.from
  const plan = evenPlan(size, partSizeFor(size, multipart.limits, context.partSize))
  return sendParts(work, context, multipart, plan, onProgress, description)
}

/**
 * Sends the parts that are not there yet, or has the store copy those that it holds, and makes the object visible.
 * @param options what the object is given; `crc64nvme` is what the source's store says of the whole
 */
export async function sendParts(
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  plan: PartPlan,
  onProgress: OnProgress,
  options: WriteOptions,
  mayBeginAnew = true,
): Promise<Transferred> {
  const transfer = await beginOrResume(work, context, multipart, plan, options)
  const resumed = transfer.done.size > 0
  try {
    const sent = await sendMissing(transfer, work, context, multipart, onProgress)
    const receipts = transfer.inOrder()
    const crc64nvme = joinedCrc(transfer.plan, receipts)
    await proveHeld(transfer.plan, transfer.upload, transfer.done, work, context, multipart)
    verifyKnown(work, options.crc64nvme, crc64nvme)
    const { signal, meter } = context
    const info = await multipart.complete(transfer.upload, receipts, {
      ...options,
      size: work.from.size,
      crc64nvme,
      condition: work.condition,
      signal,
      meter,
    })
    await transfer.end()
    verifyKnown(work, options.crc64nvme, info.crc64nvme)
    return { work, info, crc64nvme, sent, saved: savedBy(transfer.plan) }
  } catch (error) {
    const failure = await giveUp(error, work, context, multipart, transfer)
    // A part of an earlier run may be what is damaged: it was read wrong, and that run never came to compare the whole.
    if (resumed && mayBeginAnew && failure.code === 'integrity')
      return sendParts(work, context, multipart, plan, onProgress, options, false)
    throw failure
  }
}

/** An upload under way: what has arrived, and where that is written down. */
export interface PartTransfer {
  readonly upload: Upload
  readonly plan: PartPlan
  readonly done: ReadonlyMap<number, PartReceipt>
  record(receipt: PartReceipt): Promise<void>
  end(): Promise<void>
  inOrder(): PartReceipt[]
}

function savedBy({ parts }: PartPlan): number {
  return parts.filter(isHeld).reduce((sum, { size }) => sum + size, 0)
}

async function sendMissing(
  transfer: PartTransfer,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
): Promise<number> {
  const progress = new Progress(onProgress, savedBy(transfer.plan))
  let sent = 0
  let failed = false
  if (transfer.done.size > 0) context.passing?.stop()
  const missing: Iterable<PlannedPart> = (function* (): Generator<PlannedPart> {
    for (const part of transfer.plan.parts) {
      if (!transfer.done.has(part.number)) yield part
      else if (isHeld(part)) progress.held(part.number, part.size)
      else progress.arrived(part.number, part.size)
    }
  })()
  await forEachConcurrent(missing, partsAtOnce, async (part) => {
    await context.lanes.acquire(1, context.signal)
    try {
      // Parts that waited for a lane while another one failed are left to the next run.
      if (failed) return
      checkSignal(context.signal, { op: 'part', ...work.to })
      if (isHeld(part)) {
        await transfer.record(await copyHeld(transfer.upload, part, work, context, multipart))
        progress.held(part.number, part.size)
      } else {
        const metered = { ...context, meter: progress.meter(part.number, part.size, context.meter) }
        await transfer.record(await sendOne(transfer.upload, part, work, metered, multipart))
        sent += part.size
        progress.arrived(part.number, part.size)
      }
    } catch (error) {
      failed = true
      context.passing?.stop()
      throw error
    } finally {
      context.lanes.release()
    }
  })
  return sent
}

/** More than enough to fill any link; the lanes and the memory bound them all together. */
const partsAtOnce = 64

async function sendOne(
  upload: Upload,
  part: PlannedPart,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
): Promise<PartReceipt> {
  const { signal, meter } = context
  if (part.size > context.buffers.largest) {
    context.passing?.stop()
    const body = streamedPart(work.from, part, context)
    const receipt = await multipart.part(upload, part, body, { signal, meter })
    verifyReceipt(work, receipt, body.digest())
    return { ...receipt, crc64nvme: body.digest() }
  }
  using buffer = await context.buffers.acquire(part.size, signal)
  await readPlanned(work.from, buffer.bytes, part.offset, context)
  context.check?.(part)(buffer.bytes)
  await context.passing?.feed(part.offset, buffer.bytes)
  const crc64nvme = buffer.crc64nvme(part.size)
  const receipt = await multipart.part(upload, part, buffer.bytes, { crc64nvme, signal, meter })
  verifyReceipt(work, receipt, crc64nvme)
  return { ...receipt, crc64nvme }
}

function joinedCrc({ parts }: PartPlan, receipts: readonly PartReceipt[]): bigint | undefined {
  let joined: bigint | undefined = 0n
  for (const [i, { crc64nvme = parts[i]?.held?.crc64nvme, size }] of receipts.entries()) {
    if (crc64nvme === undefined) return undefined
    joined = combineCrc64Nvme(joined, crc64nvme, size)
  }
  return joined
}

function verifyKnown(
  work: CopyWork,
  expected: bigint | undefined,
  actual: bigint | undefined,
): void {
  if (actual !== undefined) verifyCrc(work.from, expected, actual)
}

/** Keeps what a later run can go on with; frees what it can't. */
async function giveUp(
  error: unknown,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  transfer: PartTransfer,
): Promise<HawserError> {
  const failure = asHawserError(error, { op: 'copy', location: work.to.location, key: work.to.key })
  const resumable = isAbort(failure) || failure.retry !== 'never' || failure.code === 'no-space'
  if (context.journal && resumable && failure.code !== 'integrity') return failure
  try {
    await multipart.abort(transfer.upload, { meter: context.meter })
    await transfer.end()
  } catch (cause) {
    // The first failure is what the user must know; the journal still tells a later run of what is left.
    if (!isHawserError(cause)) throw cause
  }
  return failure
}
