// The geometry of a transfer: how an object is cut into parts. Pure, and the same for the same size, so that a part's
// digest can be computed again later.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type { Location } from '../core/location.ts'
import type { PartLimits, PartSlot, Range } from '../core/store.ts'
import type { SeenObject } from '../core/work.ts'

/** Bytes; what is asked for unless the user or the object's size wants more. */
export const defaultPartSize: number = 8 * 1024 * 1024

/** Bytes in a part that the store copies: big enough for few requests, small enough that many run side by side. */
export const copiedPartSize: number = 512 * 1024 * 1024

const mebibyte = 1024 * 1024

/** A part of an object: its number from 1, its first byte and its length. */
export interface Part extends PartSlot {
  readonly size: number
}

/** What is in the destination's store already, so that no byte of it passes through here. */
export interface Held {
  readonly from: SeenObject
  readonly range: Range
  /** Of the range, where it is known. */
  readonly crc64nvme: bigint | undefined
}

/** A part and where its bytes come from: the source, unless they are held. */
export interface PlannedPart extends Part {
  readonly held?: Held | undefined
}

/** How one object is put together, end to end. */
export interface PartPlan {
  readonly size: number
  /** Of all parts but the last, or 0. */
  readonly partSize: number
  /** Tells the plan from others for the same source, where the parts are not of one size. */
  readonly id: string
  readonly parts: readonly PlannedPart[]
}

/** Parts of one size. @param from where the store itself has all of the object's bytes */
export function evenPlan(size: number, partSize: number, from?: SeenObject): PartPlan {
  const parts = [...partsOf(size, partSize)].map((part): PlannedPart => {
    if (!from) return part
    const range = { start: part.offset, end: part.offset + part.size }
    return { ...part, held: { from, range, crc64nvme: undefined } }
  })
  return { size, partSize, id: '', parts }
}

/**
 * The part size for an object: the wanted one, or the next whole MiB with which the object fits into the store's number
 * of parts. S3: at most 10,000 parts of 5 MiB to 5 GiB, 5 TiB in all.
 * @throws HawserError unsupported where the store takes no object of this size
 */
export function partSizeFor(
  size: number,
  limits: PartLimits,
  wanted: number = defaultPartSize,
): number {
  if (size > limits.maxObject)
    throw new HawserError(
      'unsupported',
      `${size} bytes are more than the store takes in one object (${limits.maxObject})`,
      {
        op: 'plan',
      },
    )
  const partSize = Math.max(wanted, limits.minPart)
  const needed = Math.ceil(size / limits.maxParts)
  const raised = needed > partSize ? Math.ceil(needed / mebibyte) * mebibyte : partSize
  return Math.min(raised, limits.maxPart)
}

export function partCount(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize))
}

/** The parts in order. */
export function* partsOf(size: number, partSize: number): Generator<Part> {
  const count = partCount(size, partSize)
  for (let number = 1; number <= count; number++) {
    const offset = (number - 1) * partSize
    yield { number, offset, size: Math.min(partSize, size - offset) }
  }
}

/** Refuses a part size that the user asked for and that no store of the run takes. */
export function checkPartSize(
  partSize: number,
  limits: PartLimits,
  where: { location: Location; key: Key },
): void {
  if (partSize >= limits.minPart && partSize <= limits.maxPart) return
  throw new HawserError(
    'invalid-argument',
    `a part of ${partSize} bytes is outside ${limits.minPart} to ${limits.maxPart}`,
    {
      op: 'plan',
      ...where,
      hint: 'Choose another --part-size.',
    },
  )
}
