// Options for what counts as changed.
import { duration, flag, type SpecsOf, under } from '../config/option.ts'
import type { ComparisonOptions } from '../sync/options.ts'
import { usageError } from './command.ts'

export interface ComparisonValues {
  readonly checksum: boolean
  readonly sizeOnly: boolean
  readonly compareMetadata: boolean
  readonly exactTimestamps: boolean
  /** Milliseconds. */
  readonly modifyWindow: number | undefined
  readonly update: boolean
  readonly ignoreExisting: boolean
  readonly existing: boolean
}

export const comparisonOptions: SpecsOf<ComparisonValues> = under('Comparison:', {
  checksum: flag('-c, --checksum', 'compare contents, not sizes and times'),
  sizeOnly: flag('--size-only', 'equal sizes are enough'),
  compareMetadata: flag(
    '--compare-metadata',
    "ask buckets for the time of each object's source, and believe it",
  ),
  exactTimestamps: flag(
    '--exact-timestamps',
    'copy where times differ, without a look at contents',
  ),
  modifyWindow: duration('--modify-window <time>', 'times that differ by so much are equal (1µs)'),
  update: flag('-u, --update', 'leave alone what is newer at the destination'),
  ignoreExisting: flag('--ignore-existing', 'leave alone what the destination has'),
  existing: flag('--existing', 'copy only what the destination has'),
})

/** @throws HawserError invalid-argument for what contradicts itself */
export function comparisonOf(given: ComparisonValues): ComparisonOptions {
  const { modifyWindow } = given
  refuseWithSizeOnly(given)
  return {
    checksum: given.checksum,
    sizeOnly: given.sizeOnly,
    compareMetadata: given.compareMetadata,
    exactTimestamps: given.exactTimestamps,
    modifyWindow: modifyWindow === undefined ? undefined : BigInt(modifyWindow) * 1_000_000n,
    update: given.update,
    ignoreExisting: given.ignoreExisting,
    existing: given.existing,
  }
}

function refuseWithSizeOnly(given: ComparisonValues): void {
  if (!given.sizeOnly) return
  const { checksum, exactTimestamps, compareMetadata } = given
  const asksMore = [
    [checksum, '--checksum'],
    [exactTimestamps, '--exact-timestamps'],
    [compareMetadata, '--compare-metadata'],
  ] as const
  for (const [asked, option] of asksMore)
    if (asked)
      throw usageError(
        `--size-only and ${option} exclude each other`,
        'With --size-only, nothing but sizes is looked at.',
      )
}
