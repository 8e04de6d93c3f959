import { lutimes, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isLink } from '../../src/core/attributes.ts'
import { HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import { locationId } from '../../src/core/location.ts'
import type { Entry, Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import { sync } from '../../src/sync/sync.ts'
import { bytesOf, expectSame, failure, get, put, remove } from '../conformance/tools.ts'
import {
  KiB,
  multipartOf,
  nothing,
  settled,
  storeWith,
  temporaryDirectory,
  temporaryState,
  unfinished,
  withMultipart,
} from '../transfer/tools.ts'
import { contents, Events, fill, names, pair, place } from './tools.ts'

function numbered(count: number, prefix = 'n'): string[] {
  return Array.from({ length: count }, (_, i) => prefix + String(i).padStart(6, '0'))
}

/** The store, where one object cannot be written. */
function refusing(store: Store, name: string): Store {
  return storeWith(store, {
    write: async (key, body, call) => {
      if (key === name)
        throw new HawserError('permission-denied', 'not this one', {
          op: 'write',
          location: store.location,
          key,
        })
      return store.write(key, body, call)
    },
  })
}

test('a state that was lost: nothing that is equal is sent again', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await fill(from, ...numbered(50))
  await sync(place(from), place(to), { state: await temporaryState() })
  await put(from, 'n000007', 'changed')
  const { summary } = await sync(place(from), place(to), { state: await temporaryState() })
  expect(summary).toMatchObject({ copied: 1, unchanged: 49, failed: 0 })
  expect(summary.traffic.sent).toBe('changed'.length)
  expect(summary.traffic.requests).toEqual({ list: 2, read: 1, write: 1 })
  expect(await contents(to)).toEqual(await contents(from))
})

test.each(['to a bucket', 'from a bucket'])('the same from disk %s, by the MD5', async (way) => {
  const disk = localStore(await temporaryDirectory(), { durable: false })
  const bucket = memoryStore()
  const [from, to] = way === 'to a bucket' ? [disk, bucket] : [bucket, disk]
  await put(from, 'small', 'x')
  await put(from, 'dir/big', bytesOf(20 * 1024 * KiB))
  await sync(place(from), place(to), { state: await temporaryState() })
  const { summary } = await sync(place(from), place(to), { state: await temporaryState() })
  expect(summary).toMatchObject({ copied: 0, unchanged: 2, failed: 0 })
  expect(summary.traffic).toMatchObject({ sent: 0 })
  expectSame(await get(to, 'dir/big'), bytesOf(20 * 1024 * KiB))
})

test('two files of one size and time that are swapped', async () => {
  const directory = await temporaryDirectory()
  const { from, to, run } = await pair(localStore(directory, { durable: false }))
  await put(from, 'a', 'one')
  await put(from, 'b', 'two')
  for (const name of ['a', 'b']) await utimes(join(directory, name), 1e9, 1e9)
  await run()
  await rename(join(directory, 'a'), join(directory, 'c'))
  await rename(join(directory, 'b'), join(directory, 'a'))
  await rename(join(directory, 'c'), join(directory, 'b'))
  const { summary } = await run()
  expect(summary).toMatchObject({ copied: 2, failed: 0 })
  expect(await contents(to)).toEqual({ a: 'two', b: 'one' })
  expect((await run()).summary).toMatchObject({ copied: 0, unchanged: 2 })
})

test.each(['to a bucket', 'from a bucket'])(
  'both sides were changed alike, then the disk’s back: %s',
  async (way) => {
    const disk = localStore(await temporaryDirectory(), { durable: false })
    const bucket = memoryStore()
    const { from, to, run } = await pair(
      ...(way === 'to a bucket' ? [disk, bucket] : [bucket, disk]),
    )
    await put(from, 'a', 'one')
    await run()
    for (const store of [disk, bucket]) await put(store, 'a', 'two')
    expect((await run()).summary).toMatchObject({ copied: 0 })
    await put(disk, 'a', 'one')
    expect((await run()).summary).toMatchObject({ copied: 1 })
    expect(await contents(to)).toEqual(await contents(from))
  },
)

test('a link and a file of the same bytes are not the same, in a bucket either', async () => {
  const directory = await temporaryDirectory()
  const path = join(directory, 'a')
  const { to, run } = await pair(localStore(directory, { durable: false }))
  await put(to, 'a', 'x')
  await symlink('x', path)
  expect((await run({ links: 'preserve' })).summary).toMatchObject({ copied: 1 })
  expect(isLink((await to.stat(toKey('a'))).attributes)).toBe(true)
  await rm(path)
  await writeFile(path, 'x')
  expect((await run()).summary).toMatchObject({ copied: 1 })
  expect(isLink((await to.stat(toKey('a'))).attributes)).toBe(false)
})

test('a file that was only touched gets its time, and is not sent', async () => {
  const directory = await temporaryDirectory()
  const { from, to, run } = await pair(localStore(directory, { durable: false }))
  await put(from, 'a', 'one')
  await run()
  await utimes(join(directory, 'a'), 1e9, 1e9)
  const { summary } = await run()
  expect(summary).toMatchObject({ copied: 0, updated: 1 })
  expect(summary.traffic.sent).toBe(0)
  expect((await to.stat(toKey('a'))).attributes.mtime).toBe(1_000_000_000_000_000_000n)
  expect((await run()).summary).toMatchObject({ copied: 0, updated: 0, unchanged: 1 })
})

test('a checksum run over objects that have no time of their own changes nothing', async () => {
  const [store, state] = [memoryStore(), await temporaryState()]
  await put(store, 'x/a', 'one')
  const run = (checksum: boolean): ReturnType<typeof sync> =>
    sync(place(store, 'x'), place(store, 'y'), { state, checksum })
  expect((await run(false)).summary).toMatchObject({ copied: 1 })
  expect((await run(true)).summary).toMatchObject({ copied: 0, updated: 0, unchanged: 1 })
})

test('an empty source removes nothing', async () => {
  const { to, run } = await pair()
  await fill(to, 'a', 'b')
  const { summary, failures } = await run({ delete: true, maxDelete: '100%' })
  expect(summary).toMatchObject({ removed: 0, failed: 1 })
  expect(failures.map(({ code }) => code)).toEqual(['guard'])
  expect(await names(to)).toEqual(['a', 'b'])
})

test.each([
  [99, 1, 98],
  [100, 50, 50],
])('of %i objects with %i at the source, %i are removed', async (count, kept, removed) => {
  const { from, to, run } = await pair()
  await fill(from, ...numbered(kept))
  await fill(to, ...numbered(count))
  const { summary } = await run({ delete: true })
  expect(summary).toMatchObject({ removed, failed: 0 })
  expect(await names(to)).toEqual(await names(from))
})

test('directories that are not kept are no objects of which a share may be removed', async () => {
  const { from, to, run } = await pair(
    memoryStore(),
    localStore(await temporaryDirectory(), { durable: false }),
  )
  await fill(from, 'kept')
  await fill(to, 'kept', 'a/b/c/gone')
  const { summary, failures } = await run({ delete: true, maxDelete: '40%' })
  expect(summary).toMatchObject({ removed: 0, failed: 1 })
  expect(failures.map(({ code }) => code)).toEqual(['guard'])
})

test('from 100 objects on, more than half are not removed', async () => {
  const { from, to, run } = await pair()
  await fill(from, ...numbered(49))
  await fill(to, ...numbered(100))
  for (const dryRun of [true, false]) {
    const { summary, failures } = await run({ delete: true, dryRun })
    expect(summary).toMatchObject({ removed: 0, failed: 1 })
    expect(failures[0]?.code).toBe('guard')
    expect(failures[0]?.hint).toContain('--max-delete 51')
  }
  expect((await names(to)).length).toBe(100)
  expect((await run({ delete: true, maxDelete: 51 })).summary).toMatchObject({ removed: 51 })
})

test.each<[SyncOptions['maxDelete'], number]>([
  [0, 0],
  [4, 0],
  [5, 5],
  ['49%', 0],
  ['50%', 5],
  ['0%', 0],
])('max-delete %s of ten, five too many: %i are removed', async (maxDelete, removed) => {
  const { from, to, run } = await pair()
  await fill(from, ...numbered(5))
  await fill(to, ...numbered(10))
  const { summary } = await run({ delete: true, maxDelete })
  expect(summary).toMatchObject({ removed, failed: removed === 0 ? 1 : 0 })
  expect((await names(to)).length).toBe(10 - removed)
})

test('an object that fails stops no other, and then nothing is removed', async () => {
  const { from, to, run } = await pair()
  await fill(from, ...numbered(60))
  await fill(to, 'old')
  const events = new Events()
  const { summary, failures } = await run(
    { delete: true, onEvent: events.sink, jobs: 4 },
    from,
    refusing(to, 'n000030'),
  )
  expect(summary).toMatchObject({ copied: 59, removed: 0, failed: 1 })
  expect(failures[0]).toMatchObject({ code: 'permission-denied', key: 'n000030' })
  expect((await names(to)).length).toBe(60)
  expect(await names(to)).toContain('old')
  expect(events.all.filter(({ type }) => type === 'warn').length).toBe(1)
  events.expectSummaryLast()
  expect((await run({ delete: true })).summary).toMatchObject({ copied: 1, removed: 1, failed: 0 })
})

/** The store, whose listing has a problem where `hidden` begins, and does not show what is there. */
function hiding(store: Store, hidden: string): Store {
  return storeWith(store, {
    async *list(prefix, call) {
      let told = false
      for await (const entry of store.list(prefix, call)) {
        if (!entry.key.startsWith(hidden)) yield entry
        else if (!told) {
          told = true
          call?.onProblem?.(new HawserError('permission-denied', 'cannot be read', { op: 'list' }))
        }
      }
    },
  })
}

test('what a listing problem hides at the source is not removed at the destination', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a', 'secret/b', 'z')
  await run()
  const { summary } = await run({ delete: true }, hiding(from, 'secret/'))
  expect(summary).toMatchObject({ removed: 0, failed: 1 })
  expect(await names(to)).toEqual(['a', 'secret/b', 'z'])
})

