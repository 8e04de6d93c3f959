// Whose buckets are whose, where access keys come and go: a key that this server does not know owns nothing, and what it
// made belongs to the first key that it does know.
import { S3Error } from '../errors.ts'
import type { Bucket, Buckets, Vault } from '../vault/types.ts'

/** @param owners Access keys; at least one */
export function ownedBy(owners: readonly [string, ...string[]], buckets: Buckets): Buckets {
  const known = new Set<string>(owners)
  const owned = (bucket: Bucket): Bucket =>
    known.has(bucket.owner) ? bucket : { ...bucket, owner: owners[0] }
  return {
    ...buckets,
    async *list(options) {
      for await (const bucket of buckets.list(options)) yield owned(bucket)
    },
    get: async (name, options) => owned(await buckets.get(name, options)),
    async create(name, owner, options) {
      try {
        await buckets.create(name, owner, options)
      } catch (error) {
        if (!(error instanceof S3Error) || error.code !== 'BucketAlreadyExists') throw error
        if (owned(await buckets.get(name, options)).owner !== owner) throw error
        throw new S3Error('BucketAlreadyOwnedByYou', { extra: { BucketName: name }, cause: error })
      }
    },
  }
}

/** @throws S3Error AccessDenied, NoSuchBucket */
export async function checkOwner(
  bucket: string,
  accessKeyId: string,
  vault: Vault,
  signal: AbortSignal,
): Promise<void> {
  const { owner } = await vault.buckets.get(bucket, { signal })
  if (owner !== accessKeyId) throw new S3Error('AccessDenied')
}
