// What a dry run tells of --verify is what the run then takes, as its meter counts it.
import { expect, test } from 'vitest'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { bytesOf, expectSame, get, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { edited } from '../transfer/delta/tools.ts'
import { KiB, silent, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { place } from './tools.ts'

const old = bytesOf(12 * MiB, 1)
const delta = { threshold: 8 * MiB, average: 64 * KiB }

describeS3('a dry run with verify', (endpoint) => {
  const isCeph = endpoint.name.startsWith('ceph')
  const isOld = endpoint.name === 'ceph16'

  test.each([
    ['the service itself', false],
    ['one that confirms nothing', true],
  ])('tells requests and bytes: %s', { timeout: 120_000 }, async (_, isSilent) => {
    await using opened = await openBucket(endpoint)
    const bucket = reserved(isSilent ? silent(opened) : opened, defaultReserved)
    const up = localStore(await temporaryDirectory())
    const state = await temporaryState()
    const options = { state, delta, partSize: 5 * MiB, verify: true }
    const run = (more: Partial<SyncOptions> = {}): Promise<RunResult> =>
      sync(place(up), place(bucket, 'data'), { ...options, ...more })
    /** @param inParts how many objects go in parts, and how many of these are new */
    const check = async (inParts: number, news = 0): Promise<void> => {
      const dry = await run({ dryRun: true })
      const real = await run()
      expect(real.predicted).toEqual(dry.predicted)
      expect(real.summary).toMatchObject({ failed: 0, unverified: 0 })
      if (!dry.predicted || !real.actual) throw new Error('nothing was counted')
      const { list = 0, stat = 0, read = 0, remove = 0, ...requests } = dry.predicted.requests
      const { sent, received, inside } = dry.predicted.bytes
      // As docs/costs.md says: older services are looked at where they hold no condition, and do not tell what they
      // completed; and checksums of copied parts may be told in a list only.
      const looks = isOld ? inParts + news : 0
      const lists = dry.summary.saved > 0 && (isCeph || isSilent) ? 1 : 0
      // Ceph gives a copy the etag of parts that its source has: it need not be read again.
      const spared = isCeph && isSilent && inParts > 0 ? 2 : 1
      expect(real.actual.requests).toEqual({
        ...requests,
        list: list + lists,
        stat: stat + looks,
        ...(read > 0 && { read: read / spared }),
        ...(remove > 0 && { remove }),
      })
      expect(real.actual.bytes.inside).toBe(inside)
      // Listings and signatures are bytes, too.
      expect(within(real.actual.bytes.sent - sent)).toBe(true)
      expect(within(real.actual.bytes.received - received / spared)).toBe(true)
    }
    for (const name of ['a', 'b', 'c']) await put(up, name, bytesOf(100_000, 3))
    for (const name of ['big-1', 'big-2']) await put(up, name, old)
    await put(up, 'empty', '')
    // Of a service that has nothing yet nobody knows that it confirms nothing.
    if (isSilent) expect((await run()).summary).toMatchObject({ copied: 6, unverified: 0 })
    else await check(2, 2)
    for (const name of ['a', 'b', 'c']) await put(up, name, bytesOf(100_001, 4))
    await put(up, 'empty', 'not any more')
    await check(0)
    await put(up, 'big-1', edited(old, 6 * MiB, 1, Buffer.from('xy')))
    await check(1)
    await put(up, 'big-1', bytesOf(12 * MiB, 9))
    await check(1)
    expectSame(await get(bucket, 'data/big-1'), bytesOf(12 * MiB, 9))
  })
})

function within(bytes: number): boolean {
  return bytes >= 0 && bytes < 64 * KiB
}
