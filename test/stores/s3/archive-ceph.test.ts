// The archive of Ceph, whose class has a name of its own, and whose listings say that archived objects hold nothing.
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Store } from '../../../src/core/store.ts'
import { Client, type ClientOptions } from '../../../src/stores/s3/client.ts'
import { httpTransport } from '../../../src/stores/s3/http.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { restore } from '../../../src/sync/restore.ts'
import { sync } from '../../../src/sync/sync.ts'
import { collect, put } from '../../conformance/tools.ts'
import { type Ceph, installCeph, startCeph } from '../../servers/ceph.ts'
import { describeS3 } from '../../servers/s3.ts'
import { contents, place } from '../../sync/tools.ts'
import { temporaryState } from '../../transfer/tools.ts'

const rule =
  '<LifecycleConfiguration><Rule><ID>cold</ID><Filter><Prefix>cold/</Prefix></Filter><Status>Enabled</Status>' +
  '<Transition><Days>1</Days><StorageClass>COLD</StorageClass></Transition></Rule></LifecycleConfiguration>'

describeS3(
  'an archive',
  () => {
    let ceph: Ceph
    let store: Store
    let options: ClientOptions

    beforeAll(async () => {
      ceph = await startCeph(await installCeph('sid'), { cold: true })
      const { url, region, accessKeyId, secretAccessKey } = ceph.endpoint
      const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) }
      options = {
        endpoint: url,
        region,
        bucket: 'bucket',
        addressing: 'path',
        credentials: async () => credentials,
        userAgent: 'test',
        clock: () => new Date(),
        transport: httpTransport({ connections: 4, timeout: 60_000, tls: undefined }),
      }
      store = s3Store(options)
      await store.buckets?.create('bucket')
    })
    afterAll(async () => {
      await store[Symbol.asyncDispose]()
      await options.transport[Symbol.asyncDispose]()
      await ceph.stop()
    })

    test('is left, thawed and gone on with, and what is in it is replaced', async () => {
      const names = ['cold/1', 'cold/2', 'cold/3']
      for (const name of [...names, 'warm']) await put(store, name, `content of ${name}`)
      const body = Buffer.from(rule)
      const md5 = createHash('md5').update(body).digest('base64')
      const response = await new Client(options).call({
        op: 'lifecycle',
        kind: 'control',
        method: 'PUT',
        query: { lifecycle: '' },
        headers: { 'content-md5': md5 },
        body,
        options: undefined,
      })
      await response.discard()
      const areCold = async (): Promise<boolean> => {
        const entries = await collect(store.list(toKey('cold/')))
        return entries.every(({ storageClass }) => storageClass === 'COLD')
      }
      while (!(await areCold())) await pause(200)
      const state = await temporaryState()
      const to = memoryStore()
      const first = await sync(place(store), place(to), { state })
      expect(first.summary).toMatchObject({ copied: 1, archived: 3, failed: 0 })
      const thawing = { state, tier: 'bulk', days: 1, wait: true } as const
      const run = await restore([place(store)], {
        ...thawing,
        remembered: true,
        sleep: async () => pause(200),
      })
      expect(run.totals).toMatchObject({ asked: 3, thawed: 3, failed: 0 })
      const second = await sync(place(store), place(to), { state })
      expect(second.summary).toMatchObject({ copied: 3, archived: 0, unchanged: 1 })
      expect(await contents(to)).toMatchObject({ 'cold/1': 'content of cold/1' })
      const again = await restore([place(store, 'cold/')], {
        ...thawing,
        days: 3,
        recursive: true,
      })
      expect(again.totals).toMatchObject({ asked: 3, thawed: 3, failed: 0 })
      const other = memoryStore()
      await put(other, '1', 'other')
      const over = await sync(place(other), place(store, 'cold/'), { state })
      expect(over.summary).toMatchObject({ copied: 1, failed: 0 })
    })
  },
  ['ceph20'],
)
