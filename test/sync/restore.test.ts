import { expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import { locationId } from '../../src/core/location.ts'
import type { Store, ThawTier } from '../../src/core/store.ts'
import { defaultPrices } from '../../src/cost/default-prices.ts'
import type { RestoreCost } from '../../src/core/totals.ts'
import { RestoreEstimate } from '../../src/cost/restore.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { restore } from '../../src/sync/restore.ts'
import type { RestoreOptions } from '../../src/sync/restore-run.ts'
import type { State } from '../../src/state/types.ts'
import { sync } from '../../src/sync/sync.ts'
import { failure } from '../conformance/tools.ts'
import { storeWith, temporaryState } from '../transfer/tools.ts'
import { archive } from './archive.ts'
import { Events, names, place } from './tools.ts'

const cold = ['cold/1', 'cold/2', 'cold/3']
const defaults = { tier: 'bulk', days: 2, recursive: true } as const

async function restoring(
  store: Store,
  prefix: string,
  options: Partial<RestoreOptions> = {},
): ReturnType<typeof restore> {
  return restore([place(store, prefix)], {
    state: await temporaryState(),
    ...defaults,
    ...options,
  })
}

function addressOf(store: Store, key: string): string {
  return `s3://${store.location.root}/${key}`
}

test('all that is archived below is asked for, once, and told before', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  await from.put(undefined, 'cold/warm')
  const state = await temporaryState()
  const events = new Events()
  const { totals, failures } = await restoring(from.store, 'cold/', { state, onEvent: events.sink })
  expect(totals).toMatchObject({ asked: 3, bytes: 18, thawing: 0, readable: 0, failed: 0 })
  expect(failures).toEqual([])
  expect(events.done('thaw')).toEqual(cold.map((key) => addressOf(from.store, key)))
  const kinds = events.all.map(({ type }) => type)
  expect(kinds.indexOf('restore-plan')).toBeLessThan(kinds.indexOf('done'))
  const id = locationId(from.store.location)
  expect((await state.archives.get(id, toKey('cold/1')))?.thaw).toMatchObject({
    tier: 'bulk',
    days: 2,
  })
  expect((await restoring(from.store, 'cold/')).totals).toMatchObject({ asked: 0, thawing: 3 })
  from.pass(12)
  expect((await restoring(from.store, '', { days: 1 })).totals).toMatchObject({
    asked: 0,
    readable: 3,
  })
  expect((await restoring(from.store, '', { days: 9 })).totals).toMatchObject({
    asked: 3,
    readable: 3,
  })
})

/** At which tier, of what is known to have been asked for. */
async function asked({ archives }: State, { location }: Store): Promise<unknown[]> {
  const rows = await Array.fromAsync(archives.list(locationId(location), toKey('')))
  return rows.map(({ thaw }) => thaw?.tier)
}

test('what a sync met is thawed, and nothing else; the next sync brings it', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold, 'other/cold')
  await from.put(undefined, 'cold/4')
  const to = memoryStore()
  const state = await temporaryState()
  await sync(place(from.store, 'cold/'), place(to), { state })
  const events = new Events()
  const { totals } = await restoring(from.store, '', {
    state,
    remembered: true,
    recursive: false,
    wait: true,
    // What is under way while hours pass would be signed too early.
    jobs: 1,
    onEvent: events.sink,
    async sleep() {
      from.pass(1)
    },
  })
  expect(totals).toMatchObject({ asked: 3, thawed: 3, failed: 0 })
  expect(events.done('thawed').toSorted()).toEqual(cold.map((key) => addressOf(from.store, key)))
  const next = await sync(place(from.store, 'cold/'), place(to), { state })
  expect(next.summary).toMatchObject({ copied: 3, archived: 0, failed: 0 })
  // No more left, but what was asked for is known until it is over.
  const again = { state, remembered: true, recursive: false }
  expect((await restoring(from.store, '', again)).totals).toMatchObject({ asked: 0, readable: 0 })
  expect(await asked(state, from.store)).toEqual(['bulk', 'bulk', 'bulk'])
  from.pass(99)
  await restoring(from.store, '', { state, dryRun: true })
  expect(await asked(state, from.store)).toEqual([])
  expect(await names(to)).toEqual(['1', '2', '3', '4'])
  expect(await from.store.archive?.state({ key: toKey('other/cold') })).toMatchObject({
    kind: 'archived',
  })
})

test('a dry run asks for nothing', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const state = await temporaryState()
  const { totals } = await restoring(from.store, '', { state, dryRun: true, wait: true })
  expect(totals).toMatchObject({ asked: 3, thawed: 0, dryRun: true })
  expect(await from.store.archive?.state({ key: toKey('cold/1') })).toMatchObject({
    kind: 'archived',
  })
  expect(await state.archives.count(locationId(from.store.location), toKey(''))).toBe(0)
})

