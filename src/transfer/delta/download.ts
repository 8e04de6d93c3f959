// A big object, of which the destination, a file system, has an older state: only what is missing is fetched into a new
// file beside the old one, which gives the rest. Where that cannot be, the object comes whole.
import { type ErrorCode, isAbort, isHawserError } from '../../core/errors.ts'
import type { Multipart, ObjectInfo, Store } from '../../core/store.ts'
import type { CopyWork, SeenObject } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { matchChunks } from '../../delta/match.ts'
import { planRebuild } from '../../delta/rebuild.ts'
import { isCopied, type Run } from '../../delta/runs.ts'
import type { Signature } from '../../delta/signature/types.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { describe } from '../description.ts'
import { sendParts, transferInParts } from '../multipart.ts'
import type { Transferred } from '../object.ts'
import { defaultPartSize } from '../parts.ts'
import { changedObject } from '../source.ts'
import { chunkCheck } from './chunk-check.ts'
import type { DeltaContext } from './context.ts'
import { partPlan } from './part-plan.ts'
import { crcOfRange } from './range-crc.ts'
import { scanSource } from './scan-source.ts'

/** Bytes of a part that is copied from the old file: many of them run side by side, and an interruption costs no more. */
const copiedPartSize = 64 * 2 ** 20

/** Whether objects of the source can be rebuilt from files of the target. */
export function canRebuild(source: Store, { multipart, traits }: Store): boolean {
  return !source.traits.hierarchical && traits.hierarchical && multipart?.copyPart !== undefined
}

export async function downloadDelta(
  work: CopyWork,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
  seen?: ObjectInfo,
): Promise<Transferred> {
  const old = await oldFile(work, context, delta)
  const rebuilt = old && (await rebuild(work, old, context, delta, multipart, onProgress, seen))
  return rebuilt ?? transferInParts(work, context, multipart, onProgress, seen)
}

/** What is at the destination; undefined where it cannot spare much: it holds less than half of the smallest delta. */
async function oldFile(
  { to }: CopyWork,
  { target, signal, meter }: TransferContext,
  { threshold }: DeltaContext,
): Promise<SeenObject | undefined> {
  try {
    const { kind, size, etag, version, modified } = await target.stat(to.key, { signal, meter })
    if (kind !== 'file' || etag === undefined || 2 * size < threshold) return undefined
    return { ...to, kind, size, etag, version, modified }
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    return undefined
  }
}

/**
 * The signature only tells what to fetch: that the file is right is proven by the checksum that the object's store has of
 * the whole. Without one, nothing is rebuilt.
 * @returns undefined where the object must come whole; nothing was published then
 */
async function rebuild(
  work: CopyWork,
  old: SeenObject,
  context: TransferContext,
  { shelf }: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
  seen: ObjectInfo | undefined,
): Promise<Transferred | undefined> {
  const description = await describe(work, context, seen)
  if (description.crc64nvme === undefined) return undefined
  const signature = await shelf.find(work.from)
  if (signature?.crc64nvme !== description.crc64nvme) return undefined
  const scan = await scanOld(old, signature.average, context)
  if (!scan) return undefined
  const pieces = piecesOf(signature, scan, context)
  if (!pieces.some(isCopied)) return undefined
  const { chunks } = signature
  const checked: TransferContext = {
    ...context,
    check: ({ offset }) => chunkCheck(work.from, chunks, offset),
  }
  try {
    const plan = await partPlan(old, pieces, ({ start, end, from }) =>
      crcOfRange(old, scan, { start: from, end: from + (end - start) }, readingTarget(context)),
    )
    return await sendParts(work, checked, multipart, plan, onProgress, description)
  } catch (error) {
    if (changedObject(error) === old) return undefined
    if (isHawserError(error) && unfit.has(error.code)) return undefined
    throw error
  }
}

/** What may be the fault of the signature or of the old file. Where it is not, the whole object meets it again. */
const unfit: ReadonlySet<ErrorCode> = new Set(['integrity', 'not-found', 'permission-denied'])

/** Undefined where the old file cannot be read, or not as it was seen. */
async function scanOld(
  old: SeenObject,
  average: number,
  context: TransferContext,
): Promise<Scan | undefined> {
  try {
    return await scanSource(old, average, readingTarget(context))
  } catch (error) {
    if (!isHawserError(error) || isAbort(error) || error.code === 'unsupported') throw error
    return undefined
  }
}

function piecesOf(
  { chunks }: Signature,
  scan: Scan,
  { buffers, partSize = defaultPartSize }: TransferContext,
): Run[] {
  const fetched = Math.min(partSize, buffers.largest)
  return planRebuild(matchChunks(chunks, scan.chunks), chunks, { fetched, copied: copiedPartSize })
}

/** The old file is read as a source is. */
function readingTarget(context: TransferContext): TransferContext {
  return { ...context, source: context.target }
}
