// One pass over the bytes of an object: its chunks, the BLAKE3-256 and the CRC64NVME of each, the CRC64NVME of all.
import { Blake3 } from '../kernels/blake3.ts'
import { Crc64Nvme } from '../kernels/crc64nvme.ts'
import { Cutter } from '../kernels/cuts.ts'
import { ChunkList } from './chunk-list.ts'
import type { Scan } from './chunks.ts'

/** Bytes that each kernel reads while the cache still has them from the one before: good to read at a time. */
export const scanStep: number = 2 ** 20

/** The scan of bytes that come in pieces, in order. */
export class Scanner {
  /** Those that have ended. */
  readonly chunks: ChunkList = new ChunkList()
  readonly #cutter: Cutter
  readonly #digest = new Blake3()
  /** Of the chunk that has not ended. */
  #crc = new Crc64Nvme()
  #size = 0

  /**
   * @param average of the sizes of chunks
   * @throws {RangeError} unless it is a power of two from 64 KiB to 64 MiB
   */
  constructor(average: number) {
    this.#cutter = new Cutter(average)
  }

  /** Appends `bytes`, which may be reused afterwards. Those of a KernelBuffer are read in place. */
  update(bytes: Uint8Array): this {
    for (let at = 0; at < bytes.length; at += scanStep) {
      this.#append(bytes.subarray(at, at + scanStep))
    }
    return this
  }

  /** Of all bytes so far, the last of which end a chunk. None may follow. */
  finish(): Scan {
    if (this.#size > this.chunks.end) this.#end(this.#size)
    return this.chunks.scan()
  }

  #append(piece: Uint8Array): void {
    let from = 0
    for (const cut of this.#cutter.update(piece)) {
      this.#extend(piece.subarray(from, cut))
      this.#end(this.#size + cut)
      from = cut
    }
    this.#extend(piece.subarray(from))
    this.#size += piece.length
  }

  #extend(bytes: Uint8Array): void {
    this.#crc.update(bytes)
    this.#digest.update(bytes)
  }

  #end(end: number): void {
    this.chunks.push(end, this.#digest.digest(), this.#crc.digest())
    this.#crc = new Crc64Nvme()
  }
}
