// What an apply makes of a plan: what a sync would have done, and nothing of what is no longer as it was planned.
import { chmod, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { placeId, type Place } from '../../../src/core/place.ts'
import type { Store } from '../../../src/core/store.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import type { State } from '../../../src/state/state.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import { apply } from '../../../src/sync/plan/apply.ts'
import { PlanFile } from '../../../src/sync/plan/file.ts'
import type { PlannedAction } from '../../../src/sync/plan/types.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { bytesOf, expectSame, failure, get, MiB, put, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { dying } from '../renames/tools.ts'
import { onEachStore } from '../stores.ts'
import { contents, Events, place } from '../tools.ts'
import { applyFile, planTo } from './tools.ts'

onEachStore(cases)

describeS3('from a bucket', (endpoint) => {
  test.each([
    ['to a disk', async () => localStore(await temporaryDirectory(), { durable: false })],
    ['to a bucket', () => openBucket(endpoint)],
  ])('%s', async (_, open) => {
    await using from = reserved(await openBucket(endpoint), defaultReserved)
    await using to = await open()
    const state = await temporaryState()
    const big = bytesOf(6 * MiB)
    await put(from, 'd/big', big)
    for (const name of ['a', 'b', 'c']) await put(from, name, name)
    await put(to, 'a', 'older')
    await put(to, 'extra', 'extra')
    const { file, result } = await planTo(place(from), place(to), { state, delete: true })
    expect(result.summary).toMatchObject({ copied: 4, removed: 1, failed: 0 })
    await put(from, 'b', 'changed')
    await remove(from, 'c')
    const refused = await applyFile(file, place(from), place(to), { state, partSize: 5 * MiB })
    expect(refused.failures.map(({ code, key }) => `${code} ${key}`).toSorted()).toEqual([
      'conflict b',
      'conflict c',
    ])
    expect(refused.summary).toMatchObject({ copied: 2, removed: 0 })
    await put(from, 'c', 'c')
    const anew = await planTo(place(from), place(to), { state, delete: true }, file)
    expect(anew.result.summary).toMatchObject({ copied: 2, removed: 1, unchanged: 2 })
    const applied = await applyFile(file, place(from), place(to), { state })
    expect(applied.failures).toEqual([])
    expect(applied.summary).toMatchObject({ copied: 2, removed: 1, unchanged: 0 })
    expectSame(await get(to, 'd/big'), big)
    const again = await applyFile(file, place(from), place(to), { state: await temporaryState() })
    expect(again.summary).toMatchObject({ copied: 0, updated: 0, removed: 0, failed: 0 })
    // Nothing but a listing of each side.
    const synced = await sync(place(from), place(to), { state, delete: true })
    expect(synced.summary).toMatchObject({ copied: 0, updated: 0, removed: 0, unchanged: 4 })
    expect(Object.keys(synced.summary.traffic.requests)).toEqual(['list'])
  })
})

function cases(open: () => Promise<Store>): void {
  let store: Store
  let state: State
  let from: Place
  let to: Place
  let source = ''
  let file = ''
  let events: Events
  let trees = 0

  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store[Symbol.asyncDispose]())
  beforeEach(async () => {
    source = await temporaryDirectory()
    from = place(localStore(source, { durable: false }))
    to = place(store, `tree-${trees++}/`)
    state = await temporaryState()
  })

  const at = (name: string): string => join(source, name)
  const key = (name: string): string => `${to.prefix}${name}`
  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, body] of Object.entries(files)) {
      await mkdir(dirname(at(name)), { recursive: true })
      await writeFile(at(name), body)
    }
  }
  async function makePlan(options: Partial<SyncOptions> = {}): Promise<RunResult> {
    const planned = await planTo(from, to, { state, maxDelete: 99, ...options })
    ;({ file } = planned)
    return planned.result
  }
  async function applyIt(how: { dryRun?: boolean; state?: State } = {}): Promise<RunResult> {
    events = new Events()
    return applyFile(file, from, to, { state, onEvent: events.sink, ...how })
  }
  async function expectTarget(files: Record<string, string>): Promise<void> {
    const found = await contents(store, to.prefix)
    expect(found).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, body]) => [key(name), body])),
    )
  }
  /** What was refused, by name. */
  function refused({ failures }: RunResult): Record<string, string> {
    const told = failures.map((error): [string, string] => {
      expect(error.code).toBe('conflict')
      return [(error.key ?? '').replace(to.prefix, ''), error.message]
    })
    return Object.fromEntries(told)
  }
  const sourceDrift = 'the source is not what the plan says'
  const targetDrift = 'the destination is not what the plan says'
  const nothingDone = { copied: 0, renamed: 0, updated: 0, removed: 0, failed: 0 }
  const sent = (): number =>
    events.all.reduce((sum, event) => sum + (event.type === 'done' ? event.sent : 0), 0)

  test('what was planned is done, once, and nothing that came later', async () => {
    await write({ a: 'a', 'd/b': 'b', same: 'same' })
    await sync(from, to, { state })
    await put(store, key('extra'), 'extra')
    await write({ a: 'changed', 'd/c': 'c' })
    const { summary } = await makePlan({ delete: true })
    expect(summary).toMatchObject({ copied: 2, removed: 1, unchanged: 2, failed: 0 })
    await expectTarget({ a: 'a', 'd/b': 'b', same: 'same', extra: 'extra' })
    await write({ later: 'later' })
    await put(store, key('foreign'), 'foreign')
    const dry = await applyIt({ dryRun: true })
    expect(dry.summary).toMatchObject({ copied: 2, removed: 1, failed: 0, dryRun: true })
    await expectTarget({ a: 'a', 'd/b': 'b', same: 'same', extra: 'extra', foreign: 'foreign' })
    const applied = await applyIt()
    expect(applied.summary).toMatchObject({ command: 'apply', copied: 2, removed: 1, failed: 0 })
    const after = { a: 'changed', 'd/b': 'b', 'd/c': 'c', same: 'same', foreign: 'foreign' }
    await expectTarget(after)
    const again = await applyIt()
    expect(again.summary).toMatchObject({ ...nothingDone, unchanged: 3 })
    await expectTarget(after)
    expect((await sync(from, to, { state })).summary).toMatchObject({ copied: 1, unchanged: 4 })
  })

  test('a source that changed is refused, others go on, and nothing is removed', async () => {
    await write({ a: 'a', b: 'b', c: 'c', d: 'd' })
    await put(store, key('extra'), 'extra')
    await makePlan({ delete: true })
    await writeFile(at('a'), 'A')
    await rm(at('b'))
    await rm(at('c'))
    await mkdir(at('c'))
    const applied = await applyIt()
    expect(refused(applied)).toEqual({ a: sourceDrift, b: sourceDrift, c: sourceDrift })
    expect(applied.summary).toMatchObject({ copied: 1, removed: 0, failed: 3 })
    await expectTarget({ d: 'd', extra: 'extra' })
  })

  test('a destination that changed is refused, whatever was to be done to it', async () => {
    await write({ added: 'new', changed: 'new', lost: 'new', gone: 'gone', fine: 'new' })
    for (const name of ['changed', 'lost', 'removed'])
      await put(store, key(name), 'older than that')
    await makePlan({ delete: true })
    for (const name of ['added', 'changed', 'removed']) await put(store, key(name), 'foreign')
    await remove(store, key('lost'))
    const applied = await applyIt()
    expect(refused(applied)).toEqual({
      added: targetDrift,
      changed: targetDrift,
      lost: targetDrift,
      removed: targetDrift,
    })
    expect(applied.summary).toMatchObject({ copied: 2, removed: 0 })
    const foreign = { added: 'foreign', changed: 'foreign', removed: 'foreign' }
    await expectTarget({ ...foreign, gone: 'gone', fine: 'new' })
  })

  test('what is to be removed and has come back to the source stays', async () => {
    await write({ a: 'a' })
    await put(store, key('b'), 'b')
    await makePlan({ delete: true })
    await write({ b: 'back' })
    const applied = await applyIt()
    expect(refused(applied)).toEqual({ b: sourceDrift })
    await expectTarget({ a: 'a', b: 'b' })
  })

  test('what filters leave out may be removed as it was planned, and only so', async () => {
    await write({ a: 'a', out: 'out' })
    for (const name of ['out', 'other']) await put(store, key(name), 'there')
    await makePlan({ delete: true, deleteExcluded: true, rules: ['- out'] })
    expect((await applyIt()).summary).toMatchObject({ copied: 1, removed: 2, failed: 0 })
    await expectTarget({ a: 'a' })
  })

  test('what is changed when it is removed stays', async () => {
    await write({ a: 'a' })
    await sync(from, to, { state })
    await put(store, key('extra'), 'extra')
    await makePlan({ delete: true })
    const meddling: Store = {
      ...store,
      async *remove(refs, call) {
        await put(store, key('extra'), 'another')
        yield* store.remove(refs, call)
      },
    }
    const result = await applyFile(file, from, { ...to, store: meddling }, { state })
    const message = 'another program changed the destination during the run'
    expect(refused(result)).toEqual({ extra: message })
    await expectTarget({ a: 'a', extra: 'another' })
    const noted = await Array.fromAsync(
      state.pairs.conflicts({ source: placeId(from), target: placeId(to) }),
    )
    expect(noted).toMatchObject([{ key: 'extra', message }])
  })

  test('an empty source removes nothing', async () => {
    await write({ a: 'a' })
    await sync(from, to, { state })
    await put(store, key('b'), 'b')
    await makePlan({ delete: true })
    await rm(at('a'))
    const applied = await applyIt()
    expect(applied.failures).toMatchObject([{ code: 'guard' }])
    await expectTarget({ a: 'a', b: 'b' })
  })

  test('renames, swaps and rings send nothing', async () => {
    await write({ a: 'aa', b: 'bb', old: 'old', x: 'one', y: 'two', z: 'six' })
    await sync(from, to, { state })
    await rename(at('old'), at('new'))
    for (const [one, other] of [
      ['a', 't'],
      ['b', 'a'],
      ['t', 'b'],
      ['x', 't'],
      ['y', 'x'],
      ['z', 'y'],
      ['t', 'z'],
    ] as const)
      await rename(at(one), at(other))
    const { summary } = await makePlan({ delete: true })
    expect(summary).toMatchObject({ copied: 5, renamed: 1, removed: 1 })
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/"do":"rename","name":"new","from":\{"name":"old","by":"file"/)
    const dry = await applyIt({ dryRun: true })
    expect(dry.summary).toMatchObject({ copied: 5, renamed: 1, removed: 1, failed: 0 })
    const applied = await applyIt()
    expect(applied.failures).toEqual([])
    expect(applied.summary).toMatchObject({ copied: 5, renamed: 1, removed: 1 })
    if (!store.traits.hierarchical) expect(sent()).toBe(0)
    const after = { a: 'bb', b: 'aa', new: 'old', x: 'two', y: 'six', z: 'one' }
    await expectTarget(after)
    expect((await applyIt()).summary).toMatchObject(nothingDone)
    await expectTarget(after)
  })

  describe('an old name, in a plan that removes nothing else,', () => {
    const options = { skipVanished: true, ignoreExisting: true }
    beforeEach(async () => {
      await write({ a: 'content', other: 'other' })
      await sync(from, to, { state })
      await rename(at('a'), at('b'))
      const { summary } = await makePlan(options)
      expect(summary).toMatchObject({ renamed: 1, removed: 1, failed: 0 })
    })

    test('goes with the file', async () => {
      expect((await applyIt()).summary).toMatchObject({ renamed: 1, removed: 1, failed: 0 })
      await expectTarget({ b: 'content', other: 'other' })
      expect(events.all.filter(({ type }) => type === 'warn')).toEqual([])
    })

    test('also where the run was killed in between', async () => {
      for (let after = 0; after < 3; after++)
        await applyFile(file, from, { ...to, store: dying(store, after, false) }, { state }).catch(
          () => {},
        )
      await applyIt()
      const there = await contents(store, to.prefix)
      expect(there).toMatchObject({ [key('b')]: 'content', [key('other')]: 'other' })
      expect((await applyIt()).summary).toMatchObject({ renamed: 0, removed: 0, failed: 0 })
    })

    test.each([
      ['the file vanished', async () => rm(at('b'))],
      ['the file has another name again', async () => rename(at('b'), at('c'))],
      ['another program made the new one', async () => put(store, key('b'), 'theirs')],
    ])('stays where %s', async (_, happen) => {
      await happen()
      const { summary } = await applyIt()
      expect(summary).toMatchObject({ renamed: 0, removed: 0 })
      expect(await contents(store, to.prefix)).toMatchObject({ [key('a')]: 'content' })
    })
  })

  test('what is kept beside, and backups, are no names for plans', async () => {
    await write({ a: 'a' })
    const backupDir = place(store, toKey(`${to.prefix}kept/`))
    await makePlan({ backupDir })
    const action = {
      do: 'copy',
      name: toKey('kept/a'),
      source: { kind: 'file', size: 1, modified: 0n, etag: undefined },
      target: undefined,
    } as const
    await using read = await PlanFile.open(file)
    const forged = {
      header: read.header,
      async *actions(): AsyncGenerator<PlannedAction> {
        yield action
      },
    }
    const { failures } = await apply(from, to, forged, { state, backupDir })
    expect(failures).toMatchObject([{ code: 'invalid-argument' }])
  })

  test('a plan that is changed while it is applied removes nothing', async () => {
    await write({ a: 'a', b: 'b', c: 'c' })
    await sync(from, to, { state })
    for (const name of ['a', 'b']) await rm(at(name))
    await makePlan({ delete: true })
    await using read = await PlanFile.open(file)
    const text = await readFile(file, 'utf8')
    const lines = text.trimEnd().split('\n')
    await writeFile(file, `${[...lines.slice(0, -2), ...lines.slice(-1)].join('\n')}\n`)
    expect(await failure(apply(from, to, read, { state }), 'invalid-config')).toMatchObject({
      message: expect.stringContaining('changed while it was applied'),
    })
    await expectTarget({ a: 'a', b: 'b', c: 'c' })
  })

  test('a rename needs no state, and no other bytes than were planned', async () => {
    await write({ old: 'old', other: 'other' })
    await sync(from, to, { state })
    await rename(at('old'), at('new'))
    await rename(at('other'), at('moved'))
    await makePlan({ delete: true })
    await put(store, key('other'), 'foreign')
    const applied = await applyIt({ state: await temporaryState() })
    expect(refused(applied)).toEqual({
      moved: 'other, which it was to be copied from, is not what the plan says',
      other: targetDrift,
    })
    expect(applied.summary).toMatchObject({ renamed: 1, copied: 0, removed: 0 })
    expect(sent()).toBe(0)
    await expectTarget({ old: 'old', new: 'old', other: 'foreign' })
  })

  test('without the state, what is proven equal is done', async () => {
    await write({ a: 'a', b: 'b' })
    await makePlan()
    await applyIt()
    await put(store, key('b'), 'x')
    const applied = await applyIt({ state: await temporaryState() })
    expect(refused(applied)).toEqual({ b: targetDrift })
    expect(applied.summary).toMatchObject({ copied: 0 })
    await expectTarget({ a: 'a', b: 'x' })
  })

  test('compressed, also without the state', async () => {
    if (store.traits.hierarchical) return
    await write({ text: 'text '.repeat(1000) })
    await makePlan({ compress: 'zstd' })
    expect((await applyIt()).summary).toMatchObject({ copied: 1, failed: 0 })
    expect((await store.stat(toKey(key('text')))).size).toBeLessThan(1000)
    expect((await applyIt()).summary).toMatchObject({ ...nothingDone, unchanged: 1 })
    const fresh = await applyIt({ state: await temporaryState() })
    expect(fresh.summary).toMatchObject({ ...nothingDone, unchanged: 1 })
  })

  test('names that lead out of the trees are refused', async () => {
    await write({ a: 'a' })
    await makePlan()
    await using read = await PlanFile.open(file)
    const [one] = await Array.fromAsync(read.actions())
    for (const name of ['../a', '/a', 'd/../../a']) {
      async function* actions(): AsyncGenerator<PlannedAction> {
        if (one) yield { ...one, name: toKey(name) }
      }
      const { failures } = await apply(from, to, { header: read.header, actions }, { state })
      expect(failures.map(({ code }) => code)).toEqual(['invalid-argument'])
    }
  })

  test('what replaces files and directories', async () => {
    if (!store.traits.hierarchical) return
    await write({ file: 'is a file', 'dir/a': 'is in a directory' })
    for (const name of ['file/in', 'file/deep/in', 'dir']) await put(store, key(name), 'in the way')
    const { summary } = await makePlan({ delete: true })
    expect(summary).toMatchObject({ copied: 2, removed: 3, failed: 0 })
    expect((await applyIt()).summary).toMatchObject({ copied: 2, removed: 3, failed: 0 })
    await expectTarget({ file: 'is a file', 'dir/a': 'is in a directory' })
    expect((await applyIt()).summary).toMatchObject(nothingDone)
  })

  test('attributes and directories, with -a', async () => {
    await write({ a: 'a', 'd/b': 'b' })
    await sync(from, to, { state, archive: true })
    await chmod(at('a'), 0o600)
    await utimes(at('a'), 5, 5)
    await mkdir(at('empty'))
    await chmod(at('d'), 0o700)
    // A bucket's directory is an object, which is written again.
    const updated = store.traits.hierarchical ? 2 : 1
    const { summary } = await makePlan({ archive: true })
    expect(summary).toMatchObject({ updated, failed: 0 })
    expect((await applyIt()).summary).toMatchObject({ updated, failed: 0 })
    const { attributes } = await store.stat(toKey(key('a')))
    expect(attributes.mtime).toBe(5_000_000_000n)
    expect((attributes.mode ?? 0) & 0o777).toBe(0o600)
    expect(await store.stat(toKey(key('empty/')))).toMatchObject({ kind: 'directory' })
    expect((await applyIt()).summary).toMatchObject(nothingDone)
    const synced = await sync(from, to, { state, archive: true, dryRun: true })
    expect(synced.summary).toMatchObject(nothingDone)
    await chmod(at('a'), 0o644)
    expect(refused(await applyIt())).toEqual({ a: sourceDrift })
  })

  test.each([
    ['takes effect', true],
    ['does not', false],
  ])('killed again and again, each time later, where the last request %s', async (_, lost) => {
    await write({ a: 'aa', b: 'bb', old: 'old', edited: 'before', stays: 'stays', gone: 'gone' })
    await sync(from, to, { state })
    for (const [one, other] of [
      ['a', 't'],
      ['b', 'a'],
      ['t', 'b'],
      ['old', 'd/new'],
    ] as const) {
      await mkdir(dirname(at(other)), { recursive: true })
      await rename(at(one), at(other))
    }
    await rm(at('gone'))
    await write({ edited: 'after', added: 'added', 'd/too': 'too' })
    await makePlan({ delete: true })
    let runs = 0
    for (; ; runs++) {
      expect(runs).toBeLessThan(40)
      const target = { ...to, store: dying(store, runs, lost) }
      const run = applyFile(file, from, target, { state, jobs: 1 })
      const { summary } = await run.catch(() => ({ summary: { failed: 1 } }))
      if (summary.failed === 0) break
    }
    expect(runs).toBeGreaterThan(2)
    const after = { a: 'bb', b: 'aa', 'd/new': 'old', edited: 'after', stays: 'stays' }
    await expectTarget({ ...after, added: 'added', 'd/too': 'too' })
    expect((await applyIt()).summary).toMatchObject(nothingDone)
    const synced = await sync(from, to, { state, delete: true })
    expect(synced.summary).toMatchObject(nothingDone)
  })

  test('backups go where the plan says', async () => {
    await write({ a: 'new' })
    await put(store, key('a'), 'older')
    await put(store, key('b'), 'gone')
    const backupDir = place(store, `kept-${trees}/`)
    await makePlan({ delete: true, backupDir })
    const given = { state, backupDir }
    expect((await applyFile(file, from, to, given)).summary).toMatchObject({
      copied: 1,
      removed: 1,
    })
    expect(await contents(store, backupDir.prefix)).toEqual({
      [`${backupDir.prefix}a`]: 'older',
      [`${backupDir.prefix}b`]: 'gone',
    })
  })

  test('where something fails there is no plan', async () => {
    await write({ a: 'a', b: 'b' })
    const options = { filesFrom: ['a', 'missing'] }
    const { result } = await planTo(from, to, { state, ...options }, at('../never'))
    expect(result.failures).toMatchObject([{ code: 'not-found' }])
    await expect(readFile(at('../never'))).rejects.toThrow('ENOENT')
  })

  test('for other places it is refused', async () => {
    await write({ a: 'a' })
    await makePlan()
    const beside = place(store, `${to.prefix}beside/`)
    const error = await failure(applyFile(file, from, beside, { state }), 'invalid-argument')
    expect(error.message).toContain(`the plan is for `)
    if (!store.traits.hierarchical) {
      const other = { ...to, store: reserved(store, toKey('other/')) }
      const refusal = await failure(applyFile(file, from, other, { state }), 'invalid-argument')
      expect(refusal.message).toMatch(/ with signatures below \.hawser\/$/)
    }
    await expectTarget({})
  })

  test('applies are in the history, plans are not', async () => {
    await write({ a: 'a' })
    await makePlan()
    await applyIt()
    const runs = await Array.fromAsync(state.runs.list(9))
    expect(runs).toMatchObject([{ command: 'apply', exitCode: 0, summary: { copied: 1 } }])
  })
}