test('what it hides at the destination is neither', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a')
  await fill(to, 'secret/b', 'y')
  const { summary } = await run({ delete: true }, from, hiding(to, 'secret/'))
  expect(summary).toMatchObject({ removed: 1, failed: 0 })
  expect(await names(to)).toEqual(['a', 'secret/b'])
})

test('a listing that breaks removes nothing', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a', 'b', 'c')
  await fill(to, 'b', 'x')
  const breaking = storeWith(from, {
    async *list(prefix, call) {
      for await (const entry of from.list(prefix, call)) {
        if (entry.key === 'c') throw new HawserError('unavailable', 'broke', { op: 'list' })
        yield entry
      }
    },
  })
  await failure(run({ delete: true }, breaking), 'unavailable')
  expect(await names(to)).toEqual(['a', 'b', 'x'])
})

test('below links that are passed over the destination is left as it is', async () => {
  const directory = await temporaryDirectory()
  const { from, to, run } = await pair(localStore(directory, { durable: false }))
  await put(from, 'file')
  // `link-2` comes between `link` and what is below it.
  for (const name of ['link', 'link-2']) await symlink('file', join(directory, name))
  await fill(to, 'link/a', 'link-2/b', 'link-3/c', 'linkc')
  const { summary } = await run({ delete: true })
  expect(summary).toMatchObject({ copied: 1, skipped: 2, removed: 2, failed: 0 })
  expect(await names(to)).toEqual(['file', 'link-2/b', 'link/a'])
})

