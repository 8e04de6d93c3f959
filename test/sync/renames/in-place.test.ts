// On a disk a renamed file is renamed: not one byte is written, and what speaks against that makes it a copy.
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Place } from '../../../src/core/place.ts'
import type { Store } from '../../../src/core/store.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import type { State } from '../../../src/state/types.ts'
import { type ReadPlan, apply } from '../../../src/sync/plan/apply.ts'
import { PlanFile, writePlan } from '../../../src/sync/plan/file.ts'
import { plan } from '../../../src/sync/plan/plan.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { Events, place } from '../tools.ts'
import { dying, filesOf } from './tools.ts'

let source = ''
let target = ''
let from: Place
let disk: Store
let state: State
let events: Events

beforeEach(async () => {
  source = await temporaryDirectory()
  target = await temporaryDirectory()
  from = place(localStore(source, { durable: false }))
  disk = localStore(target, { durable: false })
  state = await temporaryState()
})

async function run(
  options: Partial<SyncOptions> = {},
  { to = disk, of = from }: { readonly to?: Store; readonly of?: Place } = {},
): Promise<RunResult> {
  events = new Events()
  return sync(of, place(to), { state, jobs: 3, onEvent: events.sink, ...options })
}

const here = (name: string): string => join(source, name)
const there = (name: string): string => join(target, name)

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, body] of Object.entries(files)) {
    await mkdir(dirname(here(name)), { recursive: true })
    await writeFile(here(name), body)
  }
}

async function inodeOf(name: string): Promise<bigint> {
  return (await lstat(there(name), { bigint: true })).ino
}

async function refuse(): Promise<never> {
  throw new HawserError('internal', 'it is written to', { op: 'test' })
}

/** The disk, where any write is a failure. */
function readOnly(): Store {
  const copy = disk.copy && { ...disk.copy, copy: refuse }
  return storeWith(disk, { write: refuse, multipart: undefined, copy })
}

const kinds = [{ delete: true }, { delete: false }] as const

test.each(kinds)('a directory of 1,000 files: each is the file that it was (%o)', async (how) => {
  const names = Array.from({ length: 1000 }, (_, i) => `part-${i % 7}/file-${i}`)
  await write(Object.fromEntries(names.map((name) => [`old/${name}`, `contents of ${name}`])))
  await run()
  const inodes = await Promise.all(names.map((name) => inodeOf(`old/${name}`)))
  await rename(here('old'), here('new'))
  const dry = await run({ ...how, dryRun: true })
  const { summary, predicted, actual } = await run(how, { to: readOnly() })
  for (const told of [dry.summary, summary])
    expect(told).toMatchObject({ renamed: 1000, removed: 1000, copied: 0, failed: 0 })
  expect(predicted).toEqual(dry.predicted)
  for (const totals of [predicted, actual])
    expect(totals).toMatchObject({ bytes: { inside: 0 }, objects: { copied: 0, removed: 1000 } })
  expect(await Promise.all(names.map((name) => inodeOf(`new/${name}`)))).toEqual(inodes)
  expect(await readdir(target)).toEqual(['new'])
  const again = await run({ delete: true })
  expect(again.summary).toMatchObject({ renamed: 0, removed: 0, copied: 0, unchanged: 1000 })
})

test('mode and owner come along, and the times of both directories', async () => {
  await write({ 'd/a': 'content' })
  await run({ archive: true })
  const inode = await inodeOf('d/a')
  await mkdir(here('e'))
  await rename(here('d/a'), here('e/b'))
  await chmod(here('e/b'), 0o600)
  await chown(here('e/b'), 1234, 1235)
  await utimes(here('e'), 1_500_000_000, 1_500_000_000)
  await utimes(here('d'), 1_400_000_000, 1_400_000_000)
  const { summary } = await run({ archive: true })
  expect(summary).toMatchObject({ renamed: 1, removed: 1, updated: 0, failed: 0 })
  const { mode, uid, gid, mtimeMs } = await stat(here('e/b'))
  expect(await stat(there('e/b'))).toMatchObject({ mode, uid, gid })
  expect((await stat(there('e/b'))).mtimeMs).toBeCloseTo(mtimeMs, 2)
  expect(await inodeOf('e/b')).toBe(inode)
  expect((await stat(there('e'))).mtimeMs).toBe(1_500_000_000_000)
  expect((await stat(there('d'))).mtimeMs).toBe(1_400_000_000_000)
  const again = await run({ archive: true, delete: true })
  expect(again.summary).toMatchObject({ copied: 0, renamed: 0, updated: 0, removed: 0 })
})

