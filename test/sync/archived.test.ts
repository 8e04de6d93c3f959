import { rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { locationId } from '../../src/core/location.ts'
import type { Store } from '../../src/core/store.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { put } from '../conformance/tools.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { archive, thawNow } from './archive.ts'
import { contents, Events, fill, names, place } from './tools.ts'

const cold = ['cold/1', 'cold/2', 'cold/3']
const warm = ['a', 'b', 'c', 'd', 'e', 'f', 'z']

function warnings({ all }: Events): string[] {
  return all.flatMap((event) => (event.type === 'warn' ? [event.message] : []))
}

test('a sync leaves what is archived, brings the rest, and goes on when it is thawed', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  await from.put(undefined, ...warm)
  const to = memoryStore()
  const state = await temporaryState()
  const events = new Events()
  const first = await sync(place(from.store), place(to), { state, onEvent: events.sink })
  expect(first.summary).toMatchObject({ copied: 7, archived: 3, skipped: 0, failed: 0 })
  expect(first.failures).toEqual([])
  expect(await names(to)).toEqual(warm)
  expect(events.skipped()).toEqual({ 1: 'archived', 2: 'archived', 3: 'archived' })
  expect(warnings(events)).toEqual([
    expect.stringMatching(/^3 objects are archived and were left: .*cold\/1, .*--remembered s3:/),
  ])
  const id = locationId(from.store.location)
  expect(await state.archives.count(id, toKey(''))).toBe(3)
  expect(await state.archives.get(id, toKey('cold/1'))).toMatchObject({
    size: 6,
    storageClass: 'GLACIER',
    command: 'sync',
  })
  await thawNow(from, 'cold/1')
  await from.store.archive?.thaw({ key: toKey('cold/2') }, { tier: 'bulk', days: 1 })
  const again = new Events()
  const second = await sync(place(from.store), place(to), { state, onEvent: again.sink })
  expect(second.summary).toMatchObject({ copied: 1, archived: 2, unchanged: 7 })
  expect(again.skipped()).toEqual({ 2: 'archived, and being thawed', 3: 'archived' })
  expect(await state.archives.count(id, toKey(''))).toBe(2)
  from.pass(13)
  await thawNow(from, 'cold/3')
  const other = await temporaryState()
  const last = await sync(place(from.store), place(to), { state: other })
  expect(last.summary).toMatchObject({ copied: 2, archived: 0, failed: 0 })
  expect(await contents(to)).toMatchObject({ 'cold/3': 'cold/3' })
})

test('a dry run sees what is archived, asks only of classes that may be, and remembers nothing', async () => {
  const from = await archive()
  await from.put('GLACIER', ...cold)
  await from.put('STANDARD_IA', ...warm)
  const state = await temporaryState()
  const events = new Events()
  const dry = await sync(place(from.store), place(memoryStore()), {
    state,
    dryRun: true,
    onEvent: events.sink,
  })
  expect(dry.summary).toMatchObject({ copied: 7, archived: 3, failed: 0 })
  expect(dry.summary.traffic.requests.stat).toBe(3)
  expect(warnings(events)[0]).toContain(
    'To thaw, once a run that is no dry one has remembered them: hawser restore --remembered s3://',
  )
  expect(await state.archives.count(locationId(from.store.location), toKey(''))).toBe(0)
})

test('deletions go on, but what is to give place to an archived object stays', async () => {
  const from = await archive()
  await from.put('GLACIER', 'cold')
  await from.put(undefined, 'a')
  const to = localStore(await temporaryDirectory(), { durable: false })
  await fill(to, 'extra')
  const state = await temporaryState()
  const first = await sync(place(from.store), place(to), { state, delete: true })
  expect(first.summary).toMatchObject({ copied: 1, removed: 1, archived: 1, failed: 0 })
  await fill(to, 'cold/below', 'more')
  const second = await sync(place(from.store), place(to), { state, delete: true })
  expect(second.summary).toMatchObject({ removed: 0, archived: 1, failed: 0 })
  expect(await names(to)).toEqual(['a', 'cold/below', 'more'])
})

test('what is moved stays where it was while it is archived', async () => {
  const from = await archive()
  await from.put('GLACIER', 'tree/cold')
  await from.put(undefined, 'tree/warm')
  const to = memoryStore()
  const state = await temporaryState()
  const run = await move([place(from.store, 'tree/')], place(to), { state, recursive: true })
  expect(run.summary).toMatchObject({ moved: 1, archived: 1, failed: 0 })
  expect(await names(to)).toEqual(['warm'])
  await thawNow(from, 'tree/cold')
  const moved = await move([place(from.store, 'tree/')], place(from.store, 'new/'), {
    state,
    recursive: true,
  })
  expect(moved.summary).toMatchObject({ moved: 1, archived: 0, failed: 0 })
  expect((await from.store.stat(toKey('new/cold'))).storageClass).toBe('GLACIER')
})