/** All that lies in the tree, with kinds, modes and times. */
async function facts(store: Store): Promise<object[]> {
  const found: object[] = []
  for await (const { key, kind, file } of store.list(toKey(''), { directories: true })) {
    const { attributes } = await store.stat(key)
    found.push({ key, kind, mode: file?.mode, mtime: Number(attributes.mtime) / 1e9 })
  }
  return found
}

test('trees with directories, links, modes and times go there and back', async () => {
  const [first, second] = [await temporaryDirectory(), await temporaryDirectory()]
  const [disk, bucket] = [localStore(first, { durable: false }), memoryStore()]
  const back = localStore(join(second, 'back'), { durable: false })
  await put(disk, 'dir/sub/file', 'x', { attributes: { mtime: 10n ** 18n, mode: 0o100600 } })
  await mkdir(join(first, 'empty'))
  await symlink('../nowhere', join(first, 'dir/link'))
  // Whole seconds: what lies between can be set to less than a microsecond only.
  for (const [i, name] of ['dir/link', 'dir/sub', 'dir', 'empty'].entries())
    await lutimes(join(first, name), 1e9, 1e9 + i)
  const state = await temporaryState()
  const up = { state, archive: true }
  expect((await sync(place(disk), place(bucket), up)).summary.failed).toBe(0)
  expect((await sync(place(bucket), place(back), up)).summary.failed).toBe(0)
  expect(await facts(back)).toEqual(await facts(disk))
  for (const [from, to] of [
    [disk, bucket],
    [bucket, back],
  ] as const) {
    const { summary } = await sync(place(from), place(to), { ...up, delete: true })
    expect(summary).toMatchObject({ copied: 0, updated: 0, removed: 0, failed: 0 })
  }
})