test('a cost above the limit, and one that nobody knows, are refused before anything is asked', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const prices = { ...defaultPrices, endpoints: [] }
  for (const options of [{ prices, maxCost: 0.001, tier: 'expedited' as ThawTier }, { maxCost: 9 }])
    await failure(restoring(from.store, '', options), 'guard')
  const little = restoring(from.store, '', { prices, maxCost: 0.000001, tier: 'standard' })
  expect((await failure(little, 'guard')).message).toBe(
    'refusing to thaw: --max-cost is 0.000001, the cost is 0.000151 USD',
  )
  const { totals } = await restoring(from.store, '', { prices, maxCost: 9, dryRun: true })
  expect(totals.asked).toBe(3)
})

test('to keep what is thawed for longer costs the days that are added', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const prices = { ...defaultPrices, endpoints: [] }
  const costOf = async (days: number): Promise<RestoreCost | undefined> => {
    const events = new Events()
    const options = { prices, days, tier: 'expedited', onEvent: events.sink } as const
    await restoring(from.store, '', options)
    return events.all.find((event) => event.type === 'restore-plan')?.cost
  }
  const first = await costOf(2)
  const added = await costOf(9)
  const aDay = (first?.storage ?? 0) / 2
  expect(added?.retrieval).toBe(0)
  // The service keeps it to the end of the last day.
  expect(added?.storage).toBeGreaterThan(5.99 * aDay)
  expect(added?.storage).toBeLessThan(7.01 * aDay)
  expect((await costOf(9))?.total).toBe(0)
})

test('one that fails stops no other; what the class does not have is a failure of each', async () => {
  const from = await archive()
  await from.put('DEEP_ARCHIVE', 'cold/deep')
  await from.put('GLACIER', ...cold)
  for (const dryRun of [true, false]) {
    const run = await restoring(from.store, 'cold/', { tier: 'expedited', dryRun })
    expect(run.totals).toMatchObject({ asked: 3, failed: 1 })
    expect(run.failures).toMatchObject([{ code: 'invalid-argument', key: 'cold/deep' }])
  }
})

test('an object, what is not there, and a store without archives', async () => {
  const from = await archive()
  await from.put('GLACIER', 'cold', 'cold2')
  const recursive = false
  expect((await restoring(from.store, 'cold', { recursive })).totals.asked).toBe(1)
  await failure(restoring(from.store, 'none', { recursive }), 'not-found')
  await failure(restoring(memoryStore(), ''), 'unsupported')
  await failure(restoring(from.store, 'none'), 'not-found')
  expect((await restoring(from.store, 'none', { remembered: true })).totals.asked).toBe(0)
  await from.put(undefined, 'warm/1')
  expect((await restoring(from.store, 'warm')).totals.asked).toBe(0)
})

test('what was removed is forgotten', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const state = await temporaryState()
  await sync(place(from.store), place(memoryStore()), { state })
  await remove(from.store, 'cold/2')
  const { totals } = await restoring(from.store, '', { state, remembered: true })
  expect(totals).toMatchObject({ asked: 2, failed: 0 })
})

test('an interruption ends the waiting', async () => {
  const from = await archive()
  await from.put('GLACIER', 'cold/1')
  const stop = new AbortController()
  const events = new Events()
  const waiting = restoring(from.store, '', {
    wait: true,
    signal: stop.signal,
    onEvent: events.sink,
    async sleep(_, signal) {
      stop.abort()
      signal?.throwIfAborted()
    },
  })
  expect((await failure(waiting, 'interrupted')).hint).toContain('What was asked for goes on.')
  // Asked for, and waited for.
  const plans = events.all.filter(({ type }) => type === 'plan')
  expect(plans).toMatchObject([{ objects: 2, complete: true }])
})

test('a store that fails in between', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const broken = storeWith(from.store, {
    archive: faulty(from.store, {
      seed: 1,
      exactly: [{ op: 'thaw', nth: 1, fault: 'unavailable' }],
    }).archive,
  })
  const { totals } = await restoring(broken, '', { jobs: 1 })
  expect(totals).toMatchObject({ asked: 2, failed: 1 })
})

/** The store, where something happens before an object is asked for. */
function meddled(store: Store, meddle: (key: string) => Promise<unknown>): Store {
  const { archive: real } = store
  if (!real) throw new Error('a store without archives')
  return storeWith(store, {
    archive: {
      mayHold: (entry) => real.mayHold(entry),
      takes: (tier, storageClass) => real.takes(tier, storageClass),
      state: async (ref, call) => real.state(ref, call),
      async thaw(ref, options) {
        await meddle(ref.key)
        return real.thaw(ref, options)
      },
    },
  })
}

