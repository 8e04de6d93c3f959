// Changes to what is known of a version, its bytes untouched.
import { S3Error } from '../errors.ts'
import type { VaultContext } from './context.ts'
import type { VersionRow } from './ledger/types.ts'
import { look } from './look.ts'
import { nextSequence } from './publication.ts'
import { pick } from './read.ts'
import { isObject, type Resolved, type StoredObject } from './resolve.ts'
import type { Bucket, CallOptions, ObjectRecord, ObjectVersion } from './types.ts'

/** @throws S3Error NoSuchKey, NoSuchVersion where it was removed or replaced meanwhile */
export async function update(
  context: VaultContext,
  bucket: Bucket,
  version: ObjectVersion,
  change: Partial<Pick<ObjectRecord, 'tags' | 'restoration'>>,
  options: CallOptions,
): Promise<void> {
  const { key } = version
  await context.locks.alone(bucket.name, key, async () => {
    const before = await look(context, bucket.name, key, options)
    const stored = pick(before, key, version.version)
    if (!isObject(stored) || stored.version.record.etag !== version.record.etag)
      throw new S3Error('NoSuchKey', { extra: { Key: key } })
    const row = rowOf(before, bucket, stored)
    const record = { ...stored.version.record, ...change }
    await context.ledger.write({ do: 'put-version', row: { ...row, record } })
  })
}

/** One that was put there by hand gets its first. */
function rowOf(
  before: Resolved,
  bucket: Bucket,
  { row, version, match }: StoredObject,
): VersionRow {
  if (row) return row
  const { key, size, modified, record } = version
  return {
    bucket: bucket.name,
    key,
    version: version.version,
    sequence: nextSequence(before, modified * 1000),
    marker: false,
    place: undefined,
    match,
    size,
    modified,
    record,
  }
}