test.each([true, false])(
  'a renamed file whose object is archived stays under its old name until it is thawed, with --delete: %s',
  async (remove) => {
    const to = await archive()
    const directory = await temporaryDirectory()
    const state = await temporaryState()
    const properties = { storageClass: 'GLACIER' }
    const target = place(reserved(to.store, defaultReserved))
    const run = async (): Promise<RunResult> =>
      sync(place(localStore(directory)), target, { state, properties, delete: remove })
    await writeFile(join(directory, 'old'), 'content')
    await run()
    await rename(join(directory, 'old'), join(directory, 'new'))
    for (let again = 0; again < 2; again++) {
      const { summary } = await run()
      expect(summary).toMatchObject({ renamed: 0, copied: 0, removed: 0, archived: 1, failed: 0 })
      expect(await keysOf(to.store)).toEqual(['old'])
    }
    const id = locationId(to.store.location)
    expect(await state.archives.count(id, toKey(''))).toBe(1)
    await thawNow(to, 'old')
    const { summary } = await run()
    expect(summary).toMatchObject({ renamed: 1, copied: 0, removed: 1, archived: 0, failed: 0 })
    expect(await keysOf(to.store)).toEqual(['new'])
    expect(await state.archives.count(id, toKey(''))).toBe(0)
  },
)

async function keysOf(store: Store): Promise<string[]> {
  return (await Array.fromAsync(store.list(toKey('')))).map(({ key }) => key)
}

test('single objects and copies inside of the service are left too', async () => {
  const from = await archive()
  await from.put('GLACIER', 'cold')
  const state = await temporaryState()
  for (const to of [memoryStore(), from.store]) {
    const run = await copy([place(from.store, 'cold')], place(to, 'copy'), { state })
    expect(run.summary).toMatchObject({ copied: 0, archived: 1, failed: 0 })
    expect(run.failures).toEqual([])
  }
})

test('an archived object at the destination is replaced without being thawed', async () => {
  const to = await archive()
  await to.put('GLACIER', 'same', 'other')
  const from = memoryStore()
  await put(from, 'same', 'same')
  await put(from, 'other', 'is another one')
  const run = await sync(place(from), place(to.store), { state: await temporaryState() })
  expect(run.summary).toMatchObject({ copied: 1, archived: 0, failed: 0, unchanged: 1 })
  expect(await to.store.archive?.state({ key: toKey('other') })).toEqual({ kind: 'readable' })
})

test('what cannot be kept as a backup is neither replaced nor removed until it is thawed', async () => {
  const to = await archive()
  await to.put('GLACIER', 'data/object', 'data/gone')
  const from = memoryStore()
  await put(from, 'object', 'is another one')
  const state = await temporaryState()
  const events = new Events()
  const run = async (dryRun = false): Promise<RunResult> =>
    sync(place(from), place(to.store, 'data/'), {
      state,
      dryRun,
      backupDir: place(to.store, 'kept/'),
      delete: true,
      onEvent: events.sink,
    })
  // What is not replaced keeps the rest from being removed.
  expect((await run(true)).summary).toMatchObject({ archived: 2, failed: 0 })
  events.all.length = 0
  expect((await run()).summary).toMatchObject({ copied: 0, removed: 0, archived: 2, failed: 0 })
  expect((await to.store.stat(toKey('data/object'))).storageClass).toBe('GLACIER')
  expect(warnings(events)).toEqual([
    expect.stringMatching(/^2 objects are archived .*--remembered s3:\/\/bucket\/data\/$/),
  ])
  expect(await state.archives.count(locationId(from.location), toKey(''))).toBe(0)
  expect(
    await state.archives.get(locationId(to.store.location), toKey('data/object')),
  ).toMatchObject({ size: 11, storageClass: 'GLACIER' })
  await thawNow(to, 'data/object', 'data/gone')
  expect((await run()).summary).toMatchObject({ copied: 1, removed: 1, archived: 0, failed: 0 })
  expect(await keysOf(to.store)).toEqual(['data/object', 'kept/gone', 'kept/object'])
})

test('a file with another time, whose object is archived, is left and told', async () => {
  const to = await archive()
  const directory = await temporaryDirectory()
  const state = await temporaryState()
  const run = async (dryRun = false): Promise<RunResult> =>
    sync(place(localStore(directory)), place(to.store), {
      state,
      dryRun,
      properties: { storageClass: 'GLACIER' },
    })
  await writeFile(join(directory, 'a'), 'content')
  await run()
  await utimes(join(directory, 'a'), 1_700_000_000, 1_700_000_000)
  for (const dryRun of [true, false])
    expect((await run(dryRun)).summary).toMatchObject({ updated: 0, copied: 0, archived: 1 })
  await thawNow(to, 'a')
  expect((await run()).summary).toMatchObject({ updated: 1, copied: 0, archived: 0, failed: 0 })
})
