// The conditions of a write, against what the key holds. RFC 9110, section 13, as S3 takes it.
import { S3Error } from '../errors.ts'
import { isObject, type Resolved } from './resolve.ts'
import type { Conditions } from './types.ts'

/** @throws S3Error PreconditionFailed; NoSuchKey for If-Match where there is no object */
export function checkConditions(
  { ifMatch, ifNoneMatch }: Conditions,
  { versions: [latest] }: Resolved,
): void {
  const etag = isObject(latest) ? latest.version.record.etag : undefined
  if (ifMatch) {
    if (etag === undefined) throw new S3Error('NoSuchKey')
    if (!includes(ifMatch, etag))
      throw new S3Error('PreconditionFailed', { extra: { Condition: 'If-Match' } })
  }
  if (ifNoneMatch && etag !== undefined && includes(ifNoneMatch, etag))
    throw new S3Error('PreconditionFailed', { extra: { Condition: 'If-None-Match' } })
}

function includes(etags: readonly string[], etag: string): boolean {
  return etags.includes('*') || etags.includes(etag)
}
