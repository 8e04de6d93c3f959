// The archives of AWS as moto has them: GLACIER and DEEP_ARCHIVE, into which objects are written and copied as they are.
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import type { Store } from '../../../src/core/store.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import { leftAt } from '../../../src/sync/archives.ts'
import { restore } from '../../../src/sync/restore.ts'
import { sync } from '../../../src/sync/sync.ts'
import { bytesOf, collect, expectSame, get, MiB } from '../../conformance/tools.ts'
import { describeMoto, type Moto } from '../../servers/moto.ts'
import { createBucketName } from '../../servers/s3.ts'
import { place } from '../../sync/tools.ts'
import { temporaryDirectory, temporaryState } from '../../transfer/tools.ts'

/** In parts. */
const big = bytesOf(9 * MiB, 1)

await describeMoto('an archive, moto', (start) => {
  let moto: Moto
  let store: Store

  beforeAll(async () => {
    moto = await start()
    const bucket = createBucketName()
    const own = s3Store({
      endpoint: moto.url,
      region: 'us-east-1',
      bucket,
      addressing: 'path',
      credentials: async () => ({ accessKeyId: 'test', secretAccessKey: new Secret('test') }),
    })
    await own.buckets?.create(bucket)
    store = reserved(own, defaultReserved)
  })
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await moto.stop()
  })

  test.each(['GLACIER', 'DEEP_ARCHIVE'])(
    '%s: left, thawed, and gone on with, also with a rename',
    async (storageClass) => {
      const directory = await temporaryDirectory()
      const state = await temporaryState()
      const at = (name: string): string => join(directory, name)
      const there = place(store, `${storageClass}/`)
      const up = async (): ReturnType<typeof sync> =>
        sync(place(localStore(directory, { durable: false })), there, {
          state,
          delete: true,
          properties: { storageClass },
        })
      const copies = localStore(await temporaryDirectory(), { durable: false })
      const down = async (): ReturnType<typeof sync> => sync(there, place(copies), { state })
      const thaw = async (remembered: boolean): Promise<number> => {
        const wanted = { remembered, recursive: !remembered, wait: true }
        const { totals } = await restore([there], { state, tier: 'bulk', days: 1, ...wanted })
        expect(totals).toMatchObject({ thawed: totals.asked, failed: 0 })
        return totals.asked
      }
      await writeFile(at('small'), 'content')
      await writeFile(at('big'), big)
      await up()
      expect((await up()).summary).toMatchObject({ copied: 0, unchanged: 2, failed: 0 })
      expect((await down()).summary).toMatchObject({ copied: 0, archived: 2, failed: 0 })
      await rename(at('small'), at('small-2'))
      await rename(at('big'), at('big-2'))
      expect((await up()).summary).toMatchObject({ renamed: 0, removed: 0, archived: 2, failed: 0 })

      expect(await thaw(true)).toBe(2)
      expect((await up()).summary).toMatchObject({ renamed: 2, removed: 2, copied: 0, failed: 0 })
      const entries = await collect(store.list(there.prefix))
      expect(entries).toMatchObject([
        { key: `${storageClass}/big-2`, storageClass },
        { key: `${storageClass}/small-2`, storageClass },
      ])
      // The copies have the class, and so are archived again.
      expect((await down()).summary).toMatchObject({ copied: 0, archived: 2, failed: 0 })
      expect(await thaw(false)).toBe(2)
      expect((await down()).summary).toMatchObject({ copied: 2, archived: 0, failed: 0 })
      expectSame(await get(copies, 'big-2'), big)
      const left = leftAt(state.archives, store.location, there.prefix, {})
      expect(await collect(left)).toEqual([])
    },
  )
})
