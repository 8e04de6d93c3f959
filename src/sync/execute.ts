// Copies one object and records what came of it: emits events, decides nothing.
import { isHawserError } from '../core/errors.ts'
import type { PlannedCopy, PlannedDelta } from '../cost/planned.ts'
import type { Condition, Entry } from '../core/store.ts'
import type { CopyWork, ObjectRef, SeenObject } from '../core/work.ts'
import type { Signature } from '../delta/signature/types.ts'
import { refuseArchived } from './archived.ts'
import { backUp } from './backup.ts'
import { conditionOn, conditionOnName, nameTaken } from './condition.ts'
import { knownOf } from './decide.ts'
import type { Known } from '../state/types.ts'
import { checkGiven } from '../transfer/description.ts'
import {
  type CompressedSize,
  goesCompressed,
  measureCompressed,
} from '../transfer/compress/upload.ts'
import type { OnProgress } from '../transfer/context.ts'
import {
  foreseeProof,
  isOfUpload,
  type ObjectPlan,
  planObject,
  transferObject,
  type Transferred,
} from '../transfer/object.ts'
import { noteCopy } from './plan/note-copy.ts'
import { record } from './record.ts'
import { touchParent } from './touched.ts'
import { unlockParents } from './unlock.ts'
import { seenAt, type Session, targetKey } from './session.ts'
import type { Key } from '../core/key.ts'

/**
 * Copies the object that was seen under this name, and records the pair.
 * @param target what was seen there and is to be replaced
 * @param base see CopyWork
 * @throws HawserError precondition-failed where the destination is no longer as it was seen
 */
export async function executeCopy(
  session: Session,
  name: string,
  source: Entry,
  target: Entry | undefined,
  base?: SeenObject,
): Promise<void> {
  const prepare = async (): Promise<Prepared> => {
    await unlockParents(session, name)
    const backup = target && (await backUp(session, name, target))
    await noteCopy(session, { name, source, target })
    const condition = session.report.dryRun ? undefined : await conditionOn(session, name, target)
    return { condition, backup }
  }
  const copied = await transferTo(session, source, targetKey(session, name), {
    action: 'copy',
    replaced: target,
    base,
    prepare,
  })
  if (!copied) return
  const { size, etag, version, modified } = copied.work.from
  const seen: Known = { ...knownOf(source), size, etag, version, modified }
  await record(session, name, seen, copied.info, copied.crc64nvme)
  await touchParent(session, name)
}

/** Copies one object to a key, whatever is there. */
export async function copyTo(
  session: Session,
  source: Entry,
  key: Key,
): Promise<Transferred | undefined> {
  const prepare = async (): Promise<Prepared> => ({
    condition: await conditionOnName(session, key, undefined),
  })
  return transferTo(session, source, key, { action: 'copy', prepare })
}

/** What is known before an object is written. */
export interface Prepared {
  /** On what is there. */
  readonly condition: Condition | undefined
  /** Where a copy of what is there is kept. */
  readonly backup?: ObjectRef | undefined
}

export interface TransferSteps {
  readonly action: 'copy' | 'move'
  /** What is there, as far as it was seen. */
  readonly replaced?: Entry | undefined
  /** See CopyWork. */
  readonly base?: SeenObject | undefined
  readonly prepare?: () => Promise<Prepared>
  /** Comes last, before it counts as done. */
  readonly finish?: (copied: Transferred) => Promise<void>
}

/**
 * Transfers one object to a key, where the run's limits still let it.
 * @returns undefined where nothing was done, as in a dry run
 * @throws HawserError archived
 */
export async function transferTo(
  session: Session,
  source: Entry,
  key: Key,
  { action, replaced, base, prepare, finish }: TransferSteps,
): Promise<Transferred | undefined> {
  const { limits, costs, report, to } = session
  await refuseArchived(session, source)
  const seen: CopyWork = { ...copyWork(session, source, key), base }
  let begun = false
  const begin = (): void => {
    if (!begun) report.begin(action, seen.to, source.size)
    begun = true
  }
  const onProgress: OnProgress = (done, more) => {
    begin()
    report.progress(seen.to, done, source.size, more)
  }
  // What may send nothing at all is not read for it.
  const plan = limits.allows(1) ? await planOf(session, seen, onProgress) : undefined
  const from = plan?.from ?? seen.from
  const planned = plannedCopy(session, source, from.size, replaced, plan)
  const compresses = goesCompressed(session.transfer)
  const most = from.size - (planned.delta?.saved ?? 0)
  if (!limits.admit(most)) {
    if (begun) report.leave(seen.to)
    return undefined
  }
  const signature = planned.inside ? await signatureToCarry(session, from) : undefined
  const signed = signature && session.signatures.target.writesBeside
  const leaves = action === 'move' ? 1 + session.signatures.source.keysWith(source) : 0
  // What it shrinks to is known once it is compressed, which is done only once.
  if (!compresses) costs.planned.copy({ ...planned, signed })
  costs.planned.leave(source, leaves)
  let sent = 0
  try {
    const { condition, backup } = (await prepare?.()) ?? { condition: undefined }
    const work: CopyWork = { ...seen, from, condition }
    checkGiven(work, work.to, to.store)
    if (report.dryRun) {
      await foreseeProof(work, session.transfer, plan)
      const compressed = await compressedSize(session, work)
      if (compresses) costs.planned.copy({ ...planned, compressed })
      sent = planned.inside ? 0 : (compressed?.size ?? most)
      const saved = compressed ? from.size - compressed.size : planned.delta?.saved
      report.done(action, work.to, from.size, sent, { saved, from: baseIn(plan, base) })
      return undefined
    }
    begin()
    const copied = await transferAnew(work, session, onProgress, plan)
    sent = copied.sent
    const { size, etag } = copied.work.from
    const { compressed } = copied
    if (compresses) costs.planned.copy({ ...planned, size, compressed })
    if (signature && signature.etag === etag)
      await session.signatures.target.carry(signature, copied.info)
    await finish?.(copied)
    const delta = planned.delta && { ...planned.delta, saved: copied.saved }
    costs.done.copy({ ...planned, size, delta, compressed })
    costs.done.leave(source, leaves)
    const made = copied.saved > 0 ? baseIn(plan, base) : undefined
    const before = { from: action === 'move' ? work.from : made, replaced, backup }
    report.done(action, work.to, size, copied.sent, { ...copied, ...before })
    return copied
  } finally {
    limits.refund(most - sent)
  }
}

