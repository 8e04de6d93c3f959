// The archive of Ceph, whose class has a name of its own. Its listings say that archived objects hold nothing, their ETags
// have quotes twice once they were thawed, and copies of those are not objects of their own.
import { createHash } from 'node:crypto'
import { readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Place } from '../../../src/core/place.ts'
import type { Entry, Store } from '../../../src/core/store.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import type { State } from '../../../src/state/types.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { Client, type ClientOptions } from '../../../src/stores/s3/client.ts'
import { httpTransport } from '../../../src/stores/s3/http.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { check } from '../../../src/sync/check.ts'
import { copy } from '../../../src/sync/copy.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { restore } from '../../../src/sync/restore.ts'
import { sync } from '../../../src/sync/sync.ts'
import { bytesOf, collect, expectSame, get, keys, MiB, put } from '../../conformance/tools.ts'
import { type Ceph, installCeph, startCeph } from '../../servers/ceph.ts'
import { createBucketName, describeS3 } from '../../servers/s3.ts'
import { contents, place } from '../../sync/tools.ts'
import { edited } from '../../transfer/delta/tools.ts'
import { KiB, temporaryDirectory, temporaryState } from '../../transfer/tools.ts'

const rule =
  '<LifecycleConfiguration><Rule><ID>cold</ID><Filter><Prefix>cold/</Prefix></Filter><Status>Enabled</Status>' +
  '<Transition><Days>1</Days><StorageClass>COLD</StorageClass></Transition></Rule></LifecycleConfiguration>'

/** More than Ceph keeps with an object's name. */
const big = bytesOf(9 * MiB, 1)

interface Bucket {
  readonly store: Store
  /** Moves all that lies below `cold/` to the archive. */
  readonly freeze: () => Promise<void>
}

