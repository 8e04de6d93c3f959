// Parts that all have one size but the last, as some stores demand: a grid, whose cells are copied where one copy covers
// them whole.
import type { Copied, Run } from './runs.ts'
import type { SplitLimits } from './split.ts'

/** How many sizes are tried at most. */
const trials = 256

/**
 * The cells of the size with the least uploads, of those that are tried: evenly spread from the least size up to twice
 * that, since half of a larger size never uploads more.
 */
export function equalParts(copies: readonly Copied[], size: number, limits: SplitLimits): Run[] {
  const least = Math.max(limits.minPart, Math.ceil(size / limits.maxParts))
  const most = Math.min(limits.maxPart, 2 * least - 1)
  const step = Math.max(1, Math.ceil((most - least + 1) / trials))
  let best = least
  let bestBytes = -1
  for (let part = least; part <= most; part += step) {
    const bytes = copies.reduce((sum, copy) => sum + coveredBytes(copy, part, size), 0)
    if (bytes <= bestBytes) continue
    best = part
    bestBytes = bytes
  }
  return cells(copies, size, best)
}

/** Of the cells that lie within the copy. */
function coveredBytes(copy: Copied, part: number, size: number): number {
  const start = Math.ceil(copy.start / part) * part
  const end = copy.end === size ? size : Math.floor(copy.end / part) * part
  return Math.max(0, end - start)
}

function cells(copies: readonly Copied[], size: number, part: number): Run[] {
  const result: Run[] = []
  let next = 0
  for (let start = 0; start < size; start += part) {
    const end = Math.min(size, start + part)
    let copy = copies[next]
    while (copy && copy.end <= start) copy = copies[++next]
    const from =
      copy && copy.start <= start && copy.end >= end ? copy.from - copy.start + start : undefined
    result.push({ start, end, from })
  }
  return result
}
