// What is known of an unfinished upload, beside its bytes: a line of JSON with the key, then one record of 32 bytes for
// each part that was written: number, offset, size (little-endian, 64 bits each) and CRC64NVME.
// Records are appended whole; of a torn last one nothing counts. They are claims, which `recordedBytes` checks.
import { constants } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import {
  type Attributes,
  attributesFromMetadata,
  attributesToMetadata,
} from '../../core/attributes.ts'
import { isKey, type Key } from '../../core/key.ts'
import { Crc64Nvme } from '../../kernels/crc64nvme.ts'
import { noFollow } from './disk.ts'
import type { OpenFile } from './open-file.ts'

export interface PartRecord {
  readonly number: number
  readonly offset: number
  readonly size: number
  readonly crc64nvme: bigint
}

/** What is known from the beginning. */
export interface PartsHeader {
  readonly key: Key
  readonly attributes: Attributes
  /** The file began as a clone: what is in it may be what a part is to be. */
  readonly cloned: boolean
}

export interface PartsFile extends PartsHeader {
  /** By number, the last record of each. */
  readonly records: ReadonlyMap<number, PartRecord>
}

const recordSize = 32
const chunkSize = 512 * 1024

export async function createPartsFile(
  path: string,
  { key, attributes, cloned }: PartsHeader,
  durable: boolean,
): Promise<void> {
  const header = { key, attributes: attributesToMetadata(attributes), cloned }
  await writeFile(path, `${JSON.stringify(header)}\n`, { flag: 'wx', mode: 0o600, flush: durable })
}

export async function appendPart(path: string, record: PartRecord, durable = false): Promise<void> {
  const bytes = Buffer.alloc(recordSize)
  bytes.writeBigUInt64LE(BigInt(record.number), 0)
  bytes.writeBigUInt64LE(BigInt(record.offset), 8)
  bytes.writeBigUInt64LE(BigInt(record.size), 16)
  bytes.writeBigUInt64LE(record.crc64nvme, 24)
  await using file = await open(path, constants.O_WRONLY | constants.O_APPEND | noFollow)
  await file.write(bytes)
  if (durable) await file.datasync()
}

/** The file's content; undefined where it is none of ours. */
export async function readPartsFile(path: string): Promise<PartsFile | undefined> {
  const bytes = await readFile(path, { flag: constants.O_RDONLY | noFollow })
  const headerEnd = bytes.indexOf(10)
  const header = headerEnd === -1 ? undefined : parseHeader(bytes.toString('utf8', 0, headerEnd))
  if (!header) return undefined
  const records = new Map<number, PartRecord>()
  for (let at = headerEnd + 1; at + recordSize <= bytes.length; at += recordSize) {
    const number = Number(bytes.readBigUInt64LE(at))
    records.set(number, {
      number,
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      size: Number(bytes.readBigUInt64LE(at + 16)),
      crc64nvme: bytes.readBigUInt64LE(at + 24),
    })
  }
  return { ...header, records }
}

function parseHeader(text: string): PartsHeader | undefined {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof header !== 'object' || header === null || !('key' in header)) return undefined
  const { key } = header
  if (typeof key !== 'string' || !isKey(key)) return undefined
  const given = 'attributes' in header && isTexts(header.attributes) ? header.attributes : {}
  const cloned = 'cloned' in header && header.cloned === true
  return { key, attributes: attributesFromMetadata(given).attributes, cloned }
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  )
}

/**
 * The bytes of the file where the record says that the part is.
 * @returns at the end whether they are those of the record
 */
export async function* recordedBytes(
  file: OpenFile,
  record: PartRecord,
): AsyncGenerator<Uint8Array, boolean> {
  const crc = new Crc64Nvme()
  let length = 0
  while (length < record.size) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, record.size - length))
    const bytesRead = await file.read(chunk, record.offset + length)
    if (bytesRead === 0) return false
    length += bytesRead
    crc.update(chunk.subarray(0, bytesRead))
    yield chunk.subarray(0, bytesRead)
  }
  return crc.digest() === record.crc64nvme
}
