// Finding an object whose bytes are not wanted.
import type { Service } from '../http/types.ts'
import type { Bucket, ObjectVersion } from '../vault/types.ts'
import { markerError } from './object-headers.ts'

/** @throws S3Error NoSuchKey, NoSuchVersion, and MethodNotAllowed for a delete marker that is named by its version */
export async function findObject(
  { vault }: Service,
  bucket: Bucket,
  key: string,
  version: string | undefined,
  signal: AbortSignal,
): Promise<ObjectVersion> {
  const found = await vault.find(bucket, key, version, { signal })
  if (found.kind === 'marker') throw markerError(found, version !== undefined)
  return found
}
