// What a dry run of renames costs, where storage classes charge for reading and for a least time, is what the run takes.
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Store } from '../../../src/core/store.ts'
import { parsePrices } from '../../../src/cost/prices.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { bytesOf, keys, MiB } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { edited } from '../../transfer/delta/tools.ts'
import { KiB, temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { place } from '../tools.ts'

const requests = { write: 5, part: 5, copy: 5, read: 1, stat: 1 }
const cold = { requests, retrieval: 3, minimumDays: 90, earlyDeletion: 0.5 }
/** A megabyte is its gigabyte, so that amounts are of some size. */
const prices = parsePrices(
  JSON.stringify({
    format: 'hawser-prices',
    version: 1,
    name: 'test',
    date: '2026-01-31',
    currency: 'EUR',
    gigabyte: MiB,
    requests: { list: 5, remove: 0, control: 0 },
    transferOut: [{ price: 9 }],
    defaultClass: 'STANDARD',
    classes: { STANDARD: { storage: 1, ...cold }, STANDARD_IA: { storage: 0.5, ...cold } },
  }),
  'prices.json',
)
const big = bytesOf(12 * MiB, 1)
const months = 3

describeS3('renames', (endpoint) => {
  const classes = endpoint.name === 'hawser' ? [undefined, 'STANDARD_IA'] : [undefined]

  test.each(
    classes.flatMap((storageClass) =>
      [true, false].map((remove) => [storageClass, remove] as const),
    ),
  )('in the class %s, with --delete: %s', async (storageClass, remove) => {
    await using store: Store = reserved(await openBucket(endpoint), defaultReserved)
    const source = await temporaryDirectory()
    const state = await temporaryState()
    const at = (name: string): string => join(source, name)
    const run = (options: Partial<SyncOptions> = {}): Promise<RunResult> =>
      sync(place(localStore(source, { durable: false })), place(store), {
        state,
        prices,
        delta: { threshold: 4 * MiB, average: 64 * KiB },
        partSize: 5 * MiB,
        delete: remove,
        ...options,
      })
    await writeFile(at('small'), bytesOf(MiB, 2))
    await writeFile(at('big'), big)
    await writeFile(at('edited'), bytesOf(12 * MiB, 3))
    await run({ properties: { storageClass } })
    await rename(at('small'), at('small-2'))
    await rename(at('big'), at('big-2'))
    await rename(at('edited'), at('edited-2'))
    await writeFile(at('edited-2'), edited(bytesOf(12 * MiB, 3), 6 * MiB, 1, Buffer.from('x')))

    const dry = await run({ dryRun: true })
    const { summary, predicted, actual } = await run()
    expect(summary).toMatchObject({ renamed: 2, removed: remove ? 3 : 2, copied: 1, failed: 0 })
    for (const part of ['objects', 'bytes', 'requests'] as const)
      expect(predicted?.[part]).toEqual(dry.predicted?.[part])
    const { saved } = summary
    const isCopied = (saved - 13 * MiB) / MiB
    expect(isCopied).toBeGreaterThan(6)
    // What the service copies is retrieved, and what goes too soon is charged for the rest of its time.
    const gone = remove ? 25 : 13
    for (const totals of [dry.predicted, predicted, actual]) {
      expect(totals?.cost?.retrieval).toBeCloseTo(3 * (13 + isCopied), 6)
      expect(totals?.cost?.earlyDeletion).toBeCloseTo(gone * 0.5 * months, 2)
    }
    expect(predicted?.cost?.storagePerMonth).toBeCloseTo(
      (storageClass ? 0.5 : 1) * (remove ? 1 / MiB : 12),
      2,
    )
    expect(actual?.objects).toEqual(predicted?.objects)
    // Ceph has to be asked for the checksums of parts that it copied; and where the older one ignores a condition on
    // a removal, it is looked at before.
    const { list, stat, ...asked } = predicted?.requests ?? {}
    expect(actual?.requests).toMatchObject(asked)
    if (endpoint.name !== 'ceph16') expect(actual?.requests).toMatchObject({ stat })
    if (endpoint.name === 'hawser') expect(actual?.requests).toMatchObject({ list })
    expect(await keys(store, '')).toEqual(
      remove ? ['big-2', 'edited-2', 'small-2'] : ['big-2', 'edited', 'edited-2', 'small-2'],
    )
  })
})
