// What tools of this kind get wrong, one by one: on a disk that people work on, against an object store.
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { compareKeys, emptyKey } from '../../src/core/key.ts'
import type { Entry, Store } from '../../src/core/store.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { MiB, bytesOf, collect, failure, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { contents, Events, fill, names, pair, place } from './tools.ts'

interface Disk {
  readonly store: Store
  readonly at: (name: string) => string
  readonly write: (name: string, content: string) => Promise<void>
}

async function disk(): Promise<Disk> {
  const directory = await temporaryDirectory()
  const at = (name: string): string => join(directory, name)
  return {
    store: localStore(directory, { durable: false }),
    at,
    write: (name, content) => writeFile(at(name), content),
  }
}

/** A directory that was synced to a bucket once, and a way to do it again. */
async function synced(files: Readonly<Record<string, string>>): Promise<
  Disk & {
    readonly bucket: Store
    readonly again: (options?: Partial<SyncOptions>, target?: Store) => Promise<RunResult>
  }
> {
  const here = await disk()
  for (const [name, content] of Object.entries(files)) {
    await here.write(name, content)
    await utimes(here.at(name), anyTime, anyTime)
  }
  const { from, to, run } = await pair(here.store)
  await run()
  return { ...here, bucket: to, again: (options, target = to) => run(options, from, target) }
}

/** A whole second, which can be set again exactly. */
const anyTime = 1_000_000_000
const long = 'the same length, '

describe('work on a disk arrives', () => {
  test('a file that was renamed, then edited: its new content', async () => {
    const { at, write, bucket, again } = await synced({ a: `${long}before`, other: 'x' })
    await rename(at('a'), at('b'))
    await write('b', `${long}edited`)
    expect((await again({ delete: true })).summary).toMatchObject({ copied: 1, removed: 1 })
    expect(await contents(bucket)).toEqual({ b: `${long}edited`, other: 'x' })
  })

  test('an editor’s save by a new file under the old name, of the same size and time', async () => {
    const { at, write, bucket, again } = await synced({ a: `${long}before` })
    await write('a~', `${long}edited`)
    await utimes(at('a~'), anyTime, anyTime)
    await rename(at('a~'), at('a'))
    await again()
    expect(await contents(bucket)).toEqual({ a: `${long}edited` })
  })

  test('a change in place, by a program that sets the time back', async () => {
    const { at, write, bucket, again } = await synced({ a: `${long}before` })
    const { ino } = await stat(at('a'))
    await write('a', `${long}edited`)
    await utimes(at('a'), anyTime, anyTime)
    expect((await stat(at('a'))).ino).toBe(ino)
    await again()
    expect(await contents(bucket)).toEqual({ a: `${long}edited` })
  })

  test('two names of one file, one of them removed: the other stays', async () => {
    const { at, bucket, again } = await synced({ a: 'linked', other: 'x' })
    await link(at('a'), at('b'))
    await again()
    expect(await contents(bucket)).toEqual({ a: 'linked', b: 'linked', other: 'x' })
    await unlink(at('a'))
    expect((await again({ delete: true })).summary).toMatchObject({ removed: 1, failed: 0 })
    expect(await contents(bucket)).toEqual({ b: 'linked', other: 'x' })
  })

  test('a file that took the name of another one', async () => {
    const { at, bucket, again } = await synced({ a: `${long}a`, b: `${long}b` })
    await rename(at('b'), at('a'))
    expect((await again({ delete: true })).summary).toMatchObject({ removed: 1, failed: 0 })
    expect(await contents(bucket)).toEqual({ a: `${long}b` })
  })

  test('three files whose names went around', async () => {
    const { at, bucket, again } = await synced({ a: '1', b: '2', c: '3' })
    for (const [old, now] of ['a>t', 'c>a', 'b>c', 't>b'].map((step) => step.split('>')))
      await rename(at(old ?? ''), at(now ?? ''))
    await again({ delete: true })
    expect(await contents(bucket)).toEqual({ a: '3', b: '1', c: '2' })
  })

  test('a directory that became a file, and a file that became a directory', async () => {
    const { at, write, bucket, again } = await synced({ a: 'file', b: 'file', z: 'x' })
    for (const [old, now] of [
      ['a', 'a/b'],
      ['b', 'b/c'],
    ] as const) {
      await rm(at(old))
      await mkdir(at(old))
      await write(now, 'below')
    }
    await again({ delete: true })
    expect(await contents(bucket)).toEqual({ 'a/b': 'below', 'b/c': 'below', z: 'x' })
    await rm(at('a'), { recursive: true })
    await write('a', 'file')
    await again({ delete: true })
    expect(await contents(bucket)).toEqual({ a: 'file', 'b/c': 'below', z: 'x' })
  })
})

