// Whether the bytes that were read are the ones that the source's store says it holds.
import { createHash } from 'node:crypto'
import { HawserError } from '../core/errors.ts'
import type { ObjectInfo, PartReceipt, Store } from '../core/store.ts'
import type { CopyWork, SeenObject } from '../core/work.ts'

/** @throws HawserError integrity */
export function verifyWhole(
  from: SeenObject,
  info: ObjectInfo,
  bytes: Uint8Array,
  crc: bigint,
): void {
  if (info.crc64nvme !== undefined) return verifyCrc(from, info.crc64nvme, crc)
  if (info.md5 !== undefined && info.md5 !== createHash('md5').update(bytes).digest('hex'))
    throw damaged(from, 'MD5')
}

/** @throws HawserError integrity */
export function verifyCrc(from: SeenObject, expected: bigint | undefined, actual: bigint): void {
  if (expected !== undefined && expected !== actual) throw damaged(from, 'CRC64NVME')
}

function damaged(from: SeenObject, digest: string): HawserError {
  return new HawserError(
    'integrity',
    `the bytes received do not have the ${digest} that the store recorded`,
    {
      op: 'verify',
      location: from.location,
      key: from.key,
      retry: 'later',
      hint: 'The object is damaged in the store or was damaged on the way. The destination was left as it was.',
    },
  )
}

/**
 * Whether the destination's store confirms the bytes: it tells their checksum, or is a disk, which is written to here.
 * @throws HawserError integrity where it tells another one
 */
export function isConfirmed(
  { to: { location, key } }: CopyWork,
  { traits }: Store,
  info: ObjectInfo,
  crc64nvme: bigint | undefined,
): boolean {
  if (traits.hierarchical) return true
  if (info.crc64nvme === undefined || crc64nvme === undefined) return false
  if (info.crc64nvme === crc64nvme) return true
  throw new HawserError('integrity', 'the service stored other bytes than were sent', {
    op: 'verify',
    location,
    key,
  })
}

/** What the store says of a part. @throws HawserError integrity */
export function verifyReceipt(
  { to }: CopyWork,
  { number, crc64nvme }: PartReceipt,
  expected: bigint | undefined,
): void {
  if (crc64nvme === undefined || expected === undefined || crc64nvme === expected) return
  throw new HawserError('integrity', `part ${number} arrived damaged`, {
    op: 'part',
    location: to.location,
    key: to.key,
  })
}
