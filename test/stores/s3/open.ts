// S3 stores for tests: over the servers of the run, each with a bucket of its own.
import { emptyKey } from '../../../src/core/key.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { Store } from '../../../src/core/store.ts'
import { type S3Options, s3Store } from '../../../src/stores/s3/store.ts'
import { createBucketName, type S3Endpoint } from '../../servers/s3.ts'

export function s3Options(endpoint: S3Endpoint, bucket: string): S3Options {
  const credentials = {
    accessKeyId: endpoint.accessKeyId,
    secretAccessKey: new Secret(endpoint.secretAccessKey),
  }
  return {
    endpoint: endpoint.url,
    region: endpoint.region,
    bucket,
    addressing: 'path',
    credentials: async () => credentials,
  }
}

/** A store over a new bucket, which is removed with all that is in it when the store is closed. */
export async function openBucket(
  endpoint: S3Endpoint,
  more: Partial<S3Options> = {},
): Promise<Store> {
  const store = s3Store({ ...s3Options(endpoint, createBucketName()), ...more })
  await store.buckets?.create(store.location.root)
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await emptyBucket(store)
      await store.buckets?.remove(store.location.root)
      await store[Symbol.asyncDispose]()
    },
  }
}

/** Removes the objects and the unfinished uploads. */
async function emptyBucket(store: Store): Promise<void> {
  for await (const { error } of store.remove(store.list(emptyKey))) if (error) throw error
  for await (const upload of store.multipart?.uploads(emptyKey) ?? [])
    await store.multipart?.abort(upload)
}
