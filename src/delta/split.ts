// From stretches to parts: how many pieces, and how long. A stretch is at least `minPart` long, but the last.
import { lengthOf, type Run } from './runs.ts'

/** What a store demands of parts; `maxPart` is at least twice `minPart`. */
export interface SplitLimits {
  readonly minPart: number
  readonly maxPart: number
  readonly maxParts: number
}

/** Of parts, in bytes: about what is wanted, for the store or the number of parts may want more. */
export interface PartSizes {
  readonly upload: number
  readonly copy: number
}

/** The stretches in even pieces, larger than wanted where they would be more than `maxParts`. */
export function split(
  stretches: readonly Run[],
  limits: SplitLimits,
  { upload, copy }: PartSizes,
): Run[] {
  const { maxPart, maxParts } = limits
  let sizes = { upload: Math.min(upload, maxPart), copy: Math.min(copy, maxPart) }
  while (
    pieces(stretches, limits, sizes) > maxParts &&
    Math.min(sizes.upload, sizes.copy) < maxPart
  )
    sizes = { upload: grown(sizes.upload, maxPart), copy: grown(sizes.copy, maxPart) }
  return stretches.flatMap((stretch) => cut(stretch, piecesOf(stretch, limits, sizes)))
}

/** The fewest parts that the stretches can be. */
export function fewestParts(stretches: readonly Run[], limits: SplitLimits): number {
  return pieces(stretches, limits, { upload: limits.maxPart, copy: limits.maxPart })
}

function pieces(stretches: readonly Run[], limits: SplitLimits, sizes: PartSizes): number {
  return stretches.reduce((sum, stretch) => sum + piecesOf(stretch, limits, sizes), 0)
}

/** Even pieces of at least `minPart` are shorter than twice that, so no piece is longer than the size and that. */
function piecesOf(stretch: Run, { minPart }: SplitLimits, sizes: PartSizes): number {
  const length = lengthOf(stretch)
  const size = stretch.from === undefined ? sizes.upload : sizes.copy
  return Math.max(1, Math.min(Math.ceil(length / size), Math.floor(length / minPart)))
}

function grown(size: number, most: number): number {
  return Math.min(most, Math.ceil(size * 1.25))
}

function cut({ start, end, from }: Run, count: number): Run[] {
  const least = Math.floor((end - start) / count)
  const longer = (end - start) % count
  return Array.from({ length: count }, (_, i) => {
    const offset = i * least + Math.min(i, longer)
    const length = i < longer ? least + 1 : least
    return {
      start: start + offset,
      end: start + offset + length,
      from: from === undefined ? undefined : from + offset,
    }
  })
}
