// A big object, of which the destination has an older state: only what changed is sent, the rest is put together inside
// the store. Where that cannot be, or does not pay, the object goes whole. Either way its signature is kept for next time.
import { type ErrorCode, HawserError, isAbort, isHawserError } from '../../core/errors.ts'
import type { Multipart, Store } from '../../core/store.ts'
import type { CopyWork } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { chunkSizesFor } from '../../delta/sizes.ts'
import { contentTypeByName } from '../content-type.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { describe, type Description } from '../description.ts'
import { isUnproven } from '../held.ts'
import { transferInParts } from '../in-parts.ts'
import { sendParts } from '../multipart.ts'
import type { Transferred } from '../object.ts'
import { changedObject } from '../source.ts'
import { verifyCrc } from '../verify.ts'
import { written } from '../written.ts'
import type { DeltaContext } from './context.ts'
import { OrderedScan } from './ordered-scan.ts'
import {
  type Base,
  planUpload,
  type PlannedStitch,
  type Scanned,
  type UploadPlan,
} from './plan-upload.ts'
import { scanSource } from './scan-source.ts'

/** How often a base that is replaced meanwhile is looked at anew, before the object goes whole. */
const tries = 2

/** Whether a store puts objects together by itself. */
export function canStitch({ multipart, copy, traits }: Store): boolean {
  return !traits.hierarchical && multipart?.copyPart !== undefined && copy !== undefined
}

/** A service that does not prove what it copies need not be asked to copy once more, unless that is read back. */
export function goesWholeAnyway({ proofs, verify }: TransferContext): boolean {
  return !verify && proofs.confirms('stitch') === false
}

/**
 * @param planned of the source as it is in the work; it is planned here where undefined
 * @throws HawserError precondition-failed where the condition of the work does not hold
 */
export async function transferDelta(
  work: CopyWork,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
  planned?: UploadPlan,
): Promise<Transferred> {
  let plan = planned ?? (await planNow(work, context, delta, multipart, onProgress))
  for (let attempt = 1; plan.stitch && plan.scan && !goesWholeAnyway(context); attempt++) {
    const { scan, stitch: stitching } = plan
    checkCondition(work, stitching.base)
    const done = await stitch(work, stitching, scan, context, multipart, onProgress)
    if (done !== 'replaced' && done !== 'unproven') {
      await keep(delta, done, scan)
      return done
    }
    if (done === 'unproven' || attempt === tries) break
    plan = await planUpload(work, context, delta, multipart, { onProgress, scan })
  }
  return transferWhole(work, context, delta, multipart, onProgress, plan.scan)
}

async function planNow(
  work: CopyWork,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
): Promise<UploadPlan> {
  return goesWholeAnyway(context)
    ? { from: work.from, scan: undefined, stitch: undefined }
    : planUpload(work, context, delta, multipart, { onProgress })
}

/**
 * @returns `replaced` where the base is not what it was, and nobody minds; `unproven` where the store did not put together
 *   what was asked for, does not tell, or cannot: nothing was published then
 */
async function stitch(
  work: CopyWork,
  { base, plan }: PlannedStitch,
  scan: Scan,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
): Promise<Transferred | 'replaced' | 'unproven'> {
  const { target, proofs } = context
  try {
    const given = await describeOver(work, base, context)
    verifyCrc(work.from, given.crc64nvme, scan.crc64nvme)
    const over = { ...work, properties: given.properties }
    const pinned: CopyWork =
      isReplacedBy(work, base) && target.traits.conditions.has('if-match')
        ? { ...over, condition: { kind: 'if-match', etag: base.seen.etag } }
        : over
    return await written(pinned, context, 'stitch', async (to, within) => {
      const options = { ...given, properties: to.properties, crc64nvme: scan.crc64nvme }
      const done = await sendParts(to, within, multipart, plan, onProgress, options)
      return { ...done, work: { ...work, to: to.to } }
    })
  } catch (error) {
    if (isUnproven(error)) proofs.note('stitch', false)
    if (isRefusal(error)) {
      proofs.note('stitch', false)
      context.onWarning?.(`objects go whole from now on: ${error.message}`, work.to)
      return 'unproven'
    }
    if (isHawserError(error) && unfit.has(error.code)) {
      if (error.code === 'integrity' && !isUnproven(error))
        context.onWarning?.('its signature, or the service, is wrong: it goes whole', work.to)
      return 'unproven'
    }
    if (!isReplacedBy(work, base)) {
      if (changedObject(error) === base.seen) return 'replaced'
      throw error
    }
    if (!isChanged(error, base)) throw error
    if (!work.condition) return 'replaced'
    throw unexpectedState(work, error)
  }
}

/** Not where the base has another name. */
function isReplacedBy({ to }: CopyWork, { seen }: Base): boolean {
  return seen.key === to.key
}

/** The condition on the commit is that the base stays what it is: so it must be the expected one to begin with. */
function checkCondition(work: CopyWork, base: Base): void {
  const { condition } = work
  if (!isReplacedBy(work, base)) return
  if (condition?.kind === 'if-absent' || (condition && condition.etag !== base.seen.etag))
    throw unexpectedState(work)
}

function unexpectedState({ to: { location, key } }: CopyWork, cause?: unknown): HawserError {
  const message = 'the object is not in the expected state'
  return new HawserError('precondition-failed', message, { op: 'complete', location, key, cause })
}

function isChanged(error: unknown, base: Base): boolean {
  if (changedObject(error) === base.seen) return true
  return isHawserError(error) && error.code === 'precondition-failed'
}

/** What says that the store cannot put the object together, or did not: then it goes whole. */
const unfit: ReadonlySet<ErrorCode> = new Set(['integrity', 'archived', 'unsupported'])

/** A service that does not copy into parts, for this user or at all, or does not take the parts: it would not of others. */
function isRefusal(error: unknown): error is HawserError {
  if (!isHawserError(error) || error.status === undefined || changedObject(error)) return false
  // A part "is missing or has changed": some say so where parts are not all of one length.
  const isOfParts = error.code === 'conflict' && error.status === 400
  return refusals.has(error.code) || isOfParts
}
const refusals: ReadonlySet<ErrorCode> = new Set([
  'permission-denied',
  'invalid-argument',
  'unsupported',
])

/** What the object is given beside its bytes: what it had, unless the source or the user says otherwise. */
async function describeOver(
  work: CopyWork,
  { info }: Base,
  context: TransferContext,
): Promise<Description> {
  const given = await describe(work, context)
  // A file has none: it was told by the name, and goes by the new one then.
  const guessed = work.contentType === undefined && context.source.traits.hierarchical
  const keeps = guessed && info.contentType !== (await contentTypeByName(info.key))
  return {
    attributes: { ...info.attributes, ...given.attributes },
    metadata: { ...info.metadata, ...given.metadata },
    contentType: (keeps ? info.contentType : undefined) ?? given.contentType,
    properties: { ...info.properties, ...given.properties },
    crc64nvme: given.crc64nvme,
  }
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

/** Undefined where the source has changed, or cannot be read any more: what was sent is right all the same. */
async function scannedAfterwards(
  work: CopyWork,
  average: number,
  context: TransferContext,
): Promise<Scanned | undefined> {
  try {
    return { ...(await scanSource(work.from, average, context)), average }
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    if (!changedObject(error)) context.onWarning?.(`it has no signature: ${error.message}`, work.to)
    return undefined
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