test('objects in parts; uploads that nobody goes on with are aborted at the end', async () => {
  const { from, to, run } = await pair()
  await put(from, 'a', bytesOf(300 * KiB))
  await put(from, 'b', bytesOf(300 * KiB, 2))
  const controller = new AbortController()
  const aborting = withMultipart(to, (multipart) => ({
    part: async (...given) => {
      const receipt = await multipart.part(...given)
      if (given[1].number === 3) controller.abort()
      return receipt
    },
  }))
  const options = { partSize: 64 * KiB, jobs: 1 }
  await failure(run({ ...options, signal: controller.signal }, from, aborting), 'interrupted')
  expect((await unfinished(to)).length).toBeGreaterThan(0)
  await remove(from, 'a')
  const { summary } = await run(options)
  expect(summary).toMatchObject({ copied: 1, failed: 0 })
  expect(await unfinished(to)).toEqual([])
  expectSame(await get(to, 'b'), bytesOf(300 * KiB, 2))
})

test('an interruption is one error, and leaves the destination free for the next run', async () => {
  const { from, to, run } = await pair()
  await fill(from, ...numbered(200))
  const controller = new AbortController()
  const onEvent = (event: { type: string }): void => {
    if (event.type === 'done') controller.abort(new Error('any reason'))
  }
  await failure(run({ signal: controller.signal, onEvent, jobs: 3 }), 'interrupted')
  const { length } = await names(to)
  expect(length).toBeLessThan(20)
  const { summary } = await run({ delete: true })
  expect(summary).toMatchObject({ copied: 200 - length, unchanged: length, failed: 0 })
})

test('a missing directory is an empty destination; a missing source is an error', async () => {
  const directory = await temporaryDirectory()
  const disk = localStore(join(directory, 'not', 'there'), { durable: false })
  const { from, run } = await pair(memoryStore(), disk)
  await fill(from, 'a')
  expect((await run()).summary).toMatchObject({ copied: 1, failed: 0 })
  const missing = localStore(join(directory, 'missing'))
  await failure(run({ delete: true }, missing), 'not-found')
  expect(await names(disk)).toEqual(['a'])
})

test.each<[string, string, string, boolean]>([
  ['itself', 'x', 'x/', false],
  ['what is in it', 'x', 'x/y', false],
  ['what is in it', '', 'y', false],
  ['what is around it, with delete', 'x/y', 'x', true],
])('a tree is not synced into %s', async (_, from, to, removing) => {
  const [store, state] = [memoryStore(), await temporaryState()]
  await fill(store, 'x/y/a', 'x/b', 'y/c')
  const before = await names(store)
  const running = sync(place(store, from), place(store, to), { state, delete: removing })
  await failure(running, 'invalid-argument')
  expect(await names(store)).toEqual(before)
})

test('a tree is synced to what is around it, and to one whose name begins alike', async () => {
  const [store, state] = [memoryStore(), await temporaryState()]
  await fill(store, 'x/y/a')
  await sync(place(store, 'x/y'), place(store, 'x'), { state })
  await sync(place(store, 'x'), place(store, 'x-old'), { state, delete: true })
  expect(await names(store)).toEqual(['x-old/a', 'x-old/y/a', 'x/a', 'x/y/a'])
})

test('a source file that changes between its listing and its comparison is copied', async () => {
  const [from, to] = [localStore(await temporaryDirectory(), { durable: false }), memoryStore()]
  const { run } = await pair(from, to)
  await put(from, 'a', 'one')
  await put(to, 'a', 'two')
  let changed = false
  const changing = storeWith(from, {
    readInto: async (...given) => {
      if (!changed) await put(from, 'a', 'three')
      changed = true
      return from.readInto(...given)
    },
  })
  const { summary } = await run({}, changing)
  expect(summary).toMatchObject({ copied: 1, failed: 0 })
  expect(await contents(to)).toEqual({ a: 'three' })
})