/** Undefined where the plan does not stand on it. */
function baseIn(
  plan: ObjectPlan | undefined,
  base: SeenObject | undefined,
): SeenObject | undefined {
  const stitch = plan && isOfUpload(plan) ? plan.stitch : undefined
  return stitch?.base.seen.key === base?.key ? base : undefined
}

/** @returns undefined for what goes as it is */
async function compressedSize(
  { transfer, limits }: Session,
  work: CopyWork,
): Promise<CompressedSize | undefined> {
  const { compression } = transfer
  // What may send nothing at all is not read for it.
  if (!compression || !goesCompressed(transfer) || !limits.allows(1)) return undefined
  return measureCompressed(work, transfer, compression)
}

/** Where nothing is compared, what has come to a disk by a new name is not replaced, whatever it is. */
async function transferAnew(
  work: CopyWork,
  { transfer, guarded }: Session,
  onProgress: OnProgress,
  plan: ObjectPlan | undefined,
): Promise<Transferred> {
  try {
    return await transferObject(work, transfer, onProgress, plan)
  } catch (error) {
    const isTaken = isHawserError(error) && error.code === 'precondition-failed'
    if (guarded || !isTaken || work.condition?.kind !== 'if-absent') throw error
    throw nameTaken(work.to, error)
  }
}

/** What is asked for it counts as predicted, as it is asked. */
async function planOf(
  { transfer, costs }: Session,
  work: CopyWork,
  onProgress: OnProgress,
): Promise<ObjectPlan | undefined> {
  const context = { ...transfer, meter: costs.asking('source') }
  return planObject(work, context, { onProgress, targetMeter: costs.asking('target') })
}

/** What is kept of the source of a copy inside the service holds for the copy, too. */
async function signatureToCarry(
  { signatures: { source }, options, costs }: Session,
  from: SeenObject,
): Promise<Signature | undefined> {
  if (options.delta === false || !source.mayHave(from)) return undefined
  return source.find(from, costs.asking('source'))
}

function plannedCopy(
  session: Session,
  source: Entry,
  size: number,
  replaces: Entry | undefined,
  plan: ObjectPlan | undefined,
): PlannedCopy {
  const { from, to, guarded, options } = session
  const inside = to.store.copy?.accepts(from.store) ?? false
  const base = plan && isOfUpload(plan) ? plan.stitch?.base.info.storageClass : undefined
  return {
    size,
    inside,
    from: source.storageClass,
    // What is copied inside of a store, whole or in parts, keeps its class.
    to: options.properties?.storageClass ?? (inside ? source.storageClass : base),
    replaces,
    conditional: guarded && !to.store.traits.hierarchical,
    delta: plan && plannedDelta(session, plan),
  }
}

function plannedDelta({ transfer }: Session, plan: ObjectPlan): PlannedDelta {
  const found = isOfUpload(plan) ? plan.stitch : plan.rebuild
  return {
    parts: found && { uploaded: found.uploaded.parts, copied: found.copied.parts },
    base: isOfUpload(plan) ? plan.stitch?.base.info.storageClass : undefined,
    signed: isOfUpload(plan) && (transfer.delta?.shelf.writesBeside ?? false),
    saved: found?.copied.bytes ?? 0,
    scanned: isOfUpload(plan) && plan.scan ? plan.from.size : 0,
  }
}

function copyWork({ from, to, options }: Session, source: Entry, key: Key): CopyWork {
  return {
    do: 'copy',
    from: seenAt(from, source),
    to: { location: to.store.location, key },
    attributes: options.archive || source.kind === 'symlink' ? 'all' : 'time',
    xattrs: options.xattrs,
    numericIds: options.numericIds,
    metadata: options.metadata,
    contentType: options.contentType,
    properties: options.properties,
    condition: undefined,
  }
}
