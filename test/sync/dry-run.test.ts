// What a dry run tells of big objects that do not go up from a disk is what the run then takes, as its meter counts it.
import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import { sync } from '../../src/sync/sync.ts'
import { SignatureShelf } from '../../src/transfer/delta/shelf.ts'
import { bytesOf, expectSame, get, keys, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { edited } from '../transfer/delta/tools.ts'
import { KiB, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { Events, place } from './tools.ts'

const old = bytesOf(6 * MiB, 1)
const delta = { threshold: 3 * MiB, average: 64 * KiB }

async function disk(): Promise<Store> {
  return localStore(await temporaryDirectory())
}

describeS3('a dry run', (endpoint) => {
  const open = async (): Promise<Store> => reserved(await openBucket(endpoint), defaultReserved)

  test.each([
    ['one byte changed', edited(old, 4e6, 1, Buffer.from('x')), true],
    ['nothing in common', bytesOf(6 * MiB, 2), false],
  ])('tells what a download fetches: %s', async (_, changed, saves) => {
    await using bucket = await open()
    const [up, down] = [await disk(), await disk()]
    let state = await temporaryState()
    const run = (from: Store, to: Store, more: Partial<SyncOptions> = {}): Promise<RunResult> =>
      sync(place(from), place(to), { state, delta, partSize: MiB, ...more })
    const check = async (): Promise<RunResult> => {
      const events = new Events()
      const dry = await run(bucket, down, { dryRun: true, onEvent: events.sink })
      const real = await run(bucket, down)
      const { copied, saved, bytes } = dry.summary
      expect(events.all.find(({ type }) => type === 'done')).toMatchObject({ saved })
      expect(dry.predicted?.bytes).toMatchObject({ sent: 0, received: bytes - saved, saved })
      expect(real.predicted).toEqual(dry.predicted)
      expect(real.summary).toMatchObject({ copied, saved, bytes, failed: 0 })
      const { objects, requests } = dry.predicted ?? {}
      expect(real.actual).toMatchObject({ objects, requests, bytes: { sent: 0, saved } })
      expectSame(await get(down, 'big'), await get(up, 'big'))
      // Listings and signatures are bytes, too.
      const more = (real.actual?.bytes.received ?? 0) - (bytes - saved)
      expect(more).toBeGreaterThan(0)
      expect(more).toBeLessThan(64 * KiB)
      return real
    }
    await put(up, 'big', old)
    await run(up, bucket)
    expect((await check()).summary.saved).toBe(0)
    await put(up, 'big', changed)
    await run(up, bucket)
    // Another machine finds the signature in the bucket.
    state = await temporaryState()
    const { summary } = await check()
    // A service that does not tell the checksum of the whole proves nothing.
    const { crc64nvme } = await bucket.stat(toKey('big'))
    expect(crc64nvme === undefined).toBe(endpoint.name === 'ceph16')
    if (saves && crc64nvme !== undefined) expect(summary.saved).toBeGreaterThan(5 * MiB)
    else expect(summary.saved).toBe(0)
  })

  test('tells of signatures that go with their objects', async () => {
    await using bucket = await open()
    const [up, state] = [await disk(), await temporaryState()]
    const options = { state, delta, partSize: MiB, recursive: true, delete: true }
    // Where older services ignore a condition, they are looked at before.
    const looks = endpoint.name === 'ceph16' ? 1 : 0
    const check = async (
      run: (dryRun: boolean) => Promise<RunResult>,
      moved: number = 0,
    ): Promise<void> => {
      const dry = await run(true)
      const real = await run(false)
      expect(real.summary).toMatchObject({ failed: 0, copied: dry.summary.copied })
      expect(real.predicted).toEqual(dry.predicted)
      const { requests } = dry.predicted ?? {}
      const looked = moved > 0 && { stat: (requests?.stat ?? 0) + looks * moved }
      expect(real.actual?.requests).toEqual({ ...requests, ...looked })
    }
    const isSigned = async (key: string): Promise<boolean> => {
      const kept = { store: bucket, known: undefined, reserved: defaultReserved }
      const shelf = new SignatureShelf({ ...kept, onWarning: (why) => expect.fail(why) })
      return (await shelf.find(await bucket.stat(toKey(key)))) !== undefined
    }
    await put(up, 'big', old)
    await put(up, 'small', 'x')
    await sync(place(up), place(bucket, 'a'), options)
    // The one has its signature on this machine, the other finds it in the bucket.
    for (const known of [state, await temporaryState()]) {
      const to = place(bucket, 'b')
      await check((dryRun) => copy([place(bucket, 'a')], to, { ...options, state: known, dryRun }))
      expect(await isSigned('b/big')).toBe(true)
    }
    await check(
      (dryRun) => move([place(bucket, 'b')], place(bucket, 'c'), { ...options, dryRun }),
      2,
    )
    expect(await isSigned('c/big')).toBe(true)
    await check((dryRun) => move([place(bucket, 'c')], place(up, 'd'), { ...options, dryRun }), 2)
    await put(bucket, 'a/more', 'x')
    await check((dryRun) => sync(place(up, 'd'), place(bucket, 'a'), { ...options, dryRun }))
    const source = memoryStore()
    await put(source, 'small', 'x')
    await check((dryRun) => sync(place(source), place(bucket, 'a'), { ...options, dryRun }))
    expect(await keys(bucket, '.hawser/')).toEqual([])
  })
})