test.each<[string, string[], string[]]>([
  ['a file is in the way of a directory', ['a/b', 'z'], ['a']],
  ['a directory is in the way of a file', ['a', 'z'], ['a/b']],
])('on a disk %s: it gives place only where it is to be removed', async (_, source, target) => {
  const { from, to, run } = await pair(memoryStore(), (await disk()).store)
  await fill(from, ...source)
  await fill(to, ...target, 'old')
  for (const options of [{}, { delete: true, rules: ['P /a'] }]) {
    const dry = await run({ ...options, dryRun: true })
    const { summary, failures } = await run(options)
    expect(summary).toMatchObject({ removed: 0, failed: 1 })
    expect(dry.summary).toMatchObject({ copied: summary.copied, removed: 0, failed: 1 })
    expect(failures[0]).toMatchObject({ code: 'conflict', key: source[0] })
    expect(failures[0]?.hint).toContain('delete' in options ? 'not to be removed' : '--delete')
    expect(await names(to)).toEqual([...target, 'old', 'z'])
  }
  const { summary } = await run({ delete: true })
  expect(summary).toMatchObject({ copied: 1, removed: 2, failed: 0 })
  expect(await contents(to)).toEqual(await contents(from))
})

test('on a disk that counts in seconds, a second change within one of them', async () => {
  const second = 1_000_000_000n
  const now = BigInt(Math.floor(Date.now() / 1000)) * second
  const store = localStore(await temporaryDirectory(), { durable: false })
  const shown = (at: bigint): Store =>
    storeWith(store, {
      async *list(...call) {
        for await (const entry of store.list(...call)) yield seen(entry, at)
      },
      stat: async (...call) => seen(await store.stat(...call), at),
    })
  const { to, run } = await pair(shown(now))
  await put(store, 'a', 'before')
  await run()
  await writeFile(join(store.location.root, 'a'), 'edited')
  expect((await run()).summary).toMatchObject({ copied: 1 })
  expect(await contents(to)).toEqual({ a: 'edited' })
  expect((await run()).summary).toMatchObject({ copied: 0, unchanged: 1 })

  // What was at rest when it was read is known by its times.
  const rested = shown(now - 10n * second)
  await run({}, rested)
  const reads: string[] = []
  const watched = storeWith(rested, {
    readInto: async (key, ...call) => {
      reads.push(key)
      return store.readInto(key, ...call)
    },
  })
  expect((await run({}, watched)).summary).toMatchObject({ copied: 0, unchanged: 1 })
  expect(reads).toEqual([])
})

/** With other times. */
function seen<T extends Entry>(entry: T, at: bigint): T {
  return { ...entry, modified: at, file: entry.file && { ...entry.file, ctime: at } }
}

test('an upload that failed is not taken for one that was done', async () => {
  const { write, bucket, again } = await synced({ a: 'before', b: 'x' })
  await write('a', 'edited')
  const refusing = storeWith(bucket, {
    write: async () => {
      throw new HawserError('unavailable', 'not now', { op: 'write' })
    },
  })
  expect((await again({}, refusing)).summary).toMatchObject({ copied: 0, failed: 1 })
  expect((await contents(bucket))['a']).toBe('before')
  expect((await again()).summary).toMatchObject({ copied: 1, unchanged: 1 })
  expect((await contents(bucket))['a']).toBe('edited')
})

describe('the time of an upload is not the time of a file', () => {
  test.each([
    ['older', new Date('2001-01-01')],
    ['newer', new Date('2101-01-01')],
  ])('a file that is %s than its upload is sent once', async (_, time) => {
    const { store, at, write } = await disk()
    const bucket = memoryStore()
    await write('a', 'x')
    await utimes(at('a'), time, time)
    const one = await temporaryState()
    for (const [run, state] of [one, one, await temporaryState()].entries()) {
      const { summary } = await sync(place(store), place(bucket), { state })
      expect(summary).toMatchObject({ copied: run === 0 ? 1 : 0, updated: 0, failed: 0 })
    }
    const back = await disk()
    for (const state of [one, one, await temporaryState()])
      await sync(place(bucket), place(back.store), { state })
    expect((await stat(back.at('a'))).mtime).toEqual(time)
  })
})

