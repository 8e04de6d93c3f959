// A big object in parts: side by side, each verified, journalled, and after an interruption only those that are missing.
import { asHawserError, HawserError, isAbort, isHawserError } from '../core/errors.ts'
import { checkSignal } from '../core/signal.ts'
import type { Multipart, PartReceipt, Upload, WriteOptions } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import type { OnProgress, TransferContext } from './context.ts'
import { describe } from './description.ts'
import type { Transferred } from './object.ts'
import { evenPlan, type Held, partSizeFor, type PartPlan, type PlannedPart } from './parts.ts'
import { Progress } from './progress.ts'
import { beginOrResume } from './resume.ts'
import { forEachConcurrent } from './semaphore.ts'
import { asSourceRead, readPlanned, statSame, streamedPart } from './source.ts'
import { verifyCrc } from './verify.ts'

/** Sends the bytes of the source in parts. */
export async function transferInParts(
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
): Promise<Transferred> {
  const description = await describe(work, context)
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
    const crc64nvme = joinedCrc(receipts)
    await checkHeld(transfer.plan, context)
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
    return { work, info, crc64nvme, sent }
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

async function sendMissing(
  transfer: PartTransfer,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
): Promise<number> {
  const progress = new Progress(onProgress)
  let sent = 0
  let failed = false
  const missing: Iterable<PlannedPart> = (function* (): Generator<PlannedPart> {
    for (const part of transfer.plan.parts) {
      if (transfer.done.has(part.number)) progress.arrived(part.number, part.size)
      else yield part
    }
  })()
  await forEachConcurrent(missing, partsAtOnce, async (part) => {
    await context.lanes.acquire(1, context.signal)
    try {
      // Parts that waited for a lane while another one failed are left to the next run.
      if (failed) return
      checkSignal(context.signal, { op: 'part', ...work.to })
      if (part.held) {
        const held = { ...part, held: part.held }
        await transfer.record(await copyOne(transfer.upload, held, work, context, multipart))
      } else {
        const metered = { ...context, meter: progress.meter(part.number, part.size, context.meter) }
        await transfer.record(await sendOne(transfer.upload, part, work, metered, multipart))
        sent += part.size
      }
    } catch (error) {
      failed = true
      throw error
    } finally {
      context.lanes.release()
    }
    progress.arrived(part.number, part.size)
  })
  return sent
}

/** More than enough to fill any link; the lanes and the memory bound them all together. */
const partsAtOnce = 64

async function copyOne(
  upload: Upload,
  part: PlannedPart & { readonly held: Held },
  work: CopyWork,
  { signal, meter }: TransferContext,
  multipart: Multipart,
): Promise<PartReceipt> {
  const { from, range, crc64nvme } = part.held
  const receipt = await asSourceRead(from, async () => {
    if (!multipart.copyPart)
      throw new HawserError('internal', 'the store copies no parts', { op: 'part', ...work.to })
    return multipart.copyPart(upload, part, from, range, { signal, meter })
  })
  verifyReceipt(work, receipt, crc64nvme)
  return receipt
}

/** Some services ignore the condition on a copied part: what was copied from must still be what was planned. */
async function checkHeld({ parts }: PartPlan, context: TransferContext): Promise<void> {
  for (const from of new Set(parts.flatMap(({ held }) => held?.from ?? [])))
    await statSame(context.target, from, context)
}

async function sendOne(
  upload: Upload,
  part: PlannedPart,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
): Promise<PartReceipt> {
  const { signal, meter } = context
  if (part.size > context.buffers.largest) {
    const body = streamedPart(work.from, part, context)
    const receipt = await multipart.part(upload, part, body, { signal, meter })
    verifyReceipt(work, receipt, body.digest())
    return { ...receipt, crc64nvme: body.digest() }
  }
  using buffer = await context.buffers.acquire(part.size, signal)
  await readPlanned(work.from, buffer.bytes, part.offset, context)
  const crc64nvme = buffer.crc64nvme(part.size)
  const receipt = await multipart.part(upload, part, buffer.bytes, { crc64nvme, signal, meter })
  verifyReceipt(work, receipt, crc64nvme)
  return { ...receipt, crc64nvme }
}

function verifyReceipt(work: CopyWork, receipt: PartReceipt, expected: bigint | undefined): void {
  const { crc64nvme } = receipt
  if (crc64nvme === undefined || expected === undefined || crc64nvme === expected) return
  throw new HawserError('integrity', `part ${receipt.number} arrived damaged`, {
    op: 'part',
    location: work.to.location,
    key: work.to.key,
  })
}

function joinedCrc(receipts: readonly PartReceipt[]): bigint | undefined {
  let joined: bigint | undefined = 0n
  for (const { crc64nvme, size } of receipts) {
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
