// A new object in terms of its base.
import type { Range } from '../core/store.ts'

/** Bytes of the new object. */
export interface Run extends Range {
  /** Where the base has the same bytes; undefined where they are to be uploaded. */
  readonly from: number | undefined
}

export interface Copied extends Run {
  readonly from: number
}

export function isCopied(run: Run): run is Copied {
  return run.from !== undefined
}

export function lengthOf({ start, end }: Range): number {
  return end - start
}

/** The object, end to end: the copies, in order, and what is between them, uploaded whatever it is. */
export function stretchesOf(copies: readonly Copied[], size: number): Run[] {
  const stretches: Run[] = []
  let end = 0
  for (const copy of copies) {
    if (copy.start > end) stretches.push({ start: end, end: copy.start, from: undefined })
    stretches.push(copy)
    end = copy.end
  }
  if (end < size) stretches.push({ start: end, end: size, from: undefined })
  return stretches
}
