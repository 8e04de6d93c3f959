// Attributes that an earlier run did not bring: what it recorded says so, and a run that wants them gives them.
import { chmod, chown, mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Attributes } from '../../src/core/attributes.ts'
import { toKey } from '../../src/core/key.ts'
import type { Place } from '../../src/core/place.ts'
import type { Store } from '../../src/core/store.ts'
import type { State } from '../../src/state/state.ts'
import { localStore } from '../../src/stores/local/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { status } from '../../src/sync/status.ts'
import { destinationsOf } from '../../src/sync/synced.ts'
import { sync } from '../../src/sync/sync.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { applyFile, planTo } from './plan/tools.ts'
import { onEachStore } from './stores.ts'
import { place } from './tools.ts'
import { syncAsUser, userDirectory } from './user.ts'

const archive = { archive: true }

onEachStore((open) => {
  let store: Store
  let state: State
  let source = ''
  let to: Place
  let trees = 0
  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store[Symbol.asyncDispose]())
  beforeEach(async () => {
    source = await temporaryDirectory()
    to = place(store, `tree-${trees++}/`)
    state = await temporaryState()
    await writeFile(at('a'), 'content')
    await chmod(at('a'), 0o640)
  })

  const at = (name: string): string => join(source, name)
  const from = (): Place => place(localStore(source, { durable: false }))
  async function run(options: Partial<SyncOptions> = {}): Promise<RunResult['summary']> {
    const result = await sync(from(), to, { state, ...options })
    expect(result.failures).toEqual([])
    return result.summary
  }
  async function attributesOf(name: string): Promise<Attributes> {
    return (await store.stat(toKey(to.prefix + name), { xattrs: true })).attributes
  }
  async function expectMode(name: string, mode: number): Promise<void> {
    expect(((await attributesOf(name)).mode ?? 0) & 0o777).toBe(mode)
  }
  /** What a run with these options that is done again does. */
  async function expectNothingToDo(options: Partial<SyncOptions>): Promise<void> {
    const { traffic, ...counts } = await run(options)
    expect(counts).toMatchObject({ copied: 0, updated: 0, removed: 0 })
    expect(traffic.requests).not.toHaveProperty('copy')
  }
  async function changed(options: { archive?: boolean }): Promise<(string | undefined)[]> {
    const [synced] = await destinationsOf(from(), state)
    if (!synced) throw new Error('not synced')
    const told = await Array.fromAsync(status(from(), synced, { state, ...options }))
    return told.map(({ name, change }) => (change === 'changed' ? name : undefined))
  }

  test('of what was synced without them', async () => {
    await run()
    expect(await changed({})).toEqual([])
    expect(await changed(archive)).toEqual(['a'])
    await chmod(at('a'), 0o600)
    await run()
    const dry = await run({ ...archive, dryRun: true })
    const done = await run(archive)
    expect(done).toMatchObject({ copied: 0, updated: 1 })
    expect(dry).toMatchObject({ copied: 0, updated: 1 })
    expect(done.bytes).toBe(0)
    await expectMode('a', 0o600)
    expect(await changed(archive)).toEqual([])
    await expectNothingToDo(archive)
  })

  test('of what was changed, and synced without them', async () => {
    await run(archive)
    await chmod(at('a'), 0o600)
    await run()
    await expectMode('a', 0o640)
    expect(await run(archive)).toMatchObject({ copied: 0, updated: 1 })
    await expectMode('a', 0o600)
    await run()
    await expectNothingToDo(archive)
  })

  test('of what was renamed without them', async () => {
    await run(archive)
    await rename(at('a'), at('b'))
    await chmod(at('b'), 0o600)
    await run()
    await run(archive)
    await expectMode('b', 0o600)
    await expectNothingToDo(archive)
  })

  test('extended ones of what was synced without these', async () => {
    const local = localStore(source)
    await mkdir(at('d'))
    const xattrs = { note: Buffer.from('x') }
    for (const name of ['a', 'd/']) await local.setAttributes?.(toKey(name), { xattrs })
    await run(archive)
    const both = { ...archive, xattrs: true }
    expect(await run(both)).toMatchObject({ copied: 0 })
    expect((await attributesOf('a')).xattrs).toEqual({ note: new Uint8Array(xattrs.note) })
    await run(archive)
    await expectNothingToDo(both)
    await local.setAttributes?.(toKey('a'), { xattrs: {} })
    await run(both)
    expect((await attributesOf('a')).xattrs ?? {}).toEqual({})
    await expectNothingToDo(both)
  })

  test('a plan gives them, once', async () => {
    await run()
    await chmod(at('a'), 0o600)
    const file = join(await temporaryDirectory(), 'plan')
    const { result } = await planTo(from(), to, { state, ...archive }, file)
    expect(result.summary).toMatchObject({ copied: 0, updated: 1 })
    const applied = await applyFile(file, from(), to, { state })
    expect(applied.failures).toEqual([])
    expect(applied.summary).toMatchObject({ copied: 0, updated: 1 })
    await expectMode('a', 0o600)
    const again = await applyFile(file, from(), to, { state })
    expect(again.summary).toMatchObject({ copied: 0, updated: 0, failed: 0 })
    await expectNothingToDo(archive)
  })
})

test.runIf(process.getuid?.() === 0)('owners of what was there already, by time', async () => {
  const [source, target] = [await temporaryDirectory(), await temporaryDirectory()]
  const [from, to] = [localStore(source), localStore(target)]
  const mtime = 1_000_000_000_000_000_000n
  for (const [store, uid] of [
    [from, 1000],
    [to, 1001],
  ] as const) {
    await store.write(toKey('a'), Buffer.from('a'))
    await store.setAttributes?.(toKey('a'), { mode: 0o100644, uid, gid: uid, mtime })
  }
  const state = await temporaryState()
  const { summary } = await sync(place(from), place(to), { state, archive: true })
  expect(summary).toMatchObject({ copied: 0, updated: 1, failed: 0 })
  expect((await to.stat(toKey('a'))).attributes).toMatchObject({ uid: 1000, gid: 1000 })
})

test.runIf(process.getuid?.() === 0)(
  'owners that its user may not give are none to give',
  async () => {
    const directory = userDirectory()
    for (const [name, uid] of [
      ['src/a', 1000],
      ['dst/a', 1001],
    ] as const) {
      const path = join(directory, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, 'a')
      await chown(path, uid, uid)
      await utimes(path, 1_000_000_000, 1_000_000_000)
    }
    const told = await syncAsUser(directory, { archive: true })
    expect(told).toMatchObject({ failures: [], summary: { copied: 0, updated: 0, unchanged: 1 } })
  },
)
