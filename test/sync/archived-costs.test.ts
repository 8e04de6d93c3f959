// What renames and thaws cost in each storage class of S3, by its price list: a dry run tells what the run then takes.
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { defaultPrices } from '../../src/cost/default-prices.ts'
import type { PriceTable } from '../../src/cost/prices.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { restore } from '../../src/sync/restore.ts'
import { sync } from '../../src/sync/sync.ts'
import { bytesOf, MiB } from '../conformance/tools.ts'
import { KiB, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { archive } from './archive.ts'
import { Events, place } from './tools.ts'

/** A megabyte is their gigabyte, so that amounts are of some size. */
const prices: PriceTable = { ...defaultPrices, endpoints: [], gigabyte: MiB }
/** Of an object of a megabyte and one of a kilobyte, in megabytes: what they have, and what they are charged as. */
const plain = 1 + 1 / 1024
const least = 1 + 128 / 1024
const withIndex = plain + (2 * 32) / 1024

/**
 * Of 1,000 requests: HEAD, COPY. HEAD of each: 3 (the old object, the source of the copy, the destination), and 1 more
 * where it may be archived. Then of both: retrieval, and the least time, none of which is over.
 */
test.each([
  ['STANDARD', 0.0004, 0.005, 3, 0, 0],
  ['REDUCED_REDUNDANCY', 0.0004, 0.005, 3, 0, 0],
  ['INTELLIGENT_TIERING', 0.0004, 0.005, 4, 0, 0],
  ['STANDARD_IA', 0.001, 0.01, 3, 0.01 * plain, 0.0125 * least],
  ['ONEZONE_IA', 0.001, 0.01, 3, 0.01 * plain, 0.01 * least],
  ['GLACIER_IR', 0.01, 0.02, 3, 0.03 * plain, 3 * 0.004 * least],
  ['GLACIER', 0.0004, 0.03, 4, 0, 3 * 0.0036 * withIndex],
  ['DEEP_ARCHIVE', 0.0004, 0.05, 4, 0, 6 * 0.00099 * withIndex],
])('two renames in %s', async (storageClass, head, copy, heads, retrieval, earlyDeletion) => {
  const to = await archive()
  const directory = await temporaryDirectory()
  const state = await temporaryState()
  const at = (name: string): string => join(directory, name)
  const target = place(reserved(to.store, defaultReserved))
  const run = async (options: Partial<SyncOptions> = {}): Promise<RunResult> =>
    sync(place(localStore(directory)), target, { state, prices, delete: true, ...options })
  await writeFile(at('large'), bytesOf(MiB, 1))
  await writeFile(at('small'), bytesOf(KiB, 2))
  await run({ properties: { storageClass } })
  if (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE') {
    for (const key of ['large', 'small'])
      await to.store.archive?.thaw({ key: toKey(key) }, { tier: 'bulk', days: 1 })
    to.pass(12)
  }
  await rename(at('large'), at('large-2'))
  await rename(at('small'), at('small-2'))

  const dry = await run({ dryRun: true })
  const { summary, predicted, actual } = await run()
  expect(summary).toMatchObject({ renamed: 2, removed: 2, copied: 0, archived: 0, failed: 0 })
  const requests = (0.005 + 2 * (heads * head + copy)) / 1000
  for (const totals of [dry.predicted, predicted, actual]) {
    const { cost } = totals ?? {}
    expect(cost?.requests).toBeCloseTo(requests, 9)
    expect(cost?.retrieval).toBeCloseTo(retrieval, 9)
    expect(cost?.earlyDeletion).toBeCloseTo(earlyDeletion, 6)
    expect(cost?.storagePerMonth).toBeCloseTo(0, 9)
  }
  expect(predicted?.cost?.transfer).toBe(0)
  const entries = await Array.fromAsync(target.store.list(toKey('')))
  expect(entries).toMatchObject([
    { key: 'large-2', storageClass },
    { key: 'small-2', storageClass },
  ])
})

/** Of 1,000 requests, and of a megabyte that is retrieved. The copies are kept for three days as STANDARD is. */
test.each([
  ['GLACIER', 'bulk', 0, 0],
  ['GLACIER', 'standard', 0.05, 0.01],
  ['GLACIER', 'expedited', 10, 0.03],
  ['DEEP_ARCHIVE', 'bulk', 0.025, 0.0025],
  ['DEEP_ARCHIVE', 'standard', 0.1, 0.02],
] as const)('two thaws of %s, %s', async (storageClass, tier, request, retrieval) => {
  const { store } = await archive()
  for (const [key, size] of [
    ['large', MiB],
    ['small', KiB],
  ] as const)
    await store.write(toKey(key), bytesOf(size), { properties: { storageClass } })
  const expected = {
    requests: expect.closeTo((2 * request) / 1000, 9),
    retrieval: expect.closeTo(retrieval * plain, 9),
    storage: expect.closeTo((3 / 30) * 0.023 * plain, 9),
    total: expect.closeTo((2 * request) / 1000 + retrieval * plain + (3 / 30) * 0.023 * plain, 9),
    currency: 'USD',
  }
  const state = await temporaryState()
  const thawing = { state, tier, days: 3, prices, recursive: true }
  for (const dryRun of [true, false]) {
    const events = new Events()
    await restore([place(store)], { ...thawing, dryRun, onEvent: events.sink })
    expect(events.all.find(({ type }) => type === 'restore-plan')).toMatchObject({
      objects: 2,
      bytes: MiB + KiB,
      cost: expected,
    })
  }
})
