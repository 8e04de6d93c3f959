// A bucket of our own server, whose archive thaws as its clock goes.
import { onTestFinished } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { serveS3 } from '../../src/serve/server.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { s3Store } from '../../src/stores/s3/store.ts'

const hour = 3_600_000

export interface Archive {
  readonly url: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of the bucket `bucket`. */
  readonly store: Store
  /** Lets hours pass at the server. */
  readonly pass: (hours: number) => void
  /** Writes objects that hold their own names into a storage class. */
  readonly put: (storageClass: string | undefined, ...keys: readonly string[]) => Promise<void>
}

/** Bulk takes 12 hours unless said, standard 4, expedited none. */
export async function archive(bulk = 12): Promise<Archive> {
  let now = Date.now()
  const [accessKeyId, secretAccessKey] = ['archive-user', 'archive-secret-0123456789']
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) }
  const server = await serveS3(memoryStore(), {
    port: 0,
    credentials: [credentials],
    clock: () => now,
    restoreDelay: { Bulk: bulk * hour, Standard: 4 * hour },
  })
  const store = s3Store({
    endpoint: server.url,
    region: server.region,
    bucket: 'bucket',
    addressing: 'path',
    credentials: async () => credentials,
    clock: () => new Date(now),
  })
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    await server.close()
  })
  await store.buckets?.create('bucket')
  return {
    url: server.url,
    accessKeyId,
    secretAccessKey,
    store,
    pass: (hours) => void (now += hours * hour),
    async put(storageClass, ...keys) {
      for (const key of keys)
        await store.write(toKey(key), Buffer.from(key), { properties: { storageClass } })
    },
  }
}

/** Asks for objects to be readable at once. */
export async function thawNow({ store }: Archive, ...keys: readonly string[]): Promise<void> {
  for (const key of keys)
    await store.archive?.thaw({ key: toKey(key) }, { tier: 'expedited', days: 1 })
}
