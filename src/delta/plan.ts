// The plan of a stitched object: parts that the store accepts, copied from the base or uploaded, with the least uploads.
import { HawserError } from '../core/errors.ts'
import type { PartLimits, PartSlot } from '../core/store.ts'
import { equalParts } from './equal-parts.ts'
import { chooseCopies } from './fewer.ts'
import { isCopied, lengthOf, type Run, stretchesOf } from './runs.ts'
import { type PartSizes, split } from './split.ts'

export interface StitchPart extends PartSlot {
  readonly size: number
  /** Where it begins in the base; undefined for one that is uploaded. */
  readonly from: number | undefined
}

export interface StitchPlan {
  /** End to end. None for an empty object. */
  readonly parts: readonly StitchPart[]
  /** Bytes, and parts. */
  readonly uploaded: PartsOfKind
  readonly copied: PartsOfKind
}
export interface PartsOfKind {
  readonly parts: number
  readonly bytes: number
}

/**
 * The parts with the least uploaded bytes; exact, but where the copies are too many parts (see `fewer.ts`), and where
 * parts must be equal (see `equal-parts.ts`).
 * @param runs the new object, end to end
 * @throws HawserError unsupported where the store takes no object of this size
 */
export function planStitch(runs: readonly Run[], limits: PartLimits, sizes: PartSizes): StitchPlan {
  const size = runs.at(-1)?.end ?? 0
  const most = Math.min(limits.maxObject, limits.maxPart * limits.maxParts)
  if (size > most)
    throw new HawserError(
      'unsupported',
      `${size} bytes are more than the store takes in one object (${most})`,
      { op: 'plan' },
    )
  const copies = runs.filter(isCopied)
  const pieces = limits.equalParts
    ? equalParts(copies, size, limits)
    : split(stretchesOf(chooseCopies(copies, size, limits), size), limits, sizes)
  return {
    parts: pieces.map((piece, i) => ({
      number: i + 1,
      offset: piece.start,
      size: lengthOf(piece),
      from: piece.from,
    })),
    ...sumByKind(pieces),
  }
}

export function sumByKind(pieces: readonly Run[]): Pick<StitchPlan, 'uploaded' | 'copied'> {
  return {
    uploaded: sum(pieces.filter((piece) => !isCopied(piece))),
    copied: sum(pieces.filter(isCopied)),
  }
}

function sum(pieces: readonly Run[]): PartsOfKind {
  return {
    parts: pieces.length,
    bytes: pieces.reduce((bytes, piece) => bytes + lengthOf(piece), 0),
  }
}

/** Of an object's bytes: with fewer copied, the requests for the base and the risk that it changes buy too little. */
const leastShare = 1 / 20

/** Whether to stitch: less than the smallest part of the store, or only a small share of the object, is not worth it. */
export function isWorthwhile(
  { uploaded, copied }: Pick<StitchPlan, 'uploaded' | 'copied'>,
  { minPart }: PartLimits,
): boolean {
  return copied.bytes >= Math.max(minPart, (uploaded.bytes + copied.bytes) * leastShare)
}