describeS3(
  'a dry run',
  (endpoint) => {
    test('tells what the run then does: objects, bytes and requests', async () => {
      await using bucket = await openBucket(endpoint)
      const { from, to, run } = await pair((await disk()).store, bucket)
      await fill(from, 'same', 'changed', 'dir/new')
      await put(from, 'parts', bytesOf(11 * MiB))
      await fill(to, 'same', 'old-1', 'old-2')
      await put(to, 'changed', 'otherwise')
      const options = { delete: true, partSize: 5 * MiB }
      const told = { dry: new Events(), real: new Events() }
      const dry = await run({ ...options, dryRun: true, onEvent: told.dry.sink })
      expect(await names(to)).toEqual(['changed', 'old-1', 'old-2', 'same'])
      const real = await run({ ...options, onEvent: told.real.sink })
      expect(await names(to)).toEqual(['changed', 'dir/new', 'parts', 'same'])
      for (const action of ['copy', 'remove'] as const)
        expect(told.dry.done(action).toSorted()).toEqual(told.real.done(action).toSorted())
      const { copied, removed, unchanged, bytes } = dry.summary
      expect(real.summary).toMatchObject({ copied, removed, unchanged, bytes })
      expect(dry.predicted).toMatchObject({ objects: { copied: 3, removed: 2 } })
      expect(real.predicted).toEqual(dry.predicted)
      const { objects, requests } = dry.predicted ?? {}
      expect(real.actual).toMatchObject({ objects, requests, bytes: { copied: bytes } })
      // Lists of parts and of what to remove are bytes too.
      expect((real.actual?.bytes.sent ?? 0) / bytes).toBeCloseTo(1, 3)
    })

    const old = bytesOf(24 * MiB, 1)
    test.each([
      [
        'one byte changed',
        Buffer.concat([old.subarray(0, 9e6), Buffer.from('x'), old.subarray(9e6 + 1)]),
        true,
      ],
      ['nothing in common', bytesOf(24 * MiB, 2), false],
    ])('scans big objects, and tells what is saved: %s', async (_, changed, saves) => {
      await using opened = await openBucket(endpoint)
      const bucket = reserved(opened, defaultReserved)
      const from = (await disk()).store
      const state = await temporaryState()
      const run = (options: Partial<SyncOptions> = {}): Promise<RunResult> =>
        sync(place(from), place(bucket, 'data'), {
          state,
          partSize: 8 * MiB,
          delta: { threshold: 6 * MiB, average: 64 * 1024 },
          ...options,
        })
      const check = async (options: Partial<SyncOptions> = {}): Promise<RunResult> => {
        const dry = await run({ ...options, dryRun: true })
        const real = await run(options)
        expect(real.predicted).toEqual(dry.predicted)
        const { objects, requests, bytes } = dry.predicted ?? {}
        const { copied, saved } = dry.summary
        expect(real.summary).toMatchObject({ copied, saved, bytes: bytes?.copied })
        // The service tells the checksums of parts that it copied in a list of them only.
        const listed = saved > 0 && endpoint.name.startsWith('ceph') ? 1 : 0
        expect(real.actual).toMatchObject({
          objects,
          requests: { ...requests, list: (requests?.list ?? 0) + listed },
          bytes: { copied: bytes?.copied, saved },
        })
        // The signature is bytes too.
        const sent = real.actual?.bytes.sent ?? 0
        expect(sent - (bytes?.sent ?? 0)).toBeGreaterThan(0)
        expect(sent - (bytes?.sent ?? 0)).toBeLessThan(32 * 1024)
        return real
      }
      await put(from, 'big', old)
      await put(from, 'small', 'x')
      expect((await check()).summary).toMatchObject({ copied: 2, saved: 0 })
      await put(from, 'big', changed)
      // Another machine finds the signature in the bucket.
      const { summary } = await check({ state: await temporaryState() })
      expect(summary.saved).toBeGreaterThanOrEqual(saves ? 18 * MiB : 0)
      expect(summary.saved > 0).toBe(saves)
      await put(from, 'big', old)
      expect((await check()).summary.saved > 0).toBe(saves)
    })
  },
  ['hawser', 'ceph20'],
)

