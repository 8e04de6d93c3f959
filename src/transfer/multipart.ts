// A big object in parts: side by side, each verified, journalled, and after an interruption only those that are missing.
import { md5FromEtag } from '../core/digest.ts'
import { asHawserError, HawserError, isAbort, isHawserError } from '../core/errors.ts'
import { checkSignal } from '../core/signal.ts'
import type { Multipart, PartReceipt, Upload, WriteOptions } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import type { OnProgress, TransferContext } from './context.ts'
import type { Transferred } from './object.ts'
import { copyHeld, isHeld, md5OfSource, proveHeld } from './held.ts'
import type { PartPlan, PlannedPart } from './parts.ts'
import { Progress } from './progress.ts'
import { beginOrResume } from './resume.ts'
import { forEachConcurrent } from './semaphore.ts'
import { changedObject, readPlanned, streamedPart } from './source.ts'
import { isConfirmed, verifyCrc, verifyReceipt } from './verify.ts'

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
    const progress = new Progress(onProgress, savedBy(transfer.plan))
    const sent = await sendMissing(transfer, work, context, multipart, progress)
    if (transfer.plan.parts.some(isHeld)) progress.finish('verifying')
    const receipts = transfer.inOrder()
    const crc64nvme = joinedCrc(transfer.plan, receipts)
    const proven = await proveHeld(
      transfer.plan,
      transfer.upload,
      transfer.done,
      work,
      context,
      multipart,
    )
    verifyKnown(work, options.crc64nvme, crc64nvme)
    const { signal, meter } = context
    progress.finish('finishing')
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
    const verified =
      isConfirmed(work, context.target, info, crc64nvme ?? options.crc64nvme) ||
      (proven && (await areConfirmed(transfer, work, context)))
    return { work, info, crc64nvme, sent, saved: savedBy(transfer.plan), verified }
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
  /** The parts that the service itself told to be what was sent. */
  readonly confirmed: Set<number>
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
  progress: Progress,
): Promise<number> {
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
        await transfer.record(await sendOne(transfer, part, work, metered, multipart))
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
  { upload, confirmed }: PartTransfer,
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
    if (receipt.crc64nvme !== undefined) confirmed.add(part.number)
    return { ...receipt, crc64nvme: body.digest() }
  }
  using buffer = await context.buffers.acquire(part.size, signal)
  await readPlanned(work.from, buffer.bytes, part.offset, context)
  context.check?.(part)(buffer.bytes)
  await context.passing?.feed(part.offset, buffer.bytes)
  const crc64nvme = buffer.crc64nvme(part.size)
  const receipt = await multipart.part(upload, part, buffer.bytes, { crc64nvme, signal, meter })
  verifyReceipt(work, receipt, crc64nvme)
  if (receipt.crc64nvme !== undefined) confirmed.add(part.number)
  return { ...receipt, crc64nvme }
}

/**
 * Whether the service told of every part that it is what was sent. Of one that an earlier run sent, and of a copied one
 * that nothing was compared with yet, the MD5 that an etag may be must tell.
 */
async function areConfirmed(
  { plan, done, confirmed }: PartTransfer,
  work: CopyWork,
  context: TransferContext,
): Promise<boolean> {
  for (const part of plan.parts) {
    if (confirmed.has(part.number) || part.held?.crc64nvme !== undefined) continue
    if (part.held || !(await hasMd5(part, done.get(part.number), work, context))) return false
  }
  return true
}

async function hasMd5(
  part: PlannedPart,
  receipt: PartReceipt | undefined,
  work: CopyWork,
  context: TransferContext,
): Promise<boolean> {
  const etag = context.target.traits.etagIsMd5 ? receipt?.etag : undefined
  const md5 = etag === undefined ? undefined : md5FromEtag(etag)
  // What a service does not confirm once, it confirms of none: nothing is read for the others.
  if (md5 === undefined || context.proofs.confirms('parts') === false) return false
  try {
    return md5 === (await md5OfSource(part, work, context))
  } catch (error) {
    // The source has changed since: what was sent of it is another matter.
    if (changedObject(error)) return false
    throw error
  }
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
