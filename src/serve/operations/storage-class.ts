// Storage classes: which there are, and which of them must be restored before their bytes can be read.
import { S3Error } from '../errors.ts'
import type { ObjectRecord } from '../vault/types.ts'

const classes: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
])

/** @throws S3Error InvalidStorageClass */
export function storageClassOf(header: string | undefined): string {
  if (header === undefined) return 'STANDARD'
  if (!classes.has(header))
    throw new S3Error('InvalidStorageClass', { extra: { StorageClassRequested: header } })
  return header
}

export function isArchive(storageClass: string): boolean {
  return storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'
}

export type RestoreState = 'none' | 'ongoing' | 'restored'

/** @param now milliseconds since 1970 */
export function restoreState({ restoration }: ObjectRecord, now: number): RestoreState {
  if (!restoration || now >= restoration.expires) return 'none'
  return now < restoration.ready ? 'ongoing' : 'restored'
}

/** The value of x-amz-restore. */
export function restoreHeader(record: ObjectRecord, now: number): string | undefined {
  if (!record.restoration) return undefined
  const state = restoreState(record, now)
  if (state === 'none') return undefined
  if (state === 'ongoing') return 'ongoing-request="true"'
  const expires = new Date(record.restoration.expires).toUTCString()
  return `ongoing-request="false", expiry-date="${expires}"`
}

/** @throws S3Error InvalidObjectState for an object in an archive that is not restored */
export function checkReadable(record: ObjectRecord, now: number, message?: string): void {
  if (isArchive(record.storageClass) && restoreState(record, now) !== 'restored')
    throw new S3Error('InvalidObjectState', {
      message: message ?? "The operation is not valid for the object's storage class.",
      extra: { StorageClass: record.storageClass },
    })
}