test('in a chain, and onto a name that is there: what others need goes on first', async () => {
  await write({ a: 'one', b: 'two', c: 'three', 'x/y': 'four', z: 'five' })
  await run()
  const [a, xy] = [await inodeOf('a'), await inodeOf('x/y')]
  await rename(here('c'), here('d'))
  await rename(here('b'), here('c'))
  await rename(here('a'), here('b'))
  await rename(here('x/y'), here('z'))
  const { summary } = await run({ delete: true })
  expect(summary).toMatchObject({ renamed: 2, removed: 2, copied: 2, failed: 0, saved: 15 })
  expect(await filesOf(target)).toEqual({ b: 'one', c: 'two', d: 'three', z: 'four' })
  expect([await inodeOf('b'), await inodeOf('z')]).toEqual([a, xy])
})

test('what has the same contents is copied before they have another name', async () => {
  const contents = 'x'.repeat(2 ** 20)
  await write({ first: contents, y: 'to be replaced', z: 'too' })
  await run()
  // A rename proves the file's checksum, which a copy from disk to disk does not take.
  await rename(here('first'), here('a'))
  await run()
  await rename(here('a'), here('b'))
  await write({ saved: contents })
  await rename(here('saved'), here('y'))
  await using whole = await planned({ delete: true })
  for (const told of [
    (await run({ delete: true, dryRun: true })).summary,
    (await apply(from, place(disk), whole, { state, jobs: 1 })).summary,
  ])
    expect(told).toMatchObject({ renamed: 1, copied: 1, removed: 1, saved: 2 ** 21, failed: 0 })
  await rename(here('b'), here('c'))
  await write({ saved: contents })
  await rename(here('saved'), here('z'))
  const { summary } = await run({ delete: true, jobs: 1 })
  expect(summary).toMatchObject({ renamed: 1, copied: 1, removed: 1, saved: 2 ** 21, failed: 0 })
})

test('a directory stays that something is to come to', async () => {
  await write({ 'd/a': 'one', 'f/b': 'two' })
  await run()
  await chmod(there('d'), 0o700)
  await mkdir(here('c'))
  await rename(here('d/a'), here('c/a'))
  await rename(here('f/b'), here('d/b'))
  const { summary } = await run({ jobs: 1 })
  expect(summary).toMatchObject({ renamed: 2, removed: 2, failed: 0 })
  expect(await filesOf(target)).toEqual({ 'c/a': 'one', 'd/b': 'two' })
  expect((await stat(there('d'))).mode & 0o777).toBe(0o700)
  expect(await readdir(target)).toEqual(['c', 'd'])
})

test('with backups it is a copy, and the old one is kept', async () => {
  await write({ a: 'content' })
  await run()
  const inode = await inodeOf('a')
  await rename(here('a'), here('b'))
  const { summary } = await run({ backupDir: place(disk, '.kept/') })
  expect(summary).toMatchObject({ renamed: 1, removed: 1, failed: 0 })
  expect(await filesOf(target)).toEqual({ b: 'content', '.kept/a': 'content' })
  expect(await inodeOf('b')).not.toBe(inode)
})

