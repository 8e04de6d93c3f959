// Who may do what: a bucket and all in it belong to the key that made it, and nobody else is let in.
import type { Identity } from '../auth/types.ts'
import { S3Error } from '../errors.ts'
import { parseCopySource } from '../operations/copy-source.ts'
import type { Vault } from '../vault/types.ts'
import { checkOwner } from './owners.ts'
import type { Route } from './routes.ts'
import type { RequestHead } from './types.ts'

export interface Rules {
  /** Whether requests without a signature may read. */
  readonly anonymousRead: boolean
  readonly readOnly: boolean
  /** Whether there is more than one access key: with one there is nobody else that a bucket could belong to. */
  readonly shared: boolean
}

/** They tell of what is not an object yet: nothing to read for everybody. */
const ofWriters: ReadonlySet<string> = new Set(['ListMultipartUploads', 'ListParts'])

/** Decides by the kind of the request alone. @throws S3Error AccessDenied */
export function authorize(route: Route, identity: Identity, rules: Rules): void {
  if (rules.readOnly && route.access === 'write')
    throw new S3Error('AccessDenied', { message: 'This server is read-only.' })
  // A form brings its own signature along, in its fields.
  if (route.name === 'PostObject' || identity.kind === 'user') return
  if (!rules.anonymousRead || route.access === 'write' || ofWriters.has(route.name))
    throw new S3Error('AccessDenied')
}

/** Decides by the buckets that the request names. @throws S3Error AccessDenied, NoSuchBucket, InvalidArgument */
export async function authorizeBuckets(
  route: Route,
  head: RequestHead,
  identity: Identity,
  vault: Vault,
  signal: AbortSignal,
): Promise<void> {
  if (identity.kind === 'anonymous') return
  const { bucket, headers } = head
  if (bucket !== undefined && route.name !== 'CreateBucket')
    await checkOwner(bucket, identity.accessKeyId, vault, signal)
  const source = headers['x-amz-copy-source']
  if (source !== undefined)
    await checkOwner(parseCopySource(source).bucket, identity.accessKeyId, vault, signal)
}
