// Sizes and times of objects; directories and links have none that matter.
import type { Entry } from '../core/store.ts'
import type { FilterOptions } from './types.ts'

/** Whether an object is beyond the limits; undefined where there are none. */
export function limitsOf(options: FilterOptions): ((entry: Entry) => boolean) | undefined {
  const { maxSize, minSize, newerThan, olderThan } = options
  if (
    maxSize === undefined &&
    minSize === undefined &&
    newerThan === undefined &&
    olderThan === undefined
  )
    return undefined
  return ({ kind, size, modified }) =>
    kind === 'file' &&
    ((maxSize !== undefined && size > maxSize) ||
      (minSize !== undefined && size < minSize) ||
      (newerThan !== undefined && modified < newerThan) ||
      (olderThan !== undefined && modified > olderThan))
}