test('what vanishes or is replaced meanwhile is left out, and not waited for', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const state = await temporaryState()
  await sync(place(from.store), place(memoryStore()), { state })
  const store = meddled(from.store, async (key) => {
    if (key === 'cold/1') await remove(from.store, key)
    if (key === 'cold/2')
      await from.store.write(toKey(key), Buffer.from('a larger one'), {
        properties: { storageClass: 'GLACIER' },
      })
  })
  const events = new Events()
  const { totals, failures } = await restoring(store, '', {
    state,
    wait: true,
    tier: 'expedited',
    onEvent: events.sink,
  })
  expect(totals).toMatchObject({ asked: 1, thawed: 1, failed: 0 })
  expect(failures).toEqual([])
  expect(events.skipped()).toEqual({ 1: 'vanished', 2: 'replaced since it was listed' })
  expect(await from.store.archive?.state({ key: toKey('cold/2') })).toMatchObject({
    kind: 'archived',
  })
  const id = locationId(from.store.location)
  expect(await state.archives.count(id, toKey(''))).toBe(1)
})

async function remove(store: Store, key: string): Promise<void> {
  const refs = (async function* () {
    yield { key: toKey(key) }
  })()
  for await (const { error } of store.remove(refs)) if (error) throw error
}

test('what could not be asked for is not waited for', async () => {
  const from = await archive()
  await from.put('DEEP_ARCHIVE', 'cold/deep')
  await from.put('GLACIER', ...cold)
  const { totals, failures } = await restoring(from.store, '', { tier: 'expedited', wait: true })
  expect(totals).toMatchObject({ asked: 3, thawed: 3, failed: 1 })
  expect(failures).toMatchObject([{ code: 'invalid-argument', key: 'cold/deep' }])
})

test('a service that does not answer for a while ends no waiting', async () => {
  const from = await archive()
  await from.put('GLACIER', 'cold/1')
  const exactly = [3, 4, 6].map(
    (nth) => ({ op: 'archiveState', nth, fault: 'unavailable' }) as const,
  )
  const broken = storeWith(from.store, {
    archive: faulty(from.store, { seed: 1, exactly }).archive,
  })
  const events = new Events()
  const { totals } = await restoring(broken, '', {
    wait: true,
    onEvent: events.sink,
    async sleep() {
      from.pass(2)
    },
  })
  expect(totals).toMatchObject({ asked: 1, thawed: 1, failed: 0 })
  expect(events.all.filter(({ type }) => type === 'warn')).toHaveLength(1)
})

test('two runs at once ask for the same, and neither fails', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const runs = await Promise.all(
    [0, 1].map(async () => restoring(from.store, '', { tier: 'standard' })),
  )
  for (const { totals } of runs) {
    expect(totals.asked + totals.thawing).toBe(3)
    expect(totals.failed).toBe(0)
  }
})

test('who may not thaw is told so for each', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  const store = meddled(from.store, async (key) => {
    throw new HawserError('permission-denied', 'not allowed', { op: 'thaw', key: toKey(key) })
  })
  const { totals, failures } = await restoring(store, '', { wait: true })
  expect(totals).toMatchObject({ asked: 0, thawed: 0, failed: 3 })
  expect(failures.map(({ code }) => code)).toEqual(cold.map(() => 'permission-denied'))
})

test.each([
  ['GLACIER', 'bulk', undefined, { requests: 0, retrieval: 0, storage: 0.023 * 0.1 }],
  ['GLACIER', 'standard', undefined, { requests: 0.00005, retrieval: 0.01, storage: 0.0023 }],
  ['GLACIER', 'standard', 1, { requests: 0.00005, retrieval: 0, storage: (0.0023 * 2) / 3 }],
  ['GLACIER', 'standard', 4, { requests: 0.00005, retrieval: 0, storage: 0 }],
  ['INTELLIGENT_TIERING', 'expedited', undefined, { requests: 0.01, retrieval: 0.03, storage: 0 }],
] as const)(
  'the cost of 1 GiB of %s, %s, readable already for days: %s',
  (of, tier, days, expected) => {
    const location = { scheme: 's3' as const, endpoint: 'https://s3.amazonaws.com', root: 'bucket' }
    const estimate = new RestoreEstimate(location, { tier, days: 3 })
    estimate.add(1024 ** 3, of, days)
    const { cost } = estimate
    expect(cost?.requests).toBeCloseTo(expected.requests)
    expect(cost?.retrieval).toBeCloseTo(expected.retrieval)
    expect(cost?.storage).toBeCloseTo(expected.storage)
    const elsewhere = new RestoreEstimate(
      { ...location, endpoint: 'http://127.0.0.1' },
      { tier, days: 3 },
    )
    expect(elsewhere.cost).toBeUndefined()
  },
)
