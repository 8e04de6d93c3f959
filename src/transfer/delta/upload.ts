// A big object, of which the destination has an older state: only what changed is sent, the rest is put together inside
// the store. Where that cannot be, or does not pay, the object goes whole. Either way its signature is kept for next time.
import { createHash } from 'node:crypto'
import { type ErrorCode, HawserError, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { CallOptions, Multipart, ObjectInfo, Store } from '../../core/store.ts'
import type { CopyWork, SeenObject } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { matchChunks } from '../../delta/match.ts'
import { isWorthwhile, planStitch, type StitchPlan } from '../../delta/plan.ts'
import type { Signature } from '../../delta/signature/types.ts'
import { chunkSizesFor } from '../../delta/sizes.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { describe, type Description } from '../description.ts'
import { sendParts, transferInParts } from '../multipart.ts'
import type { Transferred } from '../object.ts'
import { defaultPartSize, type PartPlan, type PlannedPart } from '../parts.ts'
import { changedObject } from '../source.ts'
import type { DeltaContext } from './context.ts'
import { OrderedScan } from './ordered-scan.ts'
import { crcOfRange } from './range-crc.ts'
import { scanSource } from './scan-source.ts'

/** Bytes of a part that the store copies: enough of them run side by side. */
const copiedPartSize = 512 * 2 ** 20
/** How often a base that is replaced meanwhile is looked at anew, before the object goes whole. */
const tries = 2

/** Whether a store puts objects together by itself. */
export function canStitch({ multipart, copy, traits }: Store): boolean {
  return !traits.hierarchical && multipart?.copyPart !== undefined && copy !== undefined
}

/** @throws HawserError precondition-failed where the condition of the work does not hold */
export async function transferDelta(
  work: CopyWork,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
): Promise<Transferred> {
  let scan: Scanned | undefined
  for (let attempt = 1; attempt <= tries; attempt++) {
    const base = await baseOf(work, context)
    if (base) checkCondition(work, base)
    const signature = base && (await delta.shelf.find(base.seen))
    if (!signature) break
    if (scan?.average !== signature.average) scan = await scanned(work, signature.average, context)
    const plan = planOf(scan, signature, multipart, context)
    if (!isWorthwhile(plan, multipart.limits)) break
    const done = await stitch({ work, base, scan, plan, multipart, context, onProgress })
    if (done === 'unproven') break
    if (done === 'replaced') continue
    await keep(delta, done, scan)
    return done
  }
  return transferWhole(work, context, delta, multipart, onProgress, scan)
}

/** A scan, and the average size of chunks that it was made with. */
interface Scanned extends Scan {
  readonly average: number
}

async function scanned(
  work: CopyWork,
  average: number,
  context: TransferContext,
): Promise<Scanned> {
  return { ...(await scanSource(work.from, average, context)), average }
}

/** What is at the destination now. */
interface Base {
  readonly seen: SeenObject & { readonly etag: string }
  readonly info: ObjectInfo
}

/** Undefined where nothing is there, and where it could not be told from what is there later. */
async function baseOf(
  { to }: CopyWork,
  { target, ...call }: TransferContext,
): Promise<Base | undefined> {
  const info = await statOf(target, to.key, call)
  if (info?.etag === undefined || info.kind !== 'file') return undefined
  const { kind, size, etag, version, modified } = info
  return { seen: { ...to, kind, size, etag, version, modified }, info }
}

/** With its tags, where they may be read. */
async function statOf(
  target: Store,
  key: Key,
  { signal, meter }: CallOptions,
): Promise<ObjectInfo | undefined> {
  for (const tags of [true, false])
    try {
      return await target.stat(key, { signal, meter, tags })
    } catch (error) {
      if (!isHawserError(error)) throw error
      if (error.code === 'not-found') return undefined
      if (error.code !== 'permission-denied' || !tags) throw error
    }
  return undefined
}

function planOf(
  scan: Scan,
  signature: Signature,
  { limits }: Multipart,
  { buffers, partSize = defaultPartSize }: TransferContext,
): StitchPlan {
  const upload = Math.max(limits.minPart, Math.min(partSize, buffers.largest))
  return planStitch(matchChunks(scan.chunks, signature.chunks), limits, {
    upload,
    copy: copiedPartSize,
  })
}

interface Stitching {
  readonly work: CopyWork
  readonly base: Base
  readonly scan: Scan
  readonly plan: StitchPlan
  readonly multipart: Multipart
  readonly context: TransferContext
  readonly onProgress: OnProgress
}

/**
 * @returns `replaced` where the base is not what it was, and nobody minds; `unproven` where the store did not put together
 *   what was asked for, does not tell, or cannot: nothing was published then
 */
async function stitch(stitching: Stitching): Promise<Transferred | 'replaced' | 'unproven'> {
  const { work, base, scan, multipart, context, onProgress } = stitching
  const { target } = context
  const pinned: CopyWork = target.traits.conditions.has('if-match')
    ? { ...work, condition: { kind: 'if-match', etag: base.seen.etag } }
    : work
  try {
    const options = { ...(await describeOver(work, base, context)), crc64nvme: scan.crc64nvme }
    const plan = await partPlan(stitching)
    return await sendParts(pinned, context, multipart, plan, onProgress, options)
  } catch (error) {
    if (isHawserError(error) && unfit.has(error.code)) return 'unproven'
    if (!isReplaced(error, base)) throw error
    if (!work.condition) return 'replaced'
    throw unexpectedState(work, error)
  }
}

/** The condition on the commit is that the base stays what it is: so it must be the expected one to begin with. */
function checkCondition(work: CopyWork, { seen }: Base): void {
  const { condition } = work
  if (condition?.kind === 'if-absent' || (condition && condition.etag !== seen.etag))
    throw unexpectedState(work)
}

function unexpectedState({ to: { location, key } }: CopyWork, cause?: unknown): HawserError {
  const message = 'the object is not in the expected state'
  return new HawserError('precondition-failed', message, { op: 'complete', location, key, cause })
}

function isReplaced(error: unknown, base: Base): boolean {
  if (changedObject(error) === base.seen) return true
  return isHawserError(error) && error.code === 'precondition-failed'
}

/** What says that the store cannot put the object together, or did not: then it goes whole. */
const unfit: ReadonlySet<ErrorCode> = new Set(['integrity', 'archived', 'unsupported'])

/** What the object is given beside its bytes: what it had, unless the source or the user says otherwise. */
async function describeOver(
  work: CopyWork,
  { info }: Base,
  context: TransferContext,
): Promise<Description> {
  const given = await describe(work, context)
  // A file has none: it was told by the name.
  const guessed = work.contentType === undefined && context.source.traits.hierarchical
  return {
    attributes: { ...info.attributes, ...given.attributes },
    metadata: { ...info.metadata, ...given.metadata },
    contentType: (guessed ? info.contentType : undefined) ?? given.contentType,
    properties: { ...info.properties, ...given.properties },
  }
}

async function partPlan({ work, base, scan, plan, context }: Stitching): Promise<PartPlan> {
  const parts: PlannedPart[] = []
  for (const { number, offset, size, from: start } of plan.parts) {
    const part = { number, offset, size }
    if (start === undefined) parts.push(part)
    else {
      const range = { start: offset, end: offset + size }
      const crc64nvme = await crcOfRange(work.from, scan, range, context)
      parts.push({
        ...part,
        held: { from: base.seen, range: { start, end: start + size }, crc64nvme },
      })
    }
  }
  const text = JSON.stringify([base.seen.etag, plan.parts])
  const id = createHash('sha256').update(text).digest('hex')
  return { size: work.from.size, partSize: 0, id, parts }
}

async function transferWhole(
  work: CopyWork,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
  scan: Scanned | undefined,
): Promise<Transferred> {
  if (scan) {
    const done = await transferInParts(work, context, multipart, onProgress)
    await keep(delta, done, scan)
    return done
  }
  const { average } = chunkSizesFor(work.from.size, { average: delta.average })
  const passing = new OrderedScan(average)
  const done = await transferInParts(work, { ...context, passing }, multipart, onProgress)
  const passed = passing.finish(work.from.size)
  const whole = passed
    ? { ...passed, average }
    : await scannedAfterwards(done.work, average, context)
  if (whole) await keep(delta, done, whole)
  return done
}

/** Undefined where the source has changed: what was sent is right all the same. */
async function scannedAfterwards(
  work: CopyWork,
  average: number,
  context: TransferContext,
): Promise<Scanned | undefined> {
  try {
    return await scanned(work, average, context)
  } catch (error) {
    if (changedObject(error)) return undefined
    throw error
  }
}

/** The signature of what was just written. */
async function keep(
  { shelf }: DeltaContext,
  { work, info: { etag, version } }: Transferred,
  { average, size, crc64nvme, chunks }: Scanned,
): Promise<void> {
  if (etag !== undefined)
    await shelf.keep(work.to.key, { average, size, crc64nvme, etag, version, chunks })
}
