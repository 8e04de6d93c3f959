// Parts that the destination's store copied by itself: proven before the object is published.
import { createHash } from 'node:crypto'
import { md5FromEtag } from '../core/digest.ts'
import { HawserError, isHawserError } from '../core/errors.ts'
import type { Multipart, PartReceipt, Upload } from '../core/store.ts'
import type { CopyWork, SeenObject } from '../core/work.ts'
import type { TransferContext } from './context.ts'
import { evenPlan, type Held, type PartPlan, type PlannedPart } from './parts.ts'
import { asSourceRead, readPlanned, statSame } from './source.ts'
import { verifyReceipt } from './verify.ts'

export interface HeldPart extends PlannedPart {
  readonly held: Held
}

export function isHeld(part: PlannedPart): part is HeldPart {
  return part.held !== undefined
}

/**
 * @throws HawserError integrity where the store tells that it copied other bytes; conflict (marked by changedObject)
 *   where what it copies from is not what was planned
 */
export async function copyHeld(
  upload: Upload,
  part: HeldPart,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
): Promise<PartReceipt> {
  const { signal, meter } = context
  const { from, range, crc64nvme } = part.held
  try {
    const receipt = await asSourceRead(from, async () => {
      if (!multipart.copyPart)
        throw new HawserError('internal', 'the store copies no parts', { op: 'part', ...work.to })
      return multipart.copyPart(upload, part, from, range, { signal, meter })
    })
    verifyReceipt(work, receipt, crc64nvme)
    return receipt
  } catch (error) {
    // Gone, or shorter where the service ignores the condition: or it is the upload that is gone.
    if (isHawserError(error) && (error.code === 'not-found' || error.code === 'range'))
      await lookAtHeld(from, work, context)
    throw error
  }
}

/** @throws HawserError conflict (marked by changedObject) where it is not what was planned, or is gone */
async function lookAtHeld(
  from: SeenObject,
  work: CopyWork,
  context: TransferContext,
): Promise<void> {
  const store = from === work.from ? context.source : context.target
  await asSourceRead(from, () => statSame(store, from, context), ['not-found'])
}

/**
 * Makes sure that what was copied is what the source has, as far as the source was read; and that what it was copied from
 * is still what was planned, because some services ignore the condition on a copied part.
 * @returns whether every part that has a checksum here is proven; false only where what is written is read back
 * @throws HawserError conflict (marked by changedObject); integrity also where nothing proves a part (see isUnproven)
 */
export async function proveHeld(
  { parts }: PartPlan,
  upload: Upload,
  done: ReadonlyMap<number, PartReceipt>,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
): Promise<boolean> {
  const held = parts.filter(isHeld)
  let proven = true
  const silent = held.filter(
    (part) => part.held.crc64nvme !== undefined && done.get(part.number)?.crc64nvme === undefined,
  )
  if (silent.length > 0) {
    const { signal, meter } = context
    const listed = await Array.fromAsync(multipart.parts(upload, { signal, meter }))
    const byNumber = new Map(listed.map((receipt) => [receipt.number, receipt]))
    for (const part of silent)
      proven = (await isProven(part, byNumber.get(part.number), work, context)) && proven
  }
  for (const from of new Set(held.map((part) => part.held.from)))
    await lookAtHeld(from, work, context)
  return proven
}

const unproven = new WeakSet<object>()

/** Whether the failure is that the service says nothing of a part that it copied, right or wrong. */
export function isUnproven(error: unknown): boolean {
  return typeof error === 'object' && error !== null && unproven.has(error)
}

async function isProven(
  part: HeldPart,
  receipt: PartReceipt | undefined,
  work: CopyWork,
  context: TransferContext,
): Promise<boolean> {
  if (receipt?.crc64nvme !== undefined) {
    verifyReceipt(work, receipt, part.held.crc64nvme)
    return true
  }
  const etag = context.target.traits.etagIsMd5 ? receipt?.etag : undefined
  const md5 = etag === undefined ? undefined : md5FromEtag(etag)
  if (md5 !== undefined && md5 === (await md5OfSource(part, work, context))) return true
  if (md5 === undefined && context.readsBack) return false
  const failure = new HawserError(
    'integrity',
    md5 === undefined
      ? `the service gives no checksum of part ${part.number}, which it copied`
      : `part ${part.number} arrived damaged`,
    { op: 'part', location: work.to.location, key: work.to.key },
  )
  if (md5 === undefined) unproven.add(failure)
  throw failure
}

export async function md5OfSource(
  { offset, size }: PlannedPart,
  { from }: CopyWork,
  context: TransferContext,
): Promise<string> {
  const hash = createHash('md5')
  for (const piece of evenPlan(size, context.buffers.largest).parts) {
    using buffer = await context.buffers.acquire(piece.size, context.signal)
    await readPlanned(from, buffer.bytes, offset + piece.offset, context)
    hash.update(buffer.bytes)
  }
  return hash.digest('hex')
}