test('a dry run refuses what the run would refuse', async () => {
  const { from, run } = await pair(memoryStore(), (await disk()).store)
  await fill(from, 'a')
  for (const dryRun of [true, false])
    await failure(run({ dryRun, properties: { acl: 'private' } }), 'unsupported')
})

test('a dry run knows that what was only touched is not sent', async () => {
  const { at, again } = await synced({ a: 'x', b: 'y' })
  await utimes(at('a'), 2e9, 2e9)
  const { summary, predicted } = await again({ dryRun: true })
  expect(summary).toMatchObject({ copied: 0, updated: 1, unchanged: 1, bytes: 0 })
  expect(predicted?.bytes.sent).toBe(0)
})

describe('names', () => {
  test('`model.pt` is a name, not a pattern that also fits `xmodel_pt.bak`', async () => {
    const all = ['model.pt', 'model_pt', 'xmodel.pt', 'xmodel_pt.bak', 'dir/model.pt']
    const { from, to, run } = await pair()
    await fill(from, ...all)
    await run({ rules: ['- model.pt'] })
    expect(await names(to)).toEqual(['model_pt', 'xmodel.pt', 'xmodel_pt.bak'])
    await run({ filesFrom: ['model.pt'] })
    expect((await names(to)).length).toBe(4)
    await run({ filesFrom: ['*'], ignoreMissingArgs: true })
    expect((await names(to)).length).toBe(4)
  })

  test('what no file can be named is a failure by its name; nothing is outside of the directory', async () => {
    const good = [
      'a-',
      'b/x',
      'caf\u00e9',
      'cafe\u0301',
      'line\nend',
      '100%',
      '"q"',
      "'",
      'n'.repeat(255),
    ]
    const bad = ['../x', '/abs', 'b/../../x', 'a//b', './c', 'd/.', 'e/..', 'n'.repeat(256)]
    const bucket = memoryStore()
    await fill(bucket, ...good, ...bad)
    const around = await temporaryDirectory()
    const target = localStore(join(around, 'target'), { durable: false })
    const { summary, failures } = await sync(place(bucket), place(target), {
      state: await temporaryState(),
      delete: true,
    })
    expect(summary).toMatchObject({ copied: good.length, failed: bad.length, removed: 0 })
    expect(new Set(failures.map(({ key }) => key))).toEqual(new Set(bad))
    expect(await names(target)).toEqual(good.toSorted(compareKeys))
    expect(await readdir(around)).toEqual(['target'])
  })

  test('an object and what lies below its name: a file system has one of them', async () => {
    const bucket = memoryStore()
    await fill(bucket, 'a', 'a/b', 'c')
    const { store } = await disk()
    const { summary } = await sync(place(bucket), place(store), { state: await temporaryState() })
    expect(summary).toMatchObject({ copied: 2, failed: 1 })
    expect(await contents(store)).toMatchObject({ c: 'c' })
    const other = memoryStore()
    await sync(place(bucket), place(other), { state: await temporaryState() })
    expect(await names(other)).toEqual(['a', 'a/b', 'c'])
  })

  test('empty directories, and keys that end in `/`, go there and back', async () => {
    const [bucket, other] = [memoryStore(), memoryStore()]
    const { store } = await disk()
    await fill(bucket, 'dir/x')
    await put(bucket, 'empty/', '')
    await put(bucket, 'deep/er/', '')
    const state = await temporaryState()
    await sync(place(bucket), place(store), { state, archive: true })
    await sync(place(store), place(other), { state, archive: true })
    const keys = (await collect(other.list(emptyKey))).map(({ key }) => key)
    expect(keys).toEqual(['deep/', 'deep/er/', 'dir/', 'dir/x', 'empty/'])
    const third = memoryStore()
    await sync(place(bucket), place(third), { state })
    expect((await collect(third.list(emptyKey))).map(({ key }) => key)).toEqual(
      (await collect(bucket.list(emptyKey))).map(({ key }) => key),
    )
  })
})

