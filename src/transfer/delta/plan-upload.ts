// What an upload will send of a big object of which the destination has an older state: found out by looking and reading
// only, so that a dry run says what a run then does.
import { isAbort, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Meter } from '../../core/meter.ts'
import type { CallOptions, Multipart, ObjectInfo, Range, Store } from '../../core/store.ts'
import type { CopyWork, SeenObject } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { matchChunks } from '../../delta/match.ts'
import { isWorthwhile, planStitch, type StitchPlan } from '../../delta/plan.ts'
import type { Run } from '../../delta/runs.ts'
import { chunkSizesFor } from '../../delta/sizes.ts'
import { compressedForm } from '../compress/form.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { copiedPartSize, defaultPartSize, type PartPlan } from '../parts.ts'
import type { DeltaContext } from './context.ts'
import { partPlan } from './part-plan.ts'
import { crcOfRange } from './range-crc.ts'
import { scanSource } from './scan-source.ts'
import { unsignedRuns } from './unsigned.ts'

/** What is at the destination now. */
export interface Base {
  readonly seen: SeenObject & { readonly etag: string }
  readonly info: ObjectInfo
}

/** A scan, and the average size of chunks that it was made with. */
export interface Scanned extends Scan {
  readonly average: number
}

export interface UploadPlan {
  /** The source as it was planned. */
  readonly from: SeenObject
  /** Undefined where nothing called for one. */
  readonly scan: Scanned | undefined
  /** Undefined: the object goes whole. */
  readonly stitch: PlannedStitch | undefined
}

export interface PlannedStitch extends Pick<StitchPlan, 'uploaded' | 'copied'> {
  readonly base: Base
  readonly plan: PartPlan
}

export interface PlanOptions {
  readonly onProgress: OnProgress
  /** Told of what the destination is asked, where that counts apart from what the source is. */
  readonly targetMeter?: Meter | undefined
  /** Of the same source, by an earlier plan. */
  readonly scan?: Scanned | undefined
}

/**
 * Over what the object had under another name, where that pays, else over what its own name has.
 * @throws HawserError conflict (marked by changedObject) where the source is no longer what was seen
 */
export async function planUpload(
  { from, to, base }: Pick<CopyWork, 'from' | 'to' | 'base'>,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  options: PlanOptions,
): Promise<UploadPlan> {
  const call = { ...context, meter: options.targetMeter ?? context.meter }
  let plan: UploadPlan = { from, scan: options.scan, stitch: undefined }
  for (const at of base ? [base, to] : [to]) {
    const there = await baseAt(at, at === base ? base.etag : undefined, call)
    if (there)
      plan = await planOver(there, from, context, delta, multipart, { ...options, scan: plan.scan })
    if (plan.stitch) break
  }
  return plan
}

async function planOver(
  base: Base,
  from: SeenObject,
  context: TransferContext,
  { shelf, average: wanted }: DeltaContext,
  { limits }: Multipart,
  { onProgress, targetMeter: meter = context.meter, scan: earlier }: PlanOptions,
): Promise<UploadPlan> {
  const signature = await shelf.find(base.seen, meter)
  const average =
    signature?.average ?? earlier?.average ?? chunkSizesFor(from.size, { average: wanted }).average
  const onScanned = (scanned: number): void => onProgress(0, { scanned })
  let scan = earlier
  const scanned = async (): Promise<Scanned> => {
    if (scan?.average === average) return scan
    return (scan = { ...(await scanSource(from, average, context, onScanned)), average })
  }
  const call = { signal: context.signal, meter }
  const runs = signature
    ? matchChunks((await scanned()).chunks, signature.chunks)
    : await unsignedRuns(from, base, context, { limits, scan: scanned, onScanned, call })
  const plan = stitchPlan(runs, limits, context)
  const pays = isWorthwhile(plan, limits)
  onProgress(0, { sent: 0, saved: pays ? plan.copied.bytes : 0 })
  if (!pays) return { from, scan, stitch: undefined }
  const { uploaded, copied } = plan
  const whole = await scanned()
  const crcOf = (range: Range): Promise<bigint> => crcOfRange(from, whole, range, context)
  const parts = await partPlan(base.seen, piecesOf(plan), crcOf)
  return { from, scan: whole, stitch: { base, plan: parts, uploaded, copied } }
}

/**
 * Undefined where nothing is there that can be copied from, and where it could not be told from what is there later.
 * @param expected its etag, where only one will do
 */
async function baseAt(
  { location, key }: CopyWork['to'],
  expected: string | undefined,
  { target, ...call }: TransferContext,
): Promise<Base | undefined> {
  const info = await statOf(target, key, call)
  if (info?.etag === undefined || info.kind !== 'file' || compressedForm(info)) return undefined
  if (expected !== undefined && info.etag !== expected) return undefined
  if (await isArchived(target, info, call)) return undefined
  const { kind, size, etag, version, modified } = info
  return { seen: { location, key, kind, size, etag, version, modified }, info }
}

async function isArchived(
  { archive }: Store,
  { key, version, ...entry }: ObjectInfo,
  { signal, meter }: CallOptions,
): Promise<boolean> {
  if (!archive?.mayHold({ key, ...entry })) return false
  const { kind } = await archive.state({ key, version }, { signal, meter })
  return kind === 'archived' || kind === 'thawing'
}

/** With its tags, where they may be read. Undefined also for what may be replaced, but not looked at. */
async function statOf(
  target: Store,
  key: Key,
  { signal, meter }: CallOptions,
): Promise<ObjectInfo | undefined> {
  for (const tags of [true, false])
    try {
      return await target.stat(key, { signal, meter, tags })
    } catch (error) {
      if (!isHawserError(error) || error.retry !== 'never' || isAbort(error)) throw error
      if (error.code === 'not-found') return undefined
    }
  return undefined
}

function stitchPlan(
  runs: readonly Run[],
  limits: Multipart['limits'],
  { buffers, partSize = defaultPartSize }: TransferContext,
): StitchPlan {
  const upload = Math.max(limits.minPart, Math.min(partSize, buffers.largest))
  return planStitch(runs, limits, { upload, copy: copiedPartSize })
}

function piecesOf({ parts }: StitchPlan): Run[] {
  return parts.map(({ offset, size, from }) => ({ start: offset, end: offset + size, from }))
}
