// CRC64NVME, the checksum that S3 keeps of whole objects, at memory speed (see assembly/crc64nvme.ts).
// Values are finalised, unsigned 64-bit bigints; that of no bytes is 0n, that of "123456789" 0xae8b14860a799888n.
import { FRONT, WASM } from './generated/crc64nvme.ts'
import { instantiate, PIECE, type Instance } from './instance.ts'

/** A buffer whose bytes this kernel and a Cutter read in place: it lives in a WebAssembly.Memory. */
export interface KernelBuffer {
  /** The data: exactly `size` bytes, aligned to 4,096 as O_DIRECT wants. Cannot be transferred to another thread. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /**
   * The CRC of bytes `start` to `end` (exclusive), read in place and never written to.
   * @throws {RangeError} unless 0 <= start <= end <= size, in whole bytes
   */
  crc64nvme(start: number, end: number): bigint
}

/**
 * A new buffer of `size` bytes and 76 KiB for the kernel. Make few and pool them: each also reserves about
 * 8 GiB of address space (not of memory).
 * @throws {RangeError} when size is not a whole number up to 2 GiB, or when there is no memory for it
 */
export function kernelBuffer(size: number): KernelBuffer {
  checkRange(0, size, 2 ** 31)
  const { bytes, kernel } = create(size)
  owners.set(bytes.buffer, kernel)
  return {
    bytes,
    crc64nvme(start, end) {
      checkRange(start, end, size)
      return BigInt.asUintN(64, kernel.crc64nvme(0n, FRONT + start, end - start))
    },
  }
}

/** The CRC of `bytes`. Those of a KernelBuffer are read in place; others are copied, 256 KiB at a time. */
export function crc64nvme(bytes: Uint8Array): bigint {
  return extend(0n, bytes)
}

/** The CRC of bytes that come in pieces. */
export class Crc64Nvme {
  #crc = 0n

  /** Appends `chunk`, which may be reused afterwards. */
  update(chunk: Uint8Array): this {
    this.#crc = extend(this.#crc, chunk)
    return this
  }

  /** The CRC of all chunks so far; more may follow. */
  digest(): bigint {
    return this.#crc
  }
}

/**
 * The CRC of two strings of bytes joined, from the CRC of each and the length of the second in bytes.
 * @throws {RangeError} when the length is not a whole number below 2^53
 */
export function combineCrc64Nvme(first: bigint, second: bigint, secondLength: number): bigint {
  checkRange(0, secondLength, Number.MAX_SAFE_INTEGER)
  return BigInt.asUintN(64, shared().kernel.combine(first, second, BigInt(secondLength)))
}

/** What the assembly exports; its unsigned results arrive here as signed. */
interface Kernel {
  crc64nvme(crc: bigint, address: number, size: number): bigint
  combine(first: bigint, second: bigint, secondLength: bigint): bigint
}

/** The kernels that read a buffer's bytes in place. */
const owners = new WeakMap<ArrayBufferLike, Kernel>()

let compiled: WebAssembly.Module | undefined
let common: Instance<Kernel> | undefined

function create(size: number): Instance<Kernel> {
  compiled ??= new WebAssembly.Module(Buffer.from(WASM, 'base64'))
  return instantiate(compiled, FRONT, size)
}

/** The instance for bytes from elsewhere. Every call leaves it free, so one does for all streams. */
function shared(): Instance<Kernel> {
  common ??= create(PIECE)
  return common
}

function extend(crc: bigint, chunk: Uint8Array): bigint {
  const owner = owners.get(chunk.buffer)
  if (owner) return BigInt.asUintN(64, owner.crc64nvme(crc, chunk.byteOffset, chunk.length))
  const { bytes, kernel } = shared()
  for (let at = 0; at < chunk.length; at += bytes.length) {
    const piece = chunk.subarray(at, at + bytes.length)
    bytes.set(piece)
    crc = kernel.crc64nvme(crc, FRONT, piece.length)
  }
  return BigInt.asUintN(64, crc)
}

function checkRange(start: number, end: number, size: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end)) {
    if (start >= 0 && start <= end && end <= size) return
  }
  throw new RangeError(`bytes ${start} to ${end} are not within 0 to ${size}`)
}
