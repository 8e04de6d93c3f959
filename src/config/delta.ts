// The options of deltas: what is sent of big objects that changed.
import { averageOf } from '../delta/sizes.ts'
import { flag, type SpecsOf, value } from './option.ts'
import { parseSize } from './units.ts'

export interface DeltaValues {
  readonly noDelta: boolean
  /** Bytes. */
  readonly deltaThreshold: number | undefined
  /** Bytes: a power of two. */
  readonly blockSize: number | undefined
  readonly noSidecar: boolean
}

export const deltaOptions: SpecsOf<DeltaValues> = {
  noDelta: flag('--no-delta', 'send objects whole, whatever of them is there already'),
  deltaThreshold: value<number | undefined>(
    '--delta-threshold <size>',
    'send smaller ones, and those of one part, whole; a bare number is in MB (50)',
    undefined,
    'a size, or a number of MB',
    (given) => (isBare(given) ? Number(given) * 1_000_000 : parseSize(given)),
  ),
  blockSize: value<number | undefined>(
    '--block-size <size>',
    'chunks of that size on average; a bare number is in KiB (1M)',
    undefined,
    'a size from 64K to 64M, or a number of KiB',
    (given) => averageOf((isBare(given) ? Number(given) * 1024 : parseSize(given)) ?? 0),
  ),
  noSidecar: flag('--no-sidecar', 'keep signatures on this machine only'),
}

function isBare(given: string): boolean {
  return /^\d+(?:\.\d+)?$/.test(given.trim())
}
