// Chunks, end to end, that are growing in number.
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import { digestSize, type Chunks, type Scan } from './chunks.ts'

/** Chunks and the CRC64NVME of each. */
export type ScannedChunks = Pick<Scan, 'chunks' | 'crcs'>

export class ChunkList {
  #count = 0
  #crc = 0n
  #room = roomFor(16)

  /** The offset behind the last byte. */
  get end(): number {
    return this.endOf(this.#count - 1)
  }

  get count(): number {
    return this.#count
  }

  /** The offset behind the chunk of this index, 0 for none. */
  endOf(index: number): number {
    return this.#room.ends[index] ?? 0
  }

  /** The end is that of the chunk, behind all before it. */
  push(end: number, digest: Uint8Array, crc: bigint): void {
    const { ends, digests, crcs } = this.#room
    if (this.#count === ends.length) {
      this.#room = roomFor(2 * this.#count)
      this.#room.ends.set(ends)
      this.#room.digests.set(digests)
      this.#room.crcs.set(crcs)
      return this.push(end, digest, crc)
    }
    this.#crc = combineCrc64Nvme(this.#crc, crc, end - this.end)
    ends[this.#count] = end
    digests.set(digest, this.#count * digestSize)
    crcs[this.#count] = crc
    this.#count++
  }

  /** The first chunks. */
  first(count: number): ScannedChunks {
    const { ends, digests, crcs } = this.#room
    const chunks: Chunks = {
      count,
      ends: ends.slice(0, count),
      digests: digests.slice(0, count * digestSize),
    }
    return { chunks, crcs: crcs.slice(0, count) }
  }

  /** All of them, as those of a whole object. */
  scan(): Scan {
    return { size: this.end, crc64nvme: this.#crc, ...this.first(this.#count) }
  }
}

interface Room {
  readonly ends: Float64Array
  readonly digests: Uint8Array
  readonly crcs: BigUint64Array
}

function roomFor(count: number): Room {
  return {
    ends: new Float64Array(count),
    digests: new Uint8Array(count * digestSize),
    crcs: new BigUint64Array(count),
  }
}
