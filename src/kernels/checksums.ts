// The five checksums of S3: computing them, and joining those of parts.
// Source: "Checking object integrity" in the Amazon S3 User Guide. Values are base64, of big-endian bytes.
import { createHash, hash } from 'node:crypto'
import { Crc32, combineCrc32 } from './crc32.ts'
import { Crc32c, combineCrc32c } from './crc32c.ts'
import { Crc64Nvme, combineCrc64Nvme } from './crc64nvme.ts'
import type { ChecksumAlgorithm } from '../core/digest.ts'

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  /** COMPOSITE: of the checksums of the parts. */
  readonly type: 'COMPOSITE' | 'FULL_OBJECT'
  /** Base64; a composite one ends in `-` and the number of parts. */
  readonly value: string
}

/** Of bytes that come in pieces. */
export interface Hasher {
  /** Appends the bytes, which may be reused afterwards. */
  update(bytes: Uint8Array): unknown
  /** Once, at the end. */
  digest(): Buffer
}

interface Definition {
  /** Of a value, in bytes. */
  readonly size: number
  readonly hasher: () => Hasher
  readonly once: (bytes: Uint8Array) => Buffer
  /** The checksum of bytes joined, where it follows from those of the two and the length of the second. */
  readonly combine: ((first: Buffer, second: Buffer, secondLength: number) => Buffer) | undefined
}

const definitions: Readonly<Record<ChecksumAlgorithm, Definition>> = {
  CRC32: crc(
    () => new Crc32(),
    combineCrc32,
    (buffer) => buffer.readUInt32BE(),
    bytesOf32,
  ),
  CRC32C: crc(
    () => new Crc32c(),
    combineCrc32c,
    (buffer) => buffer.readUInt32BE(),
    bytesOf32,
  ),
  CRC64NVME: crc(
    () => new Crc64Nvme(),
    combineCrc64Nvme,
    (buffer) => buffer.readBigUInt64BE(),
    bytesOf64,
  ),
  SHA1: sha('sha1', 20),
  SHA256: sha('sha256', 32),
}

export const checksumAlgorithms: readonly ChecksumAlgorithm[] = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
]

export function createHasher(algorithm: ChecksumAlgorithm): Hasher {
  return definitions[algorithm].hasher()
}

export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  return definitions[algorithm].once(bytes).toString('base64')
}

/** Whether the text is the base64, in its one canonical form, of as many bytes as the algorithm makes. */
export function isChecksum(algorithm: ChecksumAlgorithm, text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === definitions[algorithm].size && bytes.toString('base64') === text
}

/** Whether an object in parts can have a checksum of this kind. */
export function supportsType(algorithm: ChecksumAlgorithm, type: Checksum['type']): boolean {
  if (type === 'COMPOSITE') return algorithm !== 'CRC64NVME'
  return definitions[algorithm].combine !== undefined
}

/** Of an object in parts, where the client does not say. */
export function defaultType(algorithm: ChecksumAlgorithm): Checksum['type'] {
  return algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'
}

/** A part's size in bytes and its checksum. */
export interface PartChecksum {
  readonly size: number
  readonly value: string
}

/**
 * Of an object, from those of its parts in their order.
 * @throws {RangeError} where the algorithm has no checksum of this type
 */
export function objectChecksum(
  algorithm: ChecksumAlgorithm,
  type: Checksum['type'],
  parts: readonly PartChecksum[],
): Checksum {
  if (!supportsType(algorithm, type)) throw new RangeError(`${algorithm} is never ${type}`)
  const { combine, once } = definitions[algorithm]
  const values = parts.map((part) => Buffer.from(part.value, 'base64'))
  if (type === 'COMPOSITE' || combine === undefined) {
    const value = `${once(Buffer.concat(values)).toString('base64')}-${parts.length}`
    return { algorithm, type, value }
  }
  const whole = values.reduce(
    (first, second, index) => combine(first, second, parts[index]?.size ?? 0),
    once(new Uint8Array()),
  )
  return { algorithm, type, value: whole.toString('base64') }
}

function crc<V>(
  create: () => { update(bytes: Uint8Array): unknown; digest(): V },
  combine: (first: V, second: V, secondLength: number) => V,
  read: (buffer: Buffer) => V,
  write: (value: V) => Buffer,
): Definition {
  const once = (bytes: Uint8Array): Buffer => {
    const state = create()
    state.update(bytes)
    return write(state.digest())
  }
  return {
    size: once(new Uint8Array()).length,
    once,
    hasher() {
      const state = create()
      return { update: (bytes) => state.update(bytes), digest: () => write(state.digest()) }
    },
    combine: (first, second, length) => write(combine(read(first), read(second), length)),
  }
}

function sha(name: string, size: number): Definition {
  return {
    size,
    hasher: () => createHash(name),
    once: (bytes) => hash(name, bytes, 'buffer'),
    combine: undefined,
  }
}

function bytesOf32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4)
  buffer.writeUInt32BE(value)
  return buffer
}

function bytesOf64(value: bigint): Buffer {
  const buffer = Buffer.allocUnsafe(8)
  buffer.writeBigUInt64BE(value)
  return buffer
}
