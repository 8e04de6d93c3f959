import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import type { Store } from '../../src/core/store.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { move } from '../../src/sync/move.ts'
import { bytesOf, failure, get, getText, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { storeWith, temporaryDirectory, temporaryState, unfinished } from '../transfer/tools.ts'
import { contents, Events, fill, names, place } from './tools.ts'

type Options = Parameters<typeof move>[2]
const recursive = true

/** Moves within stores by their prefixes. */
async function moving(
  from: readonly [Store, string][],
  to: readonly [Store, string],
  options: Partial<Options> = {},
): ReturnType<typeof move> {
  const places = from.map(([store, prefix]) => place(store, prefix))
  return move(places, place(...to), { state: await temporaryState(), ...options })
}

type Open = () => Promise<Store>
const inMemory: Open = async () => memoryStore()
const onDisk: Open = async () =>
  localStore(await temporaryDirectory(), { durable: false, keepDirectories: true })
/** A store that has no other way than a copy. */
const withoutRename: Open = async () => storeWith(memoryStore(), { rename: undefined })

/** What holds for each store by itself. */
function within(open: Open): void {
  test('an object, over what is there, and not onto itself', async () => {
    await using store = await open()
    await put(store, 'a', 'new content')
    await put(store, 'dir/a', 'old')
    for (const target of ['a', '']) {
      const { summary, failures } = await moving([[store, 'a']], [store, target])
      expect([summary.moved, failures[0]?.code]).toEqual([0, 'invalid-argument'])
    }
    const events = new Events()
    const run = await moving([[store, 'a']], [store, 'dir/'], { onEvent: events.sink })
    expect(run.summary).toMatchObject({ moved: 1, copied: 0, failed: 0, bytes: 11 })
    expect(await contents(store)).toEqual({ 'dir/a': 'new content' })
    expect(events.done('move').length).toBe(1)
    events.expectSummaryLast()
  })

  test('a tree, each object by itself; what is beside stays', async () => {
    await using store = await open()
    await fill(store, 'top/a', 'top/b/c', 'top/b/d', 'top-secret', 'to/b/old')
    const { summary } = await moving([[store, 'top']], [store, 'to'], { recursive })
    expect(summary).toMatchObject({ moved: 3, failed: 0 })
    expect(await contents(store)).toEqual({
      'to/a': 'top/a',
      'to/b/c': 'top/b/c',
      'to/b/d': 'top/b/d',
      'to/b/old': 'to/b/old',
      'top-secret': 'top-secret',
    })
    await failure(moving([[store, 'top']], [store, 'x'], { recursive }), 'not-found')
  })

  test('a dry run moves nothing', async () => {
    await using store = await open()
    await fill(store, 't/a', 't/b', 'c')
    const options = { recursive, dryRun: true }
    const run = await moving(
      [
        [store, 't'],
        [store, 'c'],
      ],
      [store, 'x'],
      options,
    )
    expect(run.summary).toMatchObject({ moved: 3, dryRun: true })
    expect(await names(store)).toEqual(['c', 't/a', 't/b'])
  })

  test('a tree to what is around it, but not over what is still to be moved', async () => {
    await using store = await open()
    await fill(store, 'a/b/x', 'a/b/y/z')
    await put(store, 'a/b/b/x', 'would replace a/b/x')
    const { summary, failures } = await moving([[store, 'a/b/']], [store, 'a/'], { recursive })
    expect(summary).toMatchObject({ moved: 2, failed: 1 })
    expect(failures).toMatchObject([{ code: 'conflict', key: 'a/b/b/x' }])
    expect(await contents(store)).toEqual({
      'a/b/b/x': 'would replace a/b/x',
      'a/x': 'a/b/x',
      'a/y/z': 'a/b/y/z',
    })
    await failure(moving([[store, 'a']], [store, 'a/x/'], { recursive }), 'invalid-argument')
  })
}

/** What holds from one store to another. */
function between(openFrom: Open, openTo: Open): void {
  test('objects and trees arrive whole, and are gone where they were', async () => {
    await using from = await openFrom()
    await using to = await openTo()
    const large = bytesOf(11 * MiB)
    await put(from, 'tree/large', large)
    await fill(from, 'tree/sub/a', 'one', 'stays')
    await put(from, 'tree/empty', '')
    const { summary } = await moving(
      [
        [from, 'tree'],
        [from, 'one'],
      ],
      [to, 'in/'],
      { recursive },
    )
    expect(summary).toMatchObject({ moved: 4, failed: 0 })
    expect(await names(from)).toEqual(['stays'])
    expect(await names(to)).toEqual(['in/one', 'in/tree/empty', 'in/tree/large', 'in/tree/sub/a'])
    expect(Buffer.compare(await get(to, 'in/tree/large'), large)).toBe(0)
    expect(await unfinished(to)).toEqual([])
  })
}

describe('in memory', () => within(inMemory))
describe('by copies', () => within(withoutRename))
describe('on a disk', () => within(onDisk))
describe('from disk to memory', () => between(onDisk, inMemory))
describe('from memory to disk', () => between(inMemory, onDisk))
describe('from disk to disk', () => between(onDisk, onDisk))
describeS3('with S3', (endpoint) => {
  const bucket: Open = async () => openBucket(endpoint)
  describe('in it', () => within(bucket))
  describe('to it', () => between(onDisk, bucket))
  describe('from it', () => between(bucket, onDisk))

  test('inside the store no byte passes through here', async () => {
    await using store = await bucket()
    await put(store, 'a/x', bytesOf(MiB))
    const { summary } = await moving([[store, 'a']], [store, 'b'], { recursive })
    expect(summary).toMatchObject({ moved: 1, traffic: { sent: 0 } })
    expect(summary.traffic.received).toBeLessThan(2000)
    expect(summary.traffic.requests).not.toHaveProperty('read')
    expect(await names(store)).toEqual(['b/x'])
  })

  test('what changes after it was copied stays, and is told', async () => {
    await using store = await bucket()
    await fill(store, 'a', 'b')
    const changing = storeWith(store, {
      async *remove(refs, options) {
        for await (const ref of refs) {
          if (ref.key === 'a') await put(store, 'a', 'changed')
          yield* store.remove(once(ref), options)
        }
      },
    })
    const to = memoryStore()
    const run = await moving(
      [
        [changing, 'a'],
        [changing, 'b'],
      ],
      [to, 'in/'],
    )
    expect(run.summary).toMatchObject({ moved: 1, failed: 1 })
    expect(run.failures).toMatchObject([{ code: 'conflict', key: 'a' }])
    expect(await contents(store)).toEqual({ a: 'changed' })
  })
})

async function* once<T>(item: T): AsyncGenerator<T> {
  yield item
}

test('on a disk nothing is copied: a file stays the same file', async () => {
  const directory = await temporaryDirectory()
  const store = localStore(directory, { keepDirectories: true })
  await fill(store, 'a/file', 'a/deep/er/file', 'b/other')
  const inode = async (name: string): Promise<number> => (await stat(join(directory, name))).ino
  const before = [await inode('a/file'), await inode('a/deep/er/file')]
  await moving([[store, 'a']], [store, 'c'], { recursive })
  expect([await inode('c/file'), await inode('c/deep/er/file')]).toEqual(before)
  expect((await readdir(directory)).toSorted()).toEqual(['b', 'c'])
})

test('between directories of a disk all is kept: modes, times, links, what is empty', async () => {
  for (const oneStore of [true, false]) {
    const directory = await temporaryDirectory()
    const store = localStore(directory, { keepDirectories: true })
    const target = oneStore ? store : localStore(directory, { keepDirectories: true })
    const other = oneStore ? target : storeWith(target, { rename: undefined })
    await fill(store, 'tree/sub/file', 'tree/script')
    await mkdir(join(directory, 'tree/empty/deep'), { recursive: true })
    await symlink('script', join(directory, 'tree/link'))
    await chmod(join(directory, 'tree/script'), 0o750)
    await utimes(join(directory, 'tree/sub'), 1000, 2000)
    await chmod(join(directory, 'tree/sub'), 0o700)
    await chmod(join(directory, 'tree'), 0o711)
    const { summary } = await moving([[store, 'tree']], [other, 'new'], { recursive })
    expect(summary).toMatchObject({ moved: 3, skipped: 0, failed: 0 })
    expect(await readdir(directory)).toEqual(['new'])
    const facts = async (name: string): Promise<number[]> => {
      const { mode, mtimeMs } = await stat(join(directory, name))
      return [mode & 0o777, mtimeMs]
    }
    expect((await facts('new/script'))[0]).toBe(0o750)
    expect((await facts('new'))[0]).toBe(0o711)
    expect(await facts('new/sub')).toEqual([0o700, 2_000_000])
    expect(await readlink(join(directory, 'new/link'))).toBe('script')
    expect(await readdir(join(directory, 'new/empty'))).toEqual(['deep'])
  }
})

test('to a bucket, links stay with their directories, unless -a takes them', async () => {
  const directory = await temporaryDirectory()
  const [from, to] = [localStore(directory), memoryStore()]
  await fill(from, 'tree/sub/file')
  await mkdir(join(directory, 'tree/empty'))
  await symlink('file', join(directory, 'tree/link'))
  const first = await moving([[from, 'tree']], [to, 'x'], { recursive })
  expect(first.summary).toMatchObject({ moved: 1, skipped: 1, failed: 0 })
  expect(await readdir(join(directory, 'tree'))).toEqual(['link'])
  await mkdir(join(directory, 'tree/empty'))
  const second = await moving([[from, 'tree']], [to, 'x'], { recursive, archive: true })
  expect(second.summary).toMatchObject({ moved: 1, skipped: 0, failed: 0 })
  expect(await contents(to)).toEqual({ 'x/sub/file': 'tree/sub/file', 'x/link': 'file' })
  expect(await readdir(directory)).toEqual([])
  expect((await Array.fromAsync(to.list(place(to, 'x/').prefix))).map(({ key }) => key)).toEqual([
    'x/empty/',
    'x/link',
    'x/sub/file',
  ])
})

test('directories of a bucket become directories', async () => {
  const directory = await temporaryDirectory()
  const [from, to] = [memoryStore(), localStore(directory)]
  await put(from, 't/a/', '')
  await put(from, 't/b/c', 'c')
  const { summary } = await moving([[from, 't']], [to, ''], { recursive })
  expect(summary).toMatchObject({ moved: 2, failed: 0 })
  expect(await readdir(directory)).toEqual(['a', 'b'])
  expect((await Array.fromAsync(from.list(place(from).prefix))).length).toBe(0)
})

test('two names of one file: the old one goes', async () => {
  const directory = await temporaryDirectory()
  const store = localStore(directory)
  await fill(store, 'a')
  await link(join(directory, 'a'), join(directory, 'b'))
  await moving([[store, 'a']], [store, 'b'])
  expect(await contents(store)).toEqual({ b: 'a' })
})

test('what cannot be renamed after all is copied', async () => {
  const memory = memoryStore()
  await fill(memory, 'a', 'b')
  // As between two mounted file systems.
  const mounted = storeWith(memory, {
    rename: async (ref) => {
      if (ref.key === 'a') throw new HawserError('unsupported', 'another disk', { op: 'rename' })
      if (!memory.rename) throw new Error('it has a rename')
      return memory.rename(ref, place(memory, 'in/b').prefix)
    },
  })
  const run = await moving(
    [
      [mounted, 'a'],
      [mounted, 'b'],
    ],
    [mounted, 'in/'],
  )
  expect(run.summary).toMatchObject({ moved: 2, failed: 0 })
  expect(await contents(memory)).toEqual({ 'in/a': 'a', 'in/b': 'b' })
})

test('one that fails stops no other, and stays', async () => {
  const [from, memory] = [memoryStore(), memoryStore()]
  await fill(from, 't/a', 't/b', 't/c')
  const to = faulty(memory, { seed: 1, exactly: [{ op: 'write', nth: 2, fault: 'unavailable' }] })
  const { summary } = await moving([[from, 't']], [to, 'x'], { recursive, jobs: 1 })
  expect(summary).toMatchObject({ moved: 2, failed: 1 })
  expect(Object.keys(await contents(from)).length).toBe(1)
  await moving([[from, 't']], [to, 'x'], { recursive })
  expect(await names(from)).toEqual([])
  expect(await names(memory)).toEqual(['x/a', 'x/b', 'x/c'])
})

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  'killed anywhere and run again, it ends right, and nothing was ever lost (seed %i)',
  async (seed) => {
    const [from, to, state] = [memoryStore(), memoryStore(), await temporaryState()]
    const wanted: Record<string, string> = {}
    for (let i = 0; i < 12; i++) {
      const bytes = bytesOf(i * 30, seed * 50 + i + 1)
      await put(from, `t/n${i}`, bytes)
      wanted[`x/n${i}`] = Buffer.from(bytes).toString()
    }
    const options = { state, recursive, jobs: 3, partSize: 100 }
    for (let nth = seed; nth < 60; nth += 10) {
      const exactly = [{ op: 'any', nth, fault: 'kill' }] as const
      const [source, target] = [faulty(from, { seed, exactly }), faulty(to, { seed, exactly })]
      await move([place(source, 't')], place(target, 'x'), options).catch(() => undefined)
      for (const [key, body] of Object.entries(wanted)) {
        const old = await getText(from, key.replace('x/', 't/')).catch(() => undefined)
        const now = await getText(to, key).catch(() => undefined)
        expect([old, now]).toContain(body)
        if (now !== undefined) expect(now).toBe(body)
      }
    }
    if ((await names(from)).length > 0) await move([place(from, 't')], place(to, 'x'), options)
    expect(await contents(to)).toEqual(wanted)
    expect(await names(from)).toEqual([])
    expect(await unfinished(to)).toEqual([])
  },
)

test('what cannot be listed stays, and is told once', async () => {
  const directory = await temporaryDirectory()
  const store = localStore(directory, { durable: false })
  await fill(store, 'tree/a')
  const other = Buffer.concat([Buffer.from(`${directory}/tree/`), Buffer.from([0xff])])
  await writeFile(other, 'not UTF-8')
  const { summary } = await moving([[store, 'tree']], [memoryStore(), 'to'], { recursive })
  expect(summary).toMatchObject({ moved: 1, failed: 1 })
  expect(await readFile(other, 'utf8')).toBe('not UTF-8')
})

test('an interruption leaves each object where it was or where it goes', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  const many = Array.from({ length: 100 }, (_, i) => `t/n${i}`)
  await fill(from, ...many)
  const controller = new AbortController()
  const onEvent = ({ type }: { type: string }): void => {
    if (type === 'done') controller.abort(new Error('any reason'))
  }
  const options = { recursive, signal: controller.signal, onEvent, jobs: 2 }
  await failure(moving([[from, 't']], [to, 't'], options), 'interrupted')
  const everywhere = new Set([...(await names(from)), ...(await names(to))])
  expect(everywhere.size).toBe(100)
  expect((await names(to)).length).toBeLessThan(20)
})
