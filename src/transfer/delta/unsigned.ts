// What a file still has of an object that has no signature, as far as its store's checksums can show it: part by part where
// the store keeps those of parts, else whether the file begins with all of the object. A hint, as signatures are.
import { isAbort, isHawserError } from '../../core/errors.ts'
import type { CallOptions, ObjectPart, PartLimits, Range } from '../../core/store.ts'
import type { SeenObject } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { isWorthwhile, type PartsOfKind } from '../../delta/plan.ts'
import { type Run, stretchesOf } from '../../delta/runs.ts'
import type { TransferContext } from '../context.ts'
import { hasEtag, partSizesOf } from '../digest.ts'
import { asSourceRead, readPlanned } from '../source.ts'
import { type CheckedPart, samePlaces } from './same-places.ts'
import type { Base } from './plan-upload.ts'
import { crcOfRange } from './range-crc.ts'

export interface UnsignedOptions {
  readonly limits: PartLimits
  /** Of the whole source; made when it is needed. */
  readonly scan: () => Promise<Scan>
  readonly onScanned: (bytes: number) => void
  /** How the destination is asked. */
  readonly call: CallOptions
}

/**
 * The source in runs: none where nothing is the same. One that is not on this machine is not read for it.
 * @throws HawserError conflict (marked by changedObject) where the source is no longer what was planned
 */
export async function unsignedRuns(
  from: SeenObject,
  base: Base,
  context: TransferContext,
  options: UnsignedOptions,
): Promise<Run[]> {
  const isLocal = context.source.traits.modified === 'native'
  if (!isLocal || !couldPay(from, base, options)) return []
  const parts = await compositionOf(base, context, options)
  const checked = parts?.filter(isChecked)
  if (parts && checked && checked.length === parts.length)
    return inPlace(await samePlaces(from, checked, context, options.onScanned), from)
  const whole = { start: 0, end: base.seen.size }
  return (await beginsWith(from, base, parts?.[0], context, options)) ? inPlace([whole], from) : []
}

function couldPay({ size }: SeenObject, { seen }: Base, { limits }: UnsignedOptions): boolean {
  const copied = Math.min(size, seen.size)
  return isWorthwhile({ copied: onePart(copied), uploaded: onePart(size - copied) }, limits)
}

function onePart(bytes: number): PartsOfKind {
  return { parts: 1, bytes }
}

function isChecked(part: ObjectPart): part is CheckedPart {
  return part.checksum !== undefined
}

/** @param same in order */
function inPlace(same: readonly Range[], { size }: SeenObject): Run[] {
  const joined: { start: number; end: number; from: number }[] = []
  for (const { start, end } of same) {
    const last = joined.at(-1)
    if (last?.end === start) last.end = end
    else joined.push({ start, end, from: start })
  }
  return stretchesOf(joined, size)
}

/** Of an object in parts. Undefined where that is not told, or of another state. */
async function compositionOf(
  { seen: { key, etag } }: Base,
  { target }: TransferContext,
  { call }: UnsignedOptions,
): Promise<readonly ObjectPart[] | undefined> {
  if (!/-\d+"?$/.test(etag)) return undefined
  const info = await told(() => target.stat(key, { ...call, composition: true }))
  return info?.etag === etag ? info.composition : undefined
}

/** Whether the source begins with all of the base. What costs least is looked at first. */
async function beginsWith(
  from: SeenObject,
  base: Base,
  firstPart: ObjectPart | undefined,
  context: TransferContext,
  options: UnsignedOptions,
): Promise<boolean> {
  const { seen, info } = base
  if (from.size < seen.size || !(await hasEndOf(from, base, context, options))) return false
  if (info.crc64nvme !== undefined) {
    const range = { start: 0, end: seen.size }
    return (await crcOfRange(from, await options.scan(), range, context)) === info.crc64nvme
  }
  const { algorithm = 'AES256' } = info.properties?.encryption ?? {}
  // Of what is encrypted with other keys, the ETag is no MD5.
  if (!context.target.traits.etagIsMd5 || algorithm !== 'AES256') return false
  const sizes = firstPart ? [firstPart.size] : partSizesOf(context.target, seen)
  const { buffers, signal, meter } = context
  const reading = { buffers, signal, meter, onProgress: options.onScanned }
  const beginning = { ...from, size: seen.size }
  const has = await asSourceRead(from, () =>
    hasEtag(context.source, beginning, seen.etag, sizes, reading),
  )
  return has ?? false
}

/** Bytes: few, to find out without reading the file that it is another one, or that what is in it has moved. */
const sampleSize = 64 * 1024

async function hasEndOf(
  from: SeenObject,
  { seen }: Base,
  context: TransferContext,
  { call }: UnsignedOptions,
): Promise<boolean> {
  const length = Math.min(sampleSize, seen.size)
  const start = seen.size - length
  const theirs = new Uint8Array(length)
  const { etag: ifMatch, version } = seen
  const read = await told(() =>
    context.target.readInto(seen.key, theirs, start, { ...call, ifMatch, version }),
  )
  if (read?.length !== length) return false
  const own = new Uint8Array(length)
  await readPlanned(from, own, start, context)
  return Buffer.compare(own, theirs) === 0
}

/** What the destination does not tell is no failure: the object goes whole. */
async function told<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    return undefined
  }
}
