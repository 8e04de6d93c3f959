// The memory of all transfers: buffers that the checksum kernel reads in place, within one budget.
// A buffer that is given back is kept for the next one of its class; what does not fit into the budget waits.
import { kernelBuffer, type KernelBuffer } from '../kernels/crc64nvme.ts'
import { Semaphore } from './semaphore.ts'

export interface TransferBuffer extends Disposable {
  /** Exactly as long as was asked for. */
  readonly bytes: Uint8Array
  /** CRC64NVME of the first `length` bytes. */
  crc64nvme(length: number): bigint
}

const kibibyte = 1024
/** Bytes; the smallest buffer there is. */
export const smallest: number = 64 * kibibyte

export class BufferPool {
  /** The largest buffer that can be asked for, in bytes. */
  readonly largest: number
  readonly #budget: number
  readonly #permits: Semaphore
  readonly #idle = new Map<number, KernelBuffer[]>()
  #idleBytes = 0
  #usedBytes = 0

  /** @param budget bytes in all; `largest` bytes at most in one buffer */
  constructor(budget: number, largest: number) {
    this.largest = sizeClass(largest)
    this.#budget = Math.max(budget, this.largest)
    this.#permits = new Semaphore(Math.floor(this.#budget / smallest))
  }

  /** Waits until the budget has room. @throws RangeError above `largest`: it would wait for ever */
  async acquire(size: number, signal?: AbortSignal): Promise<TransferBuffer> {
    const capacity = sizeClass(size)
    if (capacity > this.largest)
      throw new RangeError(`a buffer of ${size} bytes is above the largest one, ${this.largest}`)
    const permits = capacity / smallest
    await this.#permits.acquire(permits, signal)
    let buffer: KernelBuffer
    try {
      buffer = this.#take(capacity)
    } catch (error) {
      this.#permits.release(permits)
      throw error
    }
    let held = true
    return {
      bytes: buffer.bytes.subarray(0, size),
      crc64nvme: (length) => buffer.crc64nvme(0, length),
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.#giveBack(capacity, buffer)
        this.#permits.release(permits)
      },
    }
  }

  #take(capacity: number): KernelBuffer {
    let buffer = this.#idle.get(capacity)?.pop()
    if (buffer) this.#idleBytes -= capacity
    else {
      this.#dropIdle(capacity)
      buffer = kernelBuffer(capacity)
    }
    this.#usedBytes += capacity
    return buffer
  }

  /**
   * Idle buffers of other classes count too, but one of the largest may stay beyond the budget: else each small object
   * between the parts of a big one would cost a big buffer, which only the garbage collector frees.
   */
  #dropIdle(wanted: number): void {
    const most = this.#budget + this.largest
    for (const [size, buffers] of this.#idle) {
      while (this.#idleBytes + this.#usedBytes + wanted > most && buffers.pop())
        this.#idleBytes -= size
    }
  }

  #giveBack(capacity: number, buffer: KernelBuffer): void {
    this.#usedBytes -= capacity
    this.#idleBytes += capacity
    const idle = this.#idle.get(capacity)
    if (idle) idle.push(buffer)
    else this.#idle.set(capacity, [buffer])
  }
}

/** Sizes are rounded up to 64 KiB, then to a power of two: few classes, so that buffers are used again. */
function sizeClass(size: number): number {
  let capacity = smallest
  while (capacity < size) capacity *= 2
  return capacity
}
