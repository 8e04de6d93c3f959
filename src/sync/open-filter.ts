// The filter of a run, whose code is loaded only where something is to be left out.
import type { Place } from '../core/place.ts'
import type { CallOptions } from '../core/store.ts'
import type { Filter, FilterOptions } from '../filter/types.ts'
import { readText } from './read-text.ts'

/**
 * Undefined where nothing is to be left out.
 * @param source whose files of patterns count
 * @throws HawserError invalid-argument for a rule or pattern that is not valid
 */
export async function openFilter(
  options: FilterOptions,
  source: Place,
  call: CallOptions,
): Promise<Filter | undefined> {
  if (!leavesOut(options)) return undefined
  const { makeFilter } = await import('../filter/filter.ts')
  return makeFilter(options, (name) => readText(source, name, call))
}

function leavesOut(options: FilterOptions): boolean {
  const { rules = [], ignoreFiles = [], gitignore = false } = options
  const { maxSize, minSize, newerThan, olderThan } = options
  const limits = [maxSize, minSize, newerThan, olderThan]
  return (
    rules.length > 0 ||
    ignoreFiles.length > 0 ||
    gitignore ||
    limits.some((limit) => limit !== undefined)
  )
}