describe('evidence costs no request for each object', () => {
  const many = Array.from({ length: 40 }, (_, i) => `n${i}`)

  test.each(['to a bucket', 'from a bucket'])('%s, with a state or without', async (way) => {
    const bucket = memoryStore()
    const { store } = await disk()
    const [from, to] = way === 'to a bucket' ? [store, bucket] : [bucket, store]
    await fill(from, ...many)
    const state = await temporaryState()
    await sync(place(from), place(to), { state })
    const second = await sync(place(from), place(to), { state })
    expect(second.actual?.requests).toEqual({ list: 1 })
  })

  test('a second machine asks for no object’s head, unless it is to compare times', async () => {
    const { store } = await disk()
    const bucket = memoryStore()
    await fill(store, ...many)
    await sync(place(store), place(bucket), { state: await temporaryState() })
    const other = await sync(place(store), place(bucket), { state: await temporaryState() })
    expect(other.summary).toMatchObject({ copied: 0, unchanged: 40 })
    expect(other.actual?.requests).toEqual({ list: 1 })
    const asking = { state: await temporaryState(), compareMetadata: true }
    const asked = await sync(place(store), place(bucket), asking)
    expect(asked.summary).toMatchObject({ copied: 0, unchanged: 40 })
    expect(asked.actual?.requests).toEqual({ list: 1, stat: 40 })
  })
})

describe('what a filter leaves out', () => {
  const all = ['a.tmp', 'b', 'cache/c', 'gone.tmp', 'gone']

  test.each<[string, Partial<SyncOptions>, string[]]>([
    ['stays', {}, ['a.tmp', 'b', 'cache/c', 'gone.tmp']],
    ['goes where that is asked for', { deleteExcluded: true }, ['b']],
  ])('%s at the destination', async (_, options, left) => {
    const { from, to, run } = await pair()
    await fill(from, 'a.tmp', 'b', 'cache/c')
    await fill(to, ...all)
    await put(from, 'a.tmp', 'another content')
    const { summary } = await run({ ...options, delete: true, rules: ['- *.tmp', '- cache/'] })
    expect(summary).toMatchObject({ copied: 0, failed: 0, removed: all.length - left.length })
    expect(await names(to)).toEqual(left)
    if (left.includes('a.tmp')) expect((await contents(to))['a.tmp']).toBe('a.tmp')
  })

  test('is not what an empty source is: all that is shown is gone, and may go', async () => {
    const { from, to, run } = await pair()
    await fill(from, 'a.tmp')
    await fill(to, 'b')
    const { summary } = await run({ delete: true, rules: ['- *.tmp'] })
    expect(summary).toMatchObject({ removed: 1, failed: 0 })
  })

  test('does not count where shares are judged', async () => {
    const { from, to, run } = await pair()
    const kept = Array.from({ length: 200 }, (_, i) => `keep/${i}`)
    await fill(to, ...kept, ...Array.from({ length: 99 }, (_, i) => `go/${i}`))
    await fill(from, 'x')
    // 99 of 99 that the run looks at: below a hundred there is no share.
    const { summary } = await run({ delete: true, rules: ['- keep/'] })
    expect(summary).toMatchObject({ removed: 99, failed: 0 })
    expect((await names(to)).length).toBe(201)
  })
})

test('a source that is not mounted wipes nothing', async () => {
  const { at, bucket } = await synced({ a: 'x' })
  await rm(at('a'))
  const { summary, failures } = await sync(place(localStore(at('.'))), place(bucket), {
    state: await temporaryState(),
    delete: true,
    maxDelete: '100%',
  })
  expect(summary).toMatchObject({ removed: 0, failed: 1 })
  expect(failures[0]).toMatchObject({ code: 'guard' })
  expect(await names(bucket)).toEqual(['a'])
})

test('a file of the user’s in the way of an unfinished download is not lost', async () => {
  const bucket = memoryStore()
  await put(bucket, 'a', 'new')
  const { store, at, write } = await disk()
  await write('a', 'mine')
  const breaking = storeWith(bucket, {
    read: async () => {
      throw new HawserError('unavailable', 'broke', { op: 'read' })
    },
    readInto: async () => {
      throw new HawserError('unavailable', 'broke', { op: 'read' })
    },
  })
  const state = await temporaryState()
  const { summary } = await sync(place(breaking), place(store), { state })
  expect(summary).toMatchObject({ copied: 0, failed: 1 })
  expect(await readFile(at('a'), 'utf8')).toBe('mine')
})