test('of a file with other names at the destination, these keep what they have', async () => {
  await write({ a: 'content', c: 'more' })
  await run({ archive: true })
  const kept = await temporaryDirectory()
  await link(there('a'), join(kept, 'a'))
  await link(there('c'), join(kept, 'c'))
  const { mode } = await stat(join(kept, 'c'))
  // What has other names now is not as it was recorded, but the same.
  await run({ archive: true })
  const [a, c] = [await inodeOf('a'), await inodeOf('c')]
  await rename(here('a'), here('b'))
  await rename(here('c'), here('d'))
  await chmod(here('d'), 0o600)
  const { summary } = await run({ archive: true })
  expect(summary).toMatchObject({ renamed: 2, removed: 2, failed: 0 })
  expect([(await inodeOf('b')) === a, (await inodeOf('d')) === c]).toEqual([true, false])
  expect((await stat(there('d'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(kept, 'c'))).mode).toBe(mode)
  expect(await filesOf(kept)).toEqual({ a: 'content', c: 'more' })
})

test('a link at the new name gives place, and not what it leads to', async () => {
  await write({ a: 'content', b: 'to be a link' })
  await run({ archive: true })
  await writeFile(join(target, 'led-to'), 'led to')
  await rm(there('b'))
  await symlink('led-to', there('b'))
  const inode = await inodeOf('a')
  await rename(here('a'), here('b'))
  const { summary } = await run({ archive: true })
  expect(summary).toMatchObject({ renamed: 1, removed: 1, failed: 0 })
  expect(await filesOf(target)).toEqual({ b: 'content', 'led-to': 'led to' })
  expect(await inodeOf('b')).toBe(inode)
})

test('where the store cannot after all, it is copied', async () => {
  await write({ a: 'content' })
  await run()
  await rename(here('a'), here('b'))
  const to: Store = storeWith(disk, {
    rename: async () => {
      throw new HawserError('unsupported', 'two file systems', { op: 'rename' })
    },
  })
  const { summary } = await run({}, { to })
  expect(summary).toMatchObject({ renamed: 1, removed: 1, failed: 0, saved: 7 })
  expect(await filesOf(target)).toEqual({ b: 'content' })
})

test('the guards of removals do not count it, and it stays where they refuse the others', async () => {
  await write({ a: 'content', c: 'gone' })
  await run()
  await rename(here('a'), here('b'))
  await rm(here('c'))
  const { summary, failures } = await run({ delete: true, maxDelete: 0 })
  expect(summary).toMatchObject({ renamed: 1, removed: 1, failed: 1 })
  expect(failures).toMatchObject([{ code: 'guard', message: expect.stringContaining('1 object') }])
  expect(await filesOf(target)).toEqual({ b: 'content', c: 'gone' })
  expect((await run({ delete: true, maxDelete: 1 })).summary).toMatchObject({ removed: 1 })
})

test.each(kinds)('after a failure it is a copy, and the old name stays (%o)', async (how) => {
  await write({ a: 'content' })
  await run()
  await rename(here('a'), here('b'))
  const incomplete = storeWith(from.store, {
    async *list(prefix, options) {
      options?.onProblem?.(new HawserError('permission-denied', 'no', { op: 'list' }))
      yield* from.store.list(prefix, options)
    },
  })
  const { summary } = await run(how, { of: { ...from, store: incomplete } })
  expect(summary).toMatchObject({ removed: 0, failed: 1 })
  expect(await filesOf(target)).toEqual({ a: 'content', b: 'content' })
})

test('what has its old name again when its turn comes is copied', async () => {
  await write({ a: 'content' })
  await run()
  const inode = await inodeOf('a')
  await rename(here('a'), here('b'))
  let looks = 0
  const back = storeWith(from.store, {
    async stat(key, call) {
      // It gets its second name between the two looks that each take two stats.
      if (++looks === 3) await link(here('b'), here('a'))
      return from.store.stat(key, call)
    },
  })
  const { summary } = await run({}, { of: { ...from, store: back } })
  expect(looks).toBeGreaterThan(3)
  expect(summary.failed).toBe(0)
  expect(await filesOf(target)).toMatchObject({ b: 'content' })
  expect(await inodeOf('b')).not.toBe(inode)
  await run()
  expect(await filesOf(target)).toEqual({ a: 'content', b: 'content' })
})

test('another program comes before it at the new name', async () => {
  for (const failOnConflict of [true, false]) {
    await write({ a: 'content', b: 'to be replaced' })
    await run({ delete: true })
    await rename(here('a'), here('b'))
    const { rename: renameThere } = disk
    let isFirst = true
    const to: Store = storeWith(disk, {
      rename:
        renameThere &&
        (async (...call) => {
          if (isFirst) await writeFile(there('b'), 'foreign')
          isFirst = false
          return renameThere(...call)
        }),
    })
    const { summary, failures } = await run({ delete: true, failOnConflict }, { to })
    expect(isFirst).toBe(false)
    if (failOnConflict) {
      expect(failures).toMatchObject([{ code: 'conflict', key: 'b' }])
      expect(await filesOf(target)).toEqual({ a: 'content', b: 'foreign' })
    } else {
      expect(summary).toMatchObject({ renamed: 1, removed: 1, failed: 0 })
      expect(await filesOf(target)).toEqual({ b: 'content' })
    }
    await rm(here('b'))
  }
})

test.each(kinds)('killed at any step, and run again: nothing is lost (%o)', async (how) => {
  for (const lost of [true, false])
    for (let after = 0, died = true; died; after++) {
      const before = `tree-${after}-${lost}`
      await write({ [`${before}/a`]: 'one', [`${before}/b`]: 'two', [`${before}/c`]: 'three' })
      await run({ archive: true, delete: true })
      await rename(here(before), here('moved'))
      await rename(here('moved/a'), here('moved/d'))
      await rename(here('moved/b'), here('moved/a'))
      await chmod(here('moved/d'), 0o600)
      const killed = await run({ ...how, archive: true }, { to: dying(disk, after, lost) }).catch(
        () => undefined,
      )
      died = killed === undefined || killed.summary.failed > 0
      const found = Object.values(await filesOf(target))
      expect(found).toEqual(expect.arrayContaining(['one', 'two', 'three']))
      const { failures } = await run({ archive: true, delete: true })
      expect(failures).toEqual([])
      expect(await filesOf(target)).toEqual(await filesOf(source))
      expect((await stat(there('moved/d'))).mode & 0o777).toBe(0o600)
      const again = await run({ archive: true, delete: true })
      expect(again.summary).toMatchObject({ copied: 0, renamed: 0, updated: 0, removed: 0 })
      await rm(here('moved'), { recursive: true })
    }
})

async function planned(options: Partial<SyncOptions>): Promise<ReadPlan & AsyncDisposable> {
  const file = join(await temporaryDirectory(), 'plan')
  await plan(from, place(disk), { state, hawser: '1.0.0', ...options }, (header, lines) =>
    writePlan(file, header, lines),
  )
  return PlanFile.open(file)
}

test.each(kinds)('a plan of it is applied so, also to its end after a kill (%o)', async (how) => {
  await write({ 'd/a': 'one', 'd/b': 'two', 'd/c': 'three' })
  await run()
  const inodes = await Promise.all(['a', 'b', 'c'].map((name) => inodeOf(`d/${name}`)))
  await rename(here('d'), here('e'))
  await using whole = await planned(how)
  expect(whole.header.counts).toMatchObject({ renamed: 3, copied: 0, removed: 3, saved: 11 })
  const killed = await apply(from, place(dying(readOnly(), 1, true)), whole, { state, jobs: 1 })
  expect(killed.summary).toMatchObject({ renamed: 1, removed: 1 })
  const { failures } = await apply(from, place(readOnly()), whole, { state })
  expect(failures).toEqual([])
  expect(await filesOf(target)).toEqual({ 'e/a': 'one', 'e/b': 'two', 'e/c': 'three' })
  const now = await Promise.all(['a', 'b', 'c'].map((name) => inodeOf(`e/${name}`)))
  expect(now).toEqual(inodes)
  const again = await apply(from, place(disk), whole, { state })
  expect(again.summary).toMatchObject({ copied: 0, renamed: 0, removed: 0, failed: 0 })
})

test('an apply goes on where a kill left a file under both of its names', async () => {
  await write({ a: 'one', b: 'two' })
  await run()
  await rename(here('a'), here('c'))
  await using whole = await planned({ delete: true })
  await link(there('a'), there('c'))
  const { failures } = await apply(from, place(disk), whole, { state })
  expect(failures).toEqual([])
  expect(await filesOf(target)).toEqual({ b: 'two', c: 'one' })
})

test('what was to be renamed and is gone is sent', async () => {
  await write({ a: 'one', b: 'two' })
  await run()
  await rename(here('a'), here('c'))
  const { rename: renameThere } = disk
  const to = storeWith(disk, {
    rename:
      renameThere &&
      (async (...call) => {
        await rm(there('a'))
        return renameThere(...call)
      }),
  })
  const { failures } = await run({ delete: true }, { to })
  expect(failures).toEqual([])
  expect(await filesOf(target)).toEqual({ b: 'two', c: 'one' })
})

test.each(kinds)('what drifted since the plan is left as it is (%o)', async (how) => {
  await write({ a: 'one', b: 'two', c: 'three', d: 'four' })
  await run()
  await rename(here('a'), here('x'))
  await rename(here('b'), here('y'))
  await rename(here('c'), here('z'))
  await using whole = await planned(how)
  await writeFile(there('x'), 'foreign')
  await writeFile(there('b'), 'changed')
  const { summary, failures } = await apply(from, place(disk), whole, { state })
  expect(failures.map(({ code }) => code)).toEqual(['conflict', 'conflict', 'conflict'])
  expect(summary.removed).toBe(0)
  expect(await filesOf(target)).toMatchObject({ a: 'one', b: 'changed', x: 'foreign' })
  expect(await readFile(there('z'), 'utf8')).toBe('three')
})
