// Copies inside the store: no byte passes through here. What one request does not take goes in copied parts.
import type { Attributes } from '../core/attributes.ts'
import { HawserError, isHawserError } from '../core/errors.ts'
import type { Condition, Copy, Multipart, ObjectInfo, WriteOptions } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import type { OnProgress, TransferContext } from './context.ts'
import { describeCopy, describeCopyInParts } from './description.ts'
import { crc64nvmeOf } from './digest.ts'
import { sendParts } from './multipart.ts'
import type { Transferred } from './object.ts'
import { copiedPartSize, evenPlan, type PartPlan, partSizeFor } from './parts.ts'
import { isDamaged, readBack, seenAs } from './read-back.ts'
import { asSourceRead, statPlanned } from './source.ts'

/** @param changed attributes to give instead of those that the source has */
export async function copyInside(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
  changed?: Attributes,
): Promise<Transferred> {
  const copied = await copyOnce(work, context, onProgress, changed)
  if (copied.verified || !context.verify) return copied
  const expected = await crcOfSource(work, context)
  try {
    await readBack(seenAs(copied.info, work.to), expected, context)
    return { ...copied, verified: true }
  } catch (error) {
    if (!isDamaged(error)) throw error
  }
  const { etag } = copied.info
  const condition: Condition | undefined =
    etag === undefined ? undefined : { kind: 'if-match', etag }
  const again = await copyOnce({ ...work, condition }, context, onProgress, changed)
  await readBack(seenAs(again.info, work.to), expected, context)
  return { ...again, work, verified: true }
}

async function crcOfSource({ from }: CopyWork, context: TransferContext): Promise<bigint> {
  const { crc64nvme } = await statPlanned(from, context)
  return crc64nvme ?? crc64nvmeOf(context.source, from, context)
}

async function copyOnce(
  work: CopyWork,
  context: TransferContext,
  onProgress: OnProgress,
  changed: Attributes | undefined,
): Promise<Transferred> {
  const { copy, multipart } = context.target
  const { from, to } = work
  if (!copy)
    throw new HawserError('internal', 'the store cannot copy', {
      op: 'copy',
      location: to.location,
    })
  if (from.size > copy.maxSize && multipart)
    return copyInParts(work, context, multipart, onProgress, changed)
  try {
    return await copyAtOnce(work, context, copy, onProgress, changed)
  } catch (error) {
    const isUnfit = isHawserError(error) && error.code === 'unsupported' && from.size > 0
    if (!isUnfit || !multipart?.copyPart) throw error
    return copyInParts(work, context, multipart, onProgress, changed, provenByWhole)
  }
}

async function copyInParts(
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
  changed: Attributes | undefined,
  prove: typeof provenByWhole = (plan) => plan,
): Promise<Transferred> {
  const { from } = work
  const description = await describeCopyInParts(work, context, changed)
  const partSize = partSizeFor(from.size, multipart.limits, copiedPartSize)
  const plan = prove(
    evenPlan(from.size, partSize, multipart.copyPart && from),
    description.crc64nvme,
  )
  const onCopied: OnProgress = (done, more) => onProgress(done, { step: more?.step })
  const copied = await sendParts(work, context, multipart, plan, onCopied, description)
  // There was nothing to send.
  return { ...copied, saved: 0 }
}

/** What is known of the whole proves its only part, of a copy that a service may get wrong (Ceph's thawed objects). */
function provenByWhole(plan: PartPlan, crc64nvme: bigint | undefined): PartPlan {
  const [part, ...others] = plan.parts
  if (!part?.held || others.length > 0) return plan
  return { ...plan, parts: [{ ...part, held: { ...part.held, crc64nvme } }] }
}

async function copyAtOnce(
  work: CopyWork,
  context: TransferContext,
  copy: Copy,
  onProgress: OnProgress,
  changed: Attributes | undefined,
): Promise<Transferred> {
  const { from, to, condition } = work
  const { signal, meter } = context
  const description = await describeCopy(work, context, changed)
  await context.lanes.acquire(1, signal)
  try {
    const options: WriteOptions = { ...description, condition, signal, meter }
    const request = async (): Promise<ObjectInfo> => copy.copy(from, to.key, options)
    const info = condition
      ? await onBothAsSeen(work, context, request)
      : await asSourceRead(from, request)
    onProgress(from.size)
    const verified =
      context.target.traits.hierarchical ||
      (info.etag !== undefined && info.etag === from.etag) ||
      info.crc64nvme !== undefined
    return { work, info, crc64nvme: info.crc64nvme, sent: 0, saved: 0, verified }
  } finally {
    context.lanes.release()
  }
}

/** Nothing in the answer tells whether it was the source or the destination that is not as it was seen: a look does. */
async function onBothAsSeen<T>(
  { from }: CopyWork,
  context: TransferContext,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (isHawserError(error) && error.code === 'precondition-failed')
      await asSourceRead(from, () => statPlanned(from, context), ['not-found'])
    throw error
  }
}