/** A store that lists so many objects, all made up as they are asked for. */
class MadeUp {
  listed = 0
  readonly store: Store
  constructor(count: number, onListed: (listed: number) => void = nothing) {
    this.store = storeWith(memoryStore(), { list: () => this.#entries(count, onListed) })
  }
  async *#entries(count: number, onListed: (listed: number) => void): AsyncGenerator<Entry> {
    for (let i = 0; i < count; i++) {
      onListed(++this.listed)
      const key = toKey(`k${String(i).padStart(8, '0')}`)
      yield { key, kind: 'file', size: 1, modified: 5n, etag: '"0cc175b9c0f1b6a831c399e269772661"' }
    }
  }
}

test(
  'a hundred thousand objects that are equal are never held together',
  { timeout: 60_000 },
  async () => {
    const count = 100_000
    const [from, to] = [new MadeUp(count), new MadeUp(count)]
    let apart = 0
    const watched = storeWith(to.store, {
      async *list(prefix, call) {
        for await (const entry of to.store.list(prefix, call)) {
          apart = Math.max(apart, Math.abs(from.listed - to.listed))
          yield entry
        }
      },
    })
    const { run } = await pair(from.store, watched)
    for (const unchanged of ['by their etags', 'as recorded']) {
      ;[from.listed, to.listed, apart] = [0, 0, 0]
      const { summary } = await run()
      expect([unchanged, summary.unchanged, summary.failed]).toEqual([unchanged, count, 0])
      expect(summary.traffic.requests).toEqual({})
      expect(apart).toBeLessThanOrEqual(1)
    }
  },
)

test('the listing runs ahead of slow transfers by a bounded number of objects', async () => {
  const count = 30_000
  const farAhead = Promise.withResolvers<void>()
  const from = new MadeUp(count, (listed) => {
    if (listed === 4500) farAhead.resolve()
  })
  const { to, run } = await pair(from.store)
  let ended = 0
  let ahead = 0
  const reading = storeWith(from.store, {
    readInto: async () => {
      // Nothing ends before the listing is far ahead, and has had the time to go on to its end.
      await farAhead.promise
      if (ended < 4) await settled()
      ahead = Math.max(ahead, from.listed - ended)
      ended++
      throw new HawserError('unavailable', 'enough', { op: 'readInto' })
    },
  })
  const { summary, failures } = await run({ jobs: 2 }, reading)
  expect(ahead).toBeGreaterThanOrEqual(4500)
  expect(ahead).toBeLessThanOrEqual(5_000 + 2 + 5)
  expect(summary.failed).toBe(count)
  expect(failures.length).toBe(1000)
  expect(await names(to)).toEqual([])
})

test('a destination that was replaced after it was listed is not taken for what was compared', async () => {
  const memory = memoryStore()
  const { run, from, to } = await pair(localStore(await temporaryDirectory()), memory)
  const early = { attributes: { mtime: 1n } }
  await put(from, 'a', 'right')
  await put(to, 'a', 'right', early)
  const replaced = storeWith(memory, {
    async *list(prefix, call) {
      yield* memory.list(prefix, call)
      await put(memory, 'a', 'wrong', early)
    },
  })
  await run({ archive: true }, from, replaced)
  expect(await contents(to)).toEqual({ a: 'right' })
})

test('an unfinished upload of other trees below the destination is left alone', async () => {
  const [source, other, to, state] = [
    memoryStore(),
    memoryStore(),
    memoryStore(),
    await temporaryState(),
  ]
  await put(source, 'small', 'x')
  for (const [store, name] of [
    [source, 'gone'],
    [other, 'elsewhere'],
  ] as const) {
    const upload = await multipartOf(to).begin(toKey(name))
    await state.journal.begin({
      target: locationId(to.location),
      key: upload.key,
      upload,
      source: { id: locationId(store.location), key: upload.key, etag: '"e"', size: 1 },
      partSize: KiB,
      started: new Date(0),
      parts: [],
    })
  }
  await sync(place(source), place(to), { state })
  expect(await unfinished(to)).toEqual(['elsewhere'])
})

test('a dry run to a bucket that is going to be made', async () => {
  const { from, run } = await pair()
  await fill(from, 'a', 'b')
  const missing = storeWith(memoryStore(), {
    async *list(...call) {
      yield* memoryStore().list(...call)
      throw new HawserError('not-found', 'no such bucket', { op: 'list' })
    },
  })
  await failure(run({ dryRun: true }, from, missing), 'not-found')
  const { summary } = await run({ dryRun: true, missingIsEmpty: true }, from, missing)
  expect(summary).toMatchObject({ copied: 2, failed: 0 })
})
