// How large the chunks of an object are.
import type { ChunkSizes } from './chunks.ts'

const kibibyte = 1024
const mebibyte = 1024 ** 2

export const smallestAverage: number = 64 * kibibyte
export const largestAverage: number = 64 * mebibyte
export const defaultAverage: number = mebibyte

/** Bytes; what is smaller is sent whole in little more time than it takes to ask for its signature. */
export const defaultThreshold: number = 50_000_000

/** Of an object: their digests are 3 MB then, in the signature and in memory. */
const mostChunks = 100_000
/** Of the blocks that a store takes: the number of chunks is an estimate. */
const shareOfBlocks = 0.8

/**
 * The wanted average, doubled as far as needed for an object of that size to have at most about 100,000 chunks, and four
 * fifths of `maxBlocks` where the store keeps a block for each of them; not above 64 MiB.
 */
export function chunkSizesFor(
  size: number,
  { average = defaultAverage, maxBlocks = Infinity }: ChunkOptions = {},
): ChunkSizes {
  const most = Math.min(mostChunks, maxBlocks * shareOfBlocks)
  let fitting = average
  while (size / fitting > most && fitting < largestAverage) fitting *= 2
  return { min: fitting / 4, average: fitting, max: fitting * 4 }
}
export interface ChunkOptions {
  /** A power of two: what `averageOf` gave. */
  readonly average?: number | undefined
  readonly maxBlocks?: number | undefined
}

/**
 * The average that a user asks for: a power of two from 64 KiB to 64 MiB, so other sizes are rounded down to one (5,120
 * KiB to 4 MiB). Undefined for what is outside.
 */
export function averageOf(blockSize: number): number | undefined {
  if (!(blockSize >= smallestAverage && blockSize <= largestAverage)) return undefined
  return 2 ** Math.floor(Math.log2(blockSize))
}
