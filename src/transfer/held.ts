// Parts that the destination's store copied by itself: proven before the object is published.
import { createHash } from 'node:crypto'
import { md5FromEtag } from '../core/digest.ts'
import { HawserError } from '../core/errors.ts'
import type { Multipart, PartReceipt, Upload } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
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

/** @throws HawserError integrity where the store tells that it copied other bytes */
export async function copyHeld(
  upload: Upload,
  part: HeldPart,
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

/**
 * Makes sure that what was copied is what the source has, as far as the source was read; and that what it was copied from
 * is still what was planned, because some services ignore the condition on a copied part.
 * @throws HawserError conflict (marked by changedObject); integrity also where nothing proves a part
 */
export async function proveHeld(
  { parts }: PartPlan,
  upload: Upload,
  done: ReadonlyMap<number, PartReceipt>,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
): Promise<void> {
  const held = parts.filter(isHeld)
  const silent = held.filter(
    (part) => part.held.crc64nvme !== undefined && done.get(part.number)?.crc64nvme === undefined,
  )
  if (silent.length > 0) {
    const { signal, meter } = context
    const listed = await Array.fromAsync(multipart.parts(upload, { signal, meter }))
    const byNumber = new Map(listed.map((receipt) => [receipt.number, receipt]))
    for (const part of silent) await proveListed(part, byNumber.get(part.number), work, context)
  }
  for (const from of new Set(held.map((part) => part.held.from)))
    await statSame(context.target, from, context)
}

async function proveListed(
  part: HeldPart,
  receipt: PartReceipt | undefined,
  work: CopyWork,
  context: TransferContext,
): Promise<void> {
  if (receipt?.crc64nvme !== undefined) return verifyReceipt(work, receipt, part.held.crc64nvme)
  const etag = context.target.traits.etagIsMd5 ? receipt?.etag : undefined
  const md5 = etag === undefined ? undefined : md5FromEtag(etag)
  if (md5 !== undefined && md5 === (await md5OfSource(part, work, context))) return
  throw new HawserError(
    'integrity',
    md5 === undefined
      ? `the service gives no checksum of part ${part.number}, which it copied`
      : `part ${part.number} arrived damaged`,
    { op: 'part', location: work.to.location, key: work.to.key },
  )
}

async function md5OfSource(
  { offset, size }: HeldPart,
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
