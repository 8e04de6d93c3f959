// Which version a change of a key makes.
import { randomBytes } from 'node:crypto'
import type { VaultContext } from './context.ts'
import { nullVersion } from './resolve.ts'
import type { Bucket, Versioning } from './types.ts'

/**
 * The bucket's versioning at this moment, under the key's lock: it may have been turned on since the request began, and
 * what is kept from then on must not be replaced.
 */
export function versioningOf({ ledger }: VaultContext, bucket: Bucket): Versioning {
  return ledger.bucket(bucket.name)?.versioning ?? bucket.versioning
}

export function newVersion(versioning: Versioning): string {
  return versioning === 'enabled' ? randomBytes(16).toString('hex') : nullVersion
}
