// S3 stores for tests: over the servers of the run, each with a bucket of its own.
import { onTestFinished } from 'vitest'
import { emptyKey } from '../../../src/core/key.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { Store } from '../../../src/core/store.ts'
import { Client } from '../../../src/stores/s3/client.ts'
import { type S3Options, s3Store } from '../../../src/stores/s3/store.ts'
import { type Asked, type Gateway, type Refusal, startGateway } from '../../servers/gateway.ts'
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

/** A store over a new bucket behind a gateway that refuses some of what is asked; both are closed after the test. */
export async function openBehind(
  endpoint: S3Endpoint,
  refuse: (asked: Asked) => Refusal | undefined,
): Promise<{ store: Store; gateway: Gateway }> {
  const gateway = await startGateway(endpoint.url, refuse)
  const store = await openBucket({ ...endpoint, url: gateway.url })
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    await gateway[Symbol.asyncDispose]()
  })
  return { store, gateway }
}

/** A store over a new bucket that keeps old versions. Only the store is closed after the test: a marker is no object. */
export async function openVersioned(endpoint: S3Endpoint): Promise<Store> {
  const store = s3Store(s3Options(endpoint, createBucketName()))
  onTestFinished(() => store[Symbol.asyncDispose]())
  await store.buckets?.create(store.location.root)
  await keepVersions(store, 'Enabled')
  return store
}

export async function keepVersions(store: Store, status: 'Enabled' | 'Suspended'): Promise<void> {
  const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/'
  const xml = `<VersioningConfiguration xmlns="${xmlns}"><Status>${status}</Status></VersioningConfiguration>`
  const response = await Client.of(store.location)?.call({
    op: 'versioning',
    kind: 'control',
    method: 'PUT',
    query: { versioning: '' },
    body: Buffer.from(xml),
    options: undefined,
  })
  await response?.discard()
}

/** Removes the objects and the unfinished uploads. */
async function emptyBucket(store: Store): Promise<void> {
  for await (const { error } of store.remove(store.list(emptyKey))) if (error) throw error
  for await (const upload of store.multipart?.uploads(emptyKey) ?? [])
    await store.multipart?.abort(upload)
}
