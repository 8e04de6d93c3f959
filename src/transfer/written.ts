// Writes an object so that what it replaces is given up only when the new bytes are known to be right: because the
// service confirms them, or because they are read back. Where nothing else keeps the old object until then, the new one
// is written aside, below the reserved prefix, and moved by the service.
import { type ErrorCode, isHawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { reservedKey, reservedPrefixes } from '../core/reserved-key.ts'
import type { Condition, KeyRef, ObjectInfo, ObjectProperties, Store } from '../core/store.ts'
import type { CopyWork, ObjectRef } from '../core/work.ts'
import { defaultReserved } from '../layers/reserved.ts'
import { careFor } from './care.ts'
import { contentTypeByName } from './content-type.ts'
import type { TransferContext } from './context.ts'
import { crc64nvmeOf } from './digest.ts'
import { isUnproven } from './held.ts'
import { copyInside } from './inside.ts'
import type { Transferred } from './object.ts'
import type { Way } from './proofs.ts'
import { isDamaged, readBack, seenAs } from './read-back.ts'

/** Writes the object that the work says, with the properties that it says. */
export type Send = (work: CopyWork, context: TransferContext) => Promise<Transferred>

/** How often an object is sent that is read back other than it was sent. */
const tries = 2

/**
 * @throws HawserError integrity where other bytes are read back each time, or what it replaces could not be kept; and what
 *   `send` throws
 */
export async function written(
  work: CopyWork,
  context: TransferContext,
  way: Way,
  send: Send,
): Promise<Transferred> {
  const { target, proofs, verify, signal } = context
  if (!verify || target.traits.hierarchical) {
    const done = await send(work, context)
    proofs.note(way, done.verified)
    return done
  }
  for (let attempt = 1; ; attempt++)
    try {
      const now = context
      return await proofs.inTurn(way, signal, async () => verified(work, now, way, send))
    } catch (error) {
      // Of a stitch another one would be the same: the object goes whole instead.
      const again = isDamaged(error) || isGone(error, target.traits.reserved)
      if (!again || attempt === tries || way === 'stitch') throw error
      context.passing?.stop()
      context = { ...context, passing: undefined }
    }
}

/** Another run, which cleans up after one that was killed, has taken it for a leftover. */
function isGone(error: unknown, reserved: Key = defaultReserved): boolean {
  return (
    isHawserError(error) &&
    error.code === 'not-found' &&
    error.key?.startsWith(asidePrefix(reserved)) === true
  )
}

async function verified(
  work: CopyWork,
  context: TransferContext,
  way: Way,
  send: Send,
): Promise<Transferred> {
  const { how, there } = await careFor(work, context, way)
  if (how === 'in place') return inPlaceAndBack(work, there, context, way, send)
  if (how === 'counted on')
    try {
      return await inPlace(work, context, way, send)
    } catch (error) {
      // Nothing was published.
      if (!there || !isUnproven(error)) throw error
      context.proofs.note(way, false)
    }
  return aside(work, there, context, way, send)
}

/** Of a service that is counted on to confirm it. What it does not confirm all the same is read back, too late to keep what was there. */
async function inPlace(
  work: CopyWork,
  context: TransferContext,
  way: Way,
  send: Send,
): Promise<Transferred> {
  const done = await send(work, context)
  context.proofs.note(way, done.verified)
  if (done.verified) return done
  try {
    await readBackFrom(done, done.work.to, context)
  } catch (error) {
    throw isDamaged(error) && isHawserError(error)
      ? error.with({ hint: 'Run the command again: it is sent anew.' })
      : error
  }
  return { ...done, verified: true }
}

/** Where there is nothing to lose: what is wrong goes again, and an older version is the present one then. */
async function inPlaceAndBack(
  work: CopyWork,
  there: ObjectInfo | undefined,
  context: TransferContext,
  way: Way,
  send: Send,
): Promise<Transferred> {
  const done = await send(work, { ...context, readsBack: true })
  context.proofs.note(way, done.verified)
  if (done.verified) return done
  try {
    await readBackFrom(done, done.work.to, context)
  } catch (error) {
    if (isDamaged(error)) await removeWritten(asVersion(done.info, there), context)
    throw error
  }
  return { ...done, verified: true }
}

/** Where versions are suspended, what is written has none of its own, and a removal without one would hide what was there. */
function asVersion(info: ObjectInfo, there: ObjectInfo | undefined): ObjectInfo {
  return there?.version !== undefined && info.version === undefined
    ? { ...info, version: 'null' }
    : info
}

async function aside(
  work: CopyWork,
  there: ObjectInfo | undefined,
  context: TransferContext,
  way: Way,
  send: Send,
): Promise<Transferred> {
  const temporary = await workAside(work, context)
  const done = await send(temporary, { ...context, readsBack: true })
  context.proofs.note(way, done.verified)
  let keep = false
  const onDoubt = (isInDoubt: boolean): void => {
    keep = isInDoubt
  }
  try {
    if (!done.verified) await readBackFrom(done, temporary.to, context)
    const moved: CopyWork = {
      do: 'copy',
      from: seenAs(done.info, temporary.to),
      to: work.to,
      attributes: 'time',
      properties: keptApart(work.properties),
      condition: work.condition ?? conditionOn(there),
    }
    const info = await move(moved, context, done, onDoubt)
    return { ...done, work: { ...done.work, to: work.to }, info, verified: true }
  } finally {
    if (!keep) await removeAside(done.info, context)
  }
}

/** @param onDoubt told when the old object is gone, and the new one is not known to be right */
async function move(
  work: CopyWork,
  context: TransferContext,
  { work: { from }, crc64nvme }: Transferred,
  onDoubt: (doubt: boolean) => void,
): Promise<ObjectInfo> {
  const within: TransferContext = { ...context, source: context.target, verify: false }
  let { condition } = work
  for (let attempt = 1; ; attempt++) {
    const { info, verified: isTold } = await copyInside({ ...work, condition }, within, nobody)
    const isOther =
      crc64nvme !== undefined && info.crc64nvme !== undefined && info.crc64nvme !== crc64nvme
    if (isTold && !isOther) return info
    onDoubt(true)
    try {
      const expected = crc64nvme ?? (await crc64nvmeOf(context.source, from, context))
      await readBack(seenAs(info, work.to), expected, context)
      onDoubt(false)
      return info
    } catch (error) {
      if (!isDamaged(error) || !isHawserError(error)) throw error
      if (attempt === tries)
        throw error.with({ hint: `The right bytes are at ${work.from.key}: copy them from there.` })
      condition = conditionOn(info)
    }
  }
}

async function workAside(work: CopyWork, { source, target }: TransferContext): Promise<CopyWork> {
  const { key, location } = work.to
  const { reserved = defaultReserved } = target.traits
  // As it would be told by the object's own name.
  const isNamed = source.traits.hierarchical && work.from.kind === 'file'
  const contentType = work.contentType ?? (isNamed ? await contentTypeByName(key) : undefined)
  const { storageClass: _class, acl: _acl, ...properties } = work.properties ?? {}
  return {
    ...work,
    to: { location, key: asideKey(key, reserved, target) },
    contentType,
    properties,
    condition: undefined,
  }
}

/** Where an object is until it is verified. Always the same, so that what a killed run left is replaced by the next one. */
export function asideKey(key: Key, reserved: Key, { traits }: Pick<Store, 'traits'>): Key {
  return reservedKey(reserved, 'new', key, traits.maxKeyBytes)
}

/** What the keys of temporary objects begin with, but of those whose own keys are too long. */
export function asidePrefix(reserved: Key): Key {
  return reservedPrefixes(reserved, 'new')[0]
}

/** What a copy inside does not keep, and what the temporary object is not to have: it must be readable, and by nobody else. */
function keptApart({ storageClass, acl, encryption }: ObjectProperties = {}): ObjectProperties {
  return { storageClass, acl, encryption }
}

function conditionOn(there: ObjectInfo | undefined): Condition | undefined {
  if (!there) return { kind: 'if-absent' }
  return there.etag === undefined ? undefined : { kind: 'if-match', etag: there.etag }
}

async function readBackFrom(
  { work: { from }, info, crc64nvme }: Transferred,
  at: ObjectRef,
  context: TransferContext,
): Promise<void> {
  const expected = crc64nvme ?? (await crc64nvmeOf(context.source, from, context))
  await readBack(seenAs(info, at), expected, context)
}

/** Only that which was written. */
async function removeWritten(
  { key, etag, version }: ObjectInfo,
  context: TransferContext,
): Promise<void> {
  const error = await removeOne(version === undefined ? { key, etag } : { key, version }, context)
  if (error) tellLeft(key, error, context)
}

/**
 * As a version: where versions are suspended, a removal without one leaves a mark in its place, and of an object that was
 * such once Ceph 16 loses the copy, too, when it is removed. What stays is replaced by the next run that writes this object.
 */
async function removeAside(
  { key, etag, version = 'null' }: ObjectInfo,
  context: TransferContext,
): Promise<void> {
  let error = await removeOne({ key, version }, context)
  if (isHawserError(error) && unknownVersion.has(error.code))
    error = await removeOne({ key, etag }, context)
  if (error) tellLeft(key, error, context)
}

/** Of a service that has no versions. */
const unknownVersion: ReadonlySet<ErrorCode> = new Set(['invalid-argument', 'unsupported'])

async function removeOne(
  ref: KeyRef,
  { target, meter }: TransferContext,
): Promise<Error | undefined> {
  const refs = (async function* (): AsyncGenerator<KeyRef> {
    yield ref
  })()
  try {
    for await (const { error } of target.remove(refs, { meter })) return error
  } catch (error) {
    if (!isHawserError(error)) throw error
    return error
  }
  return undefined
}

function tellLeft(key: Key, { message }: Error, { target, onWarning }: TransferContext): void {
  onWarning?.(`what was written there could not be removed again: ${message}`, {
    location: target.location,
    key,
  })
}

function nobody(): void {}
