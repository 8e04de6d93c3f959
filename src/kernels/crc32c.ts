// CRC32C (Castagnoli), one of the checksums of S3, at memory speed (see assembly/crc32c.ts).
// Values are finalised, unsigned 32-bit numbers; that of no bytes is 0, that of "123456789" 0xe3069283.
import { combiner, type Combine } from './combine32.ts'
import { FRONT, WASM } from './generated/crc32c.ts'
import { instantiate, PIECE, type Instance } from './instance.ts'

/** The CRC of bytes that come in pieces. */
export class Crc32c {
  #crc = 0

  /** Appends `chunk`, which may be reused afterwards. */
  update(chunk: Uint8Array): this {
    this.#crc = crc32c(chunk, this.#crc)
    return this
  }

  /** The CRC of all chunks so far; more may follow. */
  digest(): number {
    return this.#crc
  }
}

/** The CRC of `bytes` behind those whose CRC is `before`. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const { bytes: room, kernel } = (shared ??= start())
  let crc = before
  for (let at = 0; at < bytes.length; at += room.length) {
    const piece = bytes.subarray(at, at + room.length)
    room.set(piece)
    crc = kernel.crc32c(crc, FRONT, piece.length)
  }
  return crc >>> 0
}

/**
 * The CRC of two strings of bytes joined, from the CRC of each and the length of the second in bytes.
 * @throws {RangeError} when the length is not a whole number below 2^53
 */
export const combineCrc32c: Combine = combiner(0x82f63b78)

/** What the assembly exports; its unsigned result arrives here as signed. */
interface Kernel {
  crc32c(crc: number, address: number, size: number): number
}

/** Every call leaves it free, so one does for all streams. */
let shared: Instance<Kernel> | undefined

function start(): Instance<Kernel> {
  return instantiate(new WebAssembly.Module(Buffer.from(WASM, 'base64')), FRONT, PIECE)
}