describeS3(
  'an archive',
  () => {
    let ceph: Ceph

    beforeAll(async () => {
      ceph = await startCeph(await installCeph('sid'), { cold: true })
    })
    afterAll(async () => {
      await ceph.stop()
    })

    async function openBucket(): Promise<Bucket> {
      const { url, region, accessKeyId, secretAccessKey } = ceph.endpoint
      const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) }
      const bucket = createBucketName()
      const options: ClientOptions = {
        endpoint: url,
        region,
        bucket,
        addressing: 'path',
        credentials: async () => credentials,
        userAgent: 'test',
        clock: () => new Date(),
        transport: httpTransport({ connections: 4, timeout: 60_000, tls: undefined }),
      }
      const store = s3Store(options)
      onTestFinished(async () => {
        await store[Symbol.asyncDispose]()
        await options.transport[Symbol.asyncDispose]()
      })
      await store.buckets?.create(bucket)
      return {
        store: reserved(store, defaultReserved),
        async freeze() {
          await setRule(options, 'PUT')
          while (!(await collect(store.list(toKey('cold/')))).every(isCold)) await pause(100)
          await setRule(options, 'DELETE')
        },
      }
    }

    test('is left, thawed and gone on with, and what is in it is replaced', async () => {
      const { store, freeze } = await openBucket()
      const names = ['cold/1', 'cold/2', 'cold/3']
      for (const name of [...names, 'warm']) await put(store, name, `content of ${name}`)
      await freeze()
      const state = await temporaryState()
      const to = memoryStore()
      const first = await sync(place(store), place(to), { state })
      expect(first.summary).toMatchObject({ copied: 1, archived: 3, failed: 0 })
      expect(await thaw(store, state, true)).toBe(3)
      const second = await sync(place(store), place(to), { state })
      expect(second.summary).toMatchObject({ copied: 3, archived: 0, unchanged: 1 })
      expect(await contents(to)).toMatchObject({ 'cold/1': 'content of cold/1' })
      const other = memoryStore()
      await put(other, '1', 'other')
      const over = await sync(place(other), place(store, 'cold/'), { state })
      expect(over.summary).toMatchObject({ copied: 1, failed: 0 })
    })

    test('what was archived since it was sent, and thawed since, is unchanged, also for a new state', async () => {
      const { store, freeze } = await openBucket()
      const { up, source } = await files()
      const state = await temporaryState()
      await up(store, { state })
      await freeze()
      const expectUnchanged = async (): Promise<void> => {
        for (const known of [state, await temporaryState()]) {
          const { summary } = await up(store, { state: known })
          expect(summary).toMatchObject({
            copied: 0,
            updated: 0,
            unchanged: 2,
            archived: 0,
            failed: 0,
          })
          expect(summary.traffic.requests.write).toBeUndefined()
          const { totals } = await check(source, place(store, 'cold/'))
          expect(totals).toMatchObject({ equal: 2, differing: 0, failed: 0 })
        }
      }
      await expectUnchanged()
      await thaw(store, state)
      await expectUnchanged()
    })

    test('what was brought here before it was archived is unchanged, and the rest is left until it is thawed', async () => {
      const { store, freeze } = await openBucket()
      const to = localStore(await temporaryDirectory(), { durable: false })
      const state = await temporaryState()
      const down = async (known: State): Promise<RunResult> =>
        sync(place(store, 'cold/'), place(to), { state: known })
      await put(store, 'cold/a', 'a')
      await put(store, 'cold/b', big)
      await down(state)
      await put(store, 'cold/c', 'c')
      await freeze()
      for (const known of [state, await temporaryState()])
        expect((await down(known)).summary).toMatchObject({ copied: 0, unchanged: 2, archived: 1 })
      await thaw(store, state)
      const last = await down(state)
      expect(last.summary).toMatchObject({ copied: 1, unchanged: 2, archived: 0, failed: 0 })
      expect((await down(await temporaryState())).summary).toMatchObject({ unchanged: 3 })
    })

    test.each([true, false])(
      'a renamed file stays under its old name until it is thawed, with --delete: %s',
      async (remove) => {
        const { store, freeze } = await openBucket()
        const { at, up } = await files()
        const state = await temporaryState()
        const run = async (more: Partial<SyncOptions> = {}): Promise<RunResult> =>
          up(store, { state, delete: remove, ...more })
        await writeFile(at('kept'), 'kept')
        await run()
        await freeze()
        await rename(at('small'), at('small-2'))
        await rename(at('big'), at('big-2'))
        for (const dryRun of [true, false, false]) {
          const { summary } = await run({ dryRun })
          expect(summary).toMatchObject({
            renamed: 0,
            copied: 0,
            removed: 0,
            unchanged: 1,
            archived: 2,
            failed: 0,
          })
          expect(await keys(store, 'cold/')).toEqual(['big', 'kept', 'small'])
        }
        expect(await thaw(store, state, true)).toBe(2)
        const { summary } = await run()
        expect(summary).toMatchObject({ renamed: 2, copied: 0, removed: 2, archived: 0, failed: 0 })
        expect(summary.traffic.requests.part).toBeUndefined()
        expect(summary.traffic.sent).toBeLessThan(8 * KiB)
        const entries = await collect(store.list(toKey('cold/')))
        expect(entries).toMatchObject([
          { key: 'cold/big-2', storageClass: 'STANDARD' },
          { key: 'cold/kept', storageClass: 'COLD' },
          { key: 'cold/small-2', storageClass: 'STANDARD' },
        ])
        expectSame(await get(store, 'cold/big-2'), big)
        expect(Buffer.from(await get(store, 'cold/small-2')).toString()).toBe('content')
        const last = await run()
        expect(last.summary).toMatchObject({ copied: 0, unchanged: 3, archived: 0, failed: 0 })
      },
    )

    test('what is thawed keeps its bytes when it is copied, edited, or given another time', async () => {
      const { store, freeze } = await openBucket()
      const { at, up } = await files()
      const state = await temporaryState()
      await writeFile(at('edited'), big)
      await up(store, { state })
      await freeze()
      await thaw(store, state)
      const inside = await copy([place(store, 'cold/')], place(store, 'warm/'), {
        state,
        recursive: true,
        contentType: 'text/plain',
      })
      expect(inside.summary).toMatchObject({ copied: 3, failed: 0 })
      const next = edited(big, 5 * MiB, 1, Buffer.from('x'))
      await writeFile(at('edited'), next)
      for (const name of ['small', 'big']) await utimes(at(name), 1_700_000_000, 1_700_000_000)
      const delta = { threshold: 4 * MiB, average: 64 * KiB }
      const { summary } = await up(store, { state, delta, partSize: 5 * MiB })
      expect(summary).toMatchObject({ copied: 1, updated: 2, archived: 0, failed: 0 })
      for (const key of ['cold/big', 'warm/big', 'warm/edited'])
        expectSame(await get(store, key), big)
      expectSame(await get(store, 'cold/edited'), next)
      for (const { storageClass } of await collect(store.list(toKey(''))))
        expect(storageClass).toBe('STANDARD')
      expect(await readFile(at('small'), 'utf8')).toBe('content')
    })
  },
  ['ceph20'],
)

function isCold({ storageClass }: Entry): boolean {
  return storageClass === 'COLD'
}

async function setRule(options: ClientOptions, method: 'PUT' | 'DELETE'): Promise<void> {
  const body = method === 'PUT' ? Buffer.from(rule) : undefined
  const md5 = body && createHash('md5').update(body).digest('base64')
  const response = await new Client(options).call({
    op: 'lifecycle',
    kind: 'control',
    method,
    query: { lifecycle: '' },
    headers: md5 === undefined ? {} : { 'content-md5': md5 },
    body,
    options: undefined,
  })
  await response.discard()
}

async function thaw(store: Store, state: State, remembered = false): Promise<number> {
  const run = await restore([place(store, 'cold/')], {
    state,
    tier: 'bulk',
    days: 1,
    wait: true,
    recursive: !remembered,
    remembered,
    sleep: async () => pause(100),
  })
  expect(run.totals).toMatchObject({ thawed: run.totals.asked, failed: 0 })
  return run.totals.asked
}

interface Files {
  readonly at: (name: string) => string
  readonly source: Place
  readonly up: (
    store: Store,
    options: Pick<SyncOptions, 'state'> & Partial<SyncOptions>,
  ) => Promise<RunResult>
}

/** A directory with a small file and a big one, to be brought to `cold/`. */
async function files(): Promise<Files> {
  const directory = await temporaryDirectory()
  const at = (name: string): string => join(directory, name)
  await writeFile(at('small'), 'content')
  await writeFile(at('big'), big)
  const source = place(localStore(directory, { durable: false }))
  return { at, source, up: async (store, options) => sync(source, place(store, 'cold/'), options) }
}
