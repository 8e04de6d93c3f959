// How large the chunks of an object are.
import { largestAverage, smallestAverage } from '../kernels/averages.ts'
import type { ChunkSizes } from './chunks.ts'

export const defaultAverage: number = 1024 ** 2

/** Bytes; what is smaller is sent whole in little more time than it takes to ask for its signature. */
export const defaultThreshold: number = 50_000_000

/** Of an object: their digests are 3 MB then, in the signature and in memory. */
const mostChunks = 100_000

/**
 * The wanted average, doubled as far as needed for an object of that size to have at most about 100,000 chunks; not above
 * 64 MiB.
 */
export function chunkSizesFor(
  size: number,
  { average = defaultAverage }: ChunkOptions = {},
): ChunkSizes {
  let fitting = average
  while (size / fitting > mostChunks && fitting < largestAverage) fitting *= 2
  return { min: fitting / 4, average: fitting, max: fitting * 4 }
}
export interface ChunkOptions {
  /** A power of two: what `averageOf` gave. */
  readonly average?: number | undefined
}

/**
 * The average that a user asks for: a power of two from 64 KiB to 64 MiB, so other sizes are rounded down to one (5,120
 * KiB to 4 MiB). Undefined for what is outside.
 */
export function averageOf(blockSize: number): number | undefined {
  if (!(blockSize >= smallestAverage && blockSize <= largestAverage)) return undefined
  return 2 ** Math.floor(Math.log2(blockSize))
}
