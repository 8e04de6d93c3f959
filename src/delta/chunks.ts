// Chunks: the content-defined pieces of an object, end to end. Typed arrays, since an object may have 100,000 of them.

/** Of a digest, in bytes: BLAKE3-256. */
export const digestSize = 32

export interface Chunks {
  readonly count: number
  /** For each chunk, the offset behind its last byte. */
  readonly ends: Float64Array
  /** `digestSize` bytes for each chunk. */
  readonly digests: Uint8Array
}

/** The index of the chunk that holds the byte at this offset. */
export function chunkAt({ count, ends }: Chunks, offset: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] ?? 0) > offset) high = middle
    else low = middle + 1
  }
  return low
}

/** What one pass over the bytes of an object tells. */
export interface Scan {
  /** In bytes. */
  readonly size: number
  readonly crc64nvme: bigint
  readonly chunks: Chunks
  /** The CRC64NVME of each chunk. */
  readonly crcs: BigUint64Array
}

/** How large chunks are, in bytes. Powers of two. */
export interface ChunkSizes {
  readonly min: number
  readonly average: number
  readonly max: number
}
