// What a download will fetch of a big object of which the destination, a file system, has an older state: found out by
// looking and reading only, so that a dry run says what a run then does.
import { isAbort, isHawserError } from '../../core/errors.ts'
import type { CopyWork, SeenObject } from '../../core/work.ts'
import type { Chunks, Scan } from '../../delta/chunks.ts'
import { matchChunks } from '../../delta/match.ts'
import { type StitchPlan, sumByKind } from '../../delta/plan.ts'
import { planRebuild } from '../../delta/rebuild.ts'
import { isCopied, type Run } from '../../delta/runs.ts'
import type { Signature } from '../../delta/signature/types.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { defaultPartSize, type PartPlan } from '../parts.ts'
import { statPlanned } from '../source.ts'
import type { DeltaContext } from './context.ts'
import { partPlan } from './part-plan.ts'
import { crcOfRange } from './range-crc.ts'
import { scanSource } from './scan-source.ts'

/** Bytes of a piece that is copied from the old file: many of them run side by side, and an interruption costs no more. */
const oldPieceSize = 64 * 2 ** 20

export interface DownloadPlan {
  /** The source as it was planned. */
  readonly from: SeenObject
  /** Undefined: the object comes whole. */
  readonly rebuild: PlannedRebuild | undefined
}

export interface PlannedRebuild extends Pick<StitchPlan, 'uploaded' | 'copied'> {
  readonly old: SeenObject
  /** Of the object: what is fetched must be these. */
  readonly chunks: Chunks
  readonly plan: PartPlan
}

/**
 * The signature only tells what to fetch: that the file is right is proven by the checksum that the object's store has of
 * the whole. Without one, nothing is rebuilt.
 * @throws HawserError conflict (marked by changedObject) where the source is no longer what was seen
 */
export async function planDownload(
  { from, to }: Pick<CopyWork, 'from' | 'to'>,
  context: TransferContext,
  delta: DeltaContext,
  onProgress: OnProgress,
): Promise<DownloadPlan> {
  const old = await oldFile(to, context, delta)
  const signature = old && (await provableSignature(from, context, delta))
  const rebuild = signature && (await planFrom(old, signature, context, onProgress))
  if (signature) onProgress(0, { sent: 0, saved: rebuild?.copied.bytes ?? 0 })
  return { from, rebuild }
}

/** What is at the destination; undefined where it cannot spare much: it holds less than half of the smallest delta. */
async function oldFile(
  to: CopyWork['to'],
  { target, signal }: TransferContext,
  { threshold }: DeltaContext,
): Promise<SeenObject | undefined> {
  try {
    const { kind, size, etag, version, modified } = await target.stat(to.key, { signal })
    if (kind !== 'file' || etag === undefined || 2 * size < threshold) return undefined
    return { ...to, kind, size, etag, version, modified }
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    return undefined
  }
}

async function provableSignature(
  from: SeenObject,
  context: TransferContext,
  { shelf }: DeltaContext,
): Promise<Signature | undefined> {
  const { crc64nvme } = await statPlanned(from, context)
  if (crc64nvme === undefined) return undefined
  const signature = await shelf.find(from, context.meter)
  return signature?.crc64nvme === crc64nvme ? signature : undefined
}

/** Undefined where the old file cannot be read, or not as it was seen, or has nothing that could be copied. */
async function planFrom(
  old: SeenObject,
  { average, chunks }: Signature,
  context: TransferContext,
  onProgress: OnProgress,
): Promise<PlannedRebuild | undefined> {
  const reading = readingTarget(context)
  try {
    const toScan = old.size
    const onScanned = (scanned: number): void => onProgress(0, { scanned, toScan })
    const scan = await scanSource(old, average, reading, onScanned)
    const pieces = piecesOf(chunks, scan, context)
    if (!pieces.some(isCopied)) return undefined
    const plan = await partPlan(old, pieces, ({ start, end, from }) =>
      crcOfRange(old, scan, { start: from, end: from + (end - start) }, reading),
    )
    return { old, chunks, plan, ...sumByKind(pieces) }
  } catch (error) {
    if (!isHawserError(error) || isAbort(error) || error.code === 'unsupported') throw error
    return undefined
  }
}

function piecesOf(
  chunks: Chunks,
  scan: Scan,
  { buffers, partSize = defaultPartSize }: TransferContext,
): Run[] {
  const fetched = Math.min(partSize, buffers.largest)
  return planRebuild(matchChunks(chunks, scan.chunks), chunks, { fetched, copied: oldPieceSize })
}

/** The old file is read as a source is. */
function readingTarget(context: TransferContext): TransferContext {
  return { ...context, source: context.target }
}
