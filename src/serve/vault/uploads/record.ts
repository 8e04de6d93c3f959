// What is known of an object that was uploaded in parts.
import { createHash } from 'node:crypto'
import { crc64ToBase64 } from '../../../core/digest.ts'
import { combineCrc64Nvme } from '../../../kernels/crc64nvme.ts'
import { objectChecksum } from '../../../kernels/checksums.ts'
import type { Checksum } from '../../body/types.ts'
import type { PartRow, UploadRow } from '../ledger/types.ts'
import type { CompleteRequest, ObjectRecord } from '../types.ts'

export function recordOf({ facts, checksum }: UploadRow, parts: readonly PartRow[]): ObjectRecord {
  return {
    ...facts,
    etag: etagOf(parts),
    checksum: checksumOf(checksum, parts),
    parts: parts.map(({ number, size, checksum: value }) => ({ number, size, checksum: value })),
    restoration: undefined,
  }
}

/** The MD5 of the parts' MD5s, and how many they are. */
export function etagOf(parts: CompleteRequest['parts'] | readonly PartRow[]): string {
  const hash = createHash('md5')
  for (const { etag } of parts) hash.update(Buffer.from(etag.replaceAll('"', ''), 'hex'))
  return `${hash.digest('hex')}-${parts.length}`
}

/** Tells the parts of one completion from those of another. */
export function fingerprintOf(parts: CompleteRequest['parts']): string {
  const names = parts.map(({ number, etag }) => `${number}:${etag.replaceAll('"', '')}\n`)
  return createHash('sha256').update(names.join('')).digest('hex')
}

export function crcOf(parts: readonly PartRow[]): bigint {
  return parts.reduce((crc, part) => combineCrc64Nvme(crc, part.crc64nvme, part.size), 0n)
}

/** Where the client named no algorithm, it is CRC64NVME: every part has one. */
function checksumOf(wanted: UploadRow['checksum'], parts: readonly PartRow[]): Checksum {
  const { algorithm, type } = wanted ?? { algorithm: 'CRC64NVME', type: 'FULL_OBJECT' }
  const values = parts.map(({ size, checksum, crc64nvme }) => ({
    size,
    value: checksum ?? crc64ToBase64(crc64nvme),
  }))
  return objectChecksum(algorithm, type, values)
}
