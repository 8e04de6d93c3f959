// What the memory store holds: whole objects with their facts, and how bytes become one.
import { createHash } from 'node:crypto'
import { bodySize, readBody } from '../../core/body.ts'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Body, ObjectInfo, ObjectProperties, WriteOptions } from '../../core/store.ts'
import { crc64nvme } from '../../kernels/crc64nvme.ts'

export interface StoredObject {
  readonly bytes: Uint8Array
  readonly info: ObjectInfo
}

/** The facts of an object that are set when it is written. */
export type ObjectFacts = Pick<
  ObjectInfo,
  'attributes' | 'metadata' | 'contentType' | 'properties' | 'storageClass'
>
type GivenFacts = Pick<WriteOptions, 'attributes' | 'metadata' | 'contentType' | 'properties'>

export function factsOf(options: GivenFacts, inherited?: GivenFacts): ObjectFacts {
  const said = Object.entries(options.properties ?? {}).filter(([, value]) => value !== undefined)
  const properties: ObjectProperties = { ...inherited?.properties, ...Object.fromEntries(said) }
  return {
    attributes: options.attributes ?? inherited?.attributes ?? {},
    metadata: options.metadata ?? inherited?.metadata ?? {},
    contentType: options.contentType ?? inherited?.contentType,
    properties,
    storageClass: properties.storageClass,
  }
}

export function storedObject(
  key: Key,
  bytes: Uint8Array,
  etag: string,
  facts: ObjectFacts,
): StoredObject {
  const info: ObjectInfo = {
    key,
    kind: key.endsWith('/') && bytes.length === 0 ? 'directory' : 'file',
    size: bytes.length,
    modified: BigInt(Date.now()) * 1_000_000n,
    etag,
    crc64nvme: crc64nvme(bytes),
    ...facts,
  }
  return { bytes, info }
}

/** S3: the ETag of an object written whole is its MD5 in hex, in quotes. */
export function md5(...pieces: readonly Uint8Array[]): Buffer {
  const hash = createHash('md5')
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

/**
 * A copy of the body's bytes.
 * @throws HawserError integrity where they are not as many, or not of the CRC, as promised
 */
export async function receive(
  body: Body,
  expectedCrc: bigint | undefined,
  signal: AbortSignal | undefined,
  details: ErrorDetails,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(bodySize(body))
  let length = 0
  try {
    for await (const chunk of readBody(body)) {
      checkSignal(signal, details)
      if (length + chunk.length <= bytes.length) bytes.set(chunk, length)
      length += chunk.length
    }
  } finally {
    checkSignal(signal, details)
  }
  if (length !== bytes.length) {
    const message = `the source gave ${length} bytes instead of ${bytes.length}`
    throw new HawserError('integrity', message, details)
  }
  if (expectedCrc !== undefined && crc64nvme(bytes) !== expectedCrc)
    throw new HawserError('integrity', 'the bytes do not have the expected CRC64NVME', details)
  return bytes
}
