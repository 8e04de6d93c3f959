// Signatures as bytes: docs/formats/signature.md. They come from a store that others may write to, so that reading them
// believes nothing: what it returns is well-formed, and whether it is true is proven where it is used.
import { createHash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { HawserError } from '../../core/errors.ts'
import { digestSize, type Chunks } from '../chunks.ts'
import { ByteReader, ByteWriter, EndOfBytes } from './bytes.ts'
import type { Signature } from './types.ts'

const magic: Buffer = Buffer.from('\x89Hawsig\n', 'latin1')
const version = 1
const checkSize = 32
/** More have no signature: what is larger was not written by this program. */
export const maxChunks: number = 2 ** 19
/** Of a signature, in bytes, as it is stored and unpacked. */
export const maxSignatureSize: number = 24 * 2 ** 20

const cutters = { simd32: 1 }
const packings = { plain: 0, zstd: 1 }

export function encodeSignature(signature: Signature): Uint8Array {
  const body = encodeBody(signature)
  const packed = zstdCompressSync(body)
  // Digests are noise: it helps where the same chunks come again and again.
  const helps = packed.length < 0.9 * body.length
  const [packing, stored] = helps ? [packings.zstd, packed] : [packings.plain, body]
  const writer = new ByteWriter(stored.length + 64)
  writer.bytes(magic).number(version, 2).number(packing, 1)
  writer.number(body.length, 4).number(stored.length, 4).bytes(stored)
  return writer.bytes(checkOf(writer.taken())).taken()
}

/**
 * @throws HawserError integrity where these are not the bytes of a signature, or not all of them, or changed ones;
 *   unsupported where a later version wrote them
 */
export function parseSignature(bytes: Uint8Array): Signature {
  try {
    return parseBody(unpack(bytes))
  } catch (error) {
    if (error instanceof EndOfBytes) throw damaged('it ends too early', error)
    throw error
  }
}

function encodeBody({ average, size, crc64nvme, etag, version: of, chunks }: Signature): Buffer {
  const { count, ends, digests } = chunks
  const writer = new ByteWriter(128 + count * (digestSize + 4))
  writer.number(cutters.simd32, 1).number(Math.log2(average), 1)
  writer.unsigned64(BigInt(size)).unsigned64(crc64nvme)
  writeText(writer, etag)
  writer.number(of === undefined ? 0 : 1, 1)
  if (of !== undefined) writeText(writer, of)
  writer.number(count, 4)
  let start = 0
  for (const end of ends.subarray(0, count)) {
    writer.varint(end - start)
    start = end
  }
  return writer.bytes(digests.subarray(0, count * digestSize)).taken()
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = Buffer.from(text)
  writer.number(bytes.length, 2).bytes(bytes)
}

function unpack(bytes: Uint8Array): Uint8Array {
  if (bytes.length > maxSignatureSize) throw damaged(`it has ${bytes.length} bytes`)
  const reader = new ByteReader(bytes)
  if (reader.left < magic.length || !reader.bytes(magic.length).equals(magic))
    throw damaged('it does not begin like one')
  const found = reader.number(2)
  if (found !== version) throw newer(found)
  const packing = reader.number(1)
  const size = reader.number(4)
  const stored = reader.bytes(reader.number(4))
  const signed = bytes.length - reader.left
  if (!reader.bytes(checkSize).equals(checkOf(bytes.subarray(0, signed))))
    throw damaged('its bytes are not those that were written')
  if (reader.left > 0) throw damaged('it goes on behind its end')
  const body = packing === packings.zstd ? unzstd(stored, size) : stored
  if (body.length !== size || packing > packings.zstd) throw damaged('it cannot be unpacked')
  return body
}

function unzstd(stored: Uint8Array, size: number): Uint8Array {
  if (size > maxSignatureSize) throw damaged(`it unpacks to ${size} bytes`)
  try {
    return zstdDecompressSync(stored, { maxOutputLength: Math.max(size, 1) })
  } catch (error) {
    throw damaged('it cannot be unpacked', error)
  }
}

function parseBody(body: Uint8Array): Signature {
  const reader = new ByteReader(body)
  const cutter = reader.number(1)
  const exponent = reader.number(1)
  if (cutter !== cutters.simd32 || exponent < 16 || exponent > 26)
    throw new HawserError(
      'unsupported',
      'the signature is of chunks that were cut in another way',
      {
        op: 'signature',
      },
    )
  const size = Number(reader.unsigned64())
  const crc64nvme = reader.unsigned64()
  const etag = readText(reader)
  const isVersioned = reader.number(1)
  if (isVersioned > 1) throw damaged('its version is none')
  const of = isVersioned === 1 ? readText(reader) : undefined
  const chunks = readChunks(reader, 2 ** exponent, size)
  if (reader.left > 0) throw damaged('it goes on behind its end')
  return { average: 2 ** exponent, size, crc64nvme, etag, version: of, chunks }
}

function readText(reader: ByteReader): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      reader.bytes(reader.number(2)),
    )
  } catch (error) {
    throw error instanceof TypeError ? damaged('a text is not UTF-8', error) : error
  }
}

/** End to end over the object, each of a size that cuts can have. */
function readChunks(reader: ByteReader, average: number, size: number): Chunks {
  const count = reader.number(4)
  if (count > maxChunks || count * (digestSize + 1) > reader.left)
    throw damaged(`it cannot have ${count} chunks`)
  const ends = new Float64Array(count)
  let end = 0
  for (let i = 0; i < count; i++) {
    const length = reader.varint()
    const least = i === count - 1 ? 1 : average / 4
    if (!(length >= least && length <= average * 4)) throw damaged('a chunk has an impossible size')
    end += length
    ends[i] = end
  }
  if (end !== size) throw damaged('its chunks do not make its object')
  return { count, ends, digests: new Uint8Array(reader.bytes(count * digestSize)) }
}

function checkOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function damaged(why: string, cause?: unknown): HawserError {
  return new HawserError('integrity', `not a signature, or a damaged one: ${why}`, {
    op: 'signature',
    cause,
  })
}

function newer(found: number): HawserError {
  return new HawserError('unsupported', `a signature of version ${found}; this is ${version}`, {
    op: 'signature',
    hint: 'A newer hawser wrote it: update this one.',
  })
}
