// What a sync makes of renamed files: every case ends with the right bytes under the right names, and what the
// destination has already is not sent.
import { link, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Place } from '../../../src/core/place.ts'
import type { Store } from '../../../src/core/store.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { put, remove } from '../../conformance/tools.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { onEachStore } from '../stores.ts'
import { contents, Events, place } from '../tools.ts'
import { withoutRename } from './tools.ts'

onEachStore(cases, () => withoutRename(memoryStore()))

function cases(open: () => Promise<Store>): void {
  let store: Store
  let to: Place
  let source = ''
  let events: Events
  let run: (options?: Partial<SyncOptions>, target?: Store) => Promise<RunResult>
  let trees = 0

  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store[Symbol.asyncDispose]())
  beforeEach(async () => {
    source = await temporaryDirectory()
    to = place(store, `tree-${trees++}/`)
    const state = await temporaryState()
    run = async (options, target = store) => {
      events = new Events()
      const from = place(localStore(source, { durable: false }))
      return sync(from, { ...to, store: target }, { state, onEvent: events.sink, ...options })
    }
  })

  const at = (name: string): string => join(source, name)
  const key = (name: string): string => `${to.prefix}${name}`
  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, body] of Object.entries(files)) {
      await mkdir(join(at(name), '..'), { recursive: true })
      await writeFile(at(name), body)
    }
  }
  async function expectTarget(files: Record<string, string>): Promise<void> {
    const found = await contents(store, to.prefix)
    expect(found).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, body]) => [key(name), body])),
    )
  }
  /** Bytes of files that were sent. */
  function sent(): number {
    return events.all.reduce((sum, event) => sum + (event.type === 'done' ? event.sent : 0), 0)
  }
  async function expectNothingToDo(): Promise<void> {
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 0, renamed: 0, updated: 0, removed: 0, failed: 0 })
  }

  test('a renamed file is copied inside, and its old name goes', async () => {
    await write({ a: 'content', other: 'other' })
    await run()
    await put(store, key('foreign'), 'foreign')
    await rename(at('a'), at('b'))
    const dry = await run({ dryRun: true, delete: true })
    expect(dry.summary).toMatchObject({ renamed: 1, copied: 0, removed: 2 })
    await expectTarget({ a: 'content', foreign: 'foreign', other: 'other' })
    const moved = await run()
    expect(moved.summary).toMatchObject({ copied: 0, renamed: 1, removed: 1, unchanged: 1 })
    expect(sent()).toBe(0)
    await expectTarget({ b: 'content', foreign: 'foreign', other: 'other' })
    await rename(at('b'), at('c'))
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ renamed: 1, copied: 0, removed: 2, unchanged: 1, failed: 0 })
    expect(sent()).toBe(0)
    await expectTarget({ c: 'content', other: 'other' })
    await expectNothingToDo()
  })

  test('a renamed directory, with --delete, is none of what the guard counts', async () => {
    const files = Array.from({ length: 120 }, (_, i) => [`d/e${i % 3}/f${i}`, `body ${i}`] as const)
    await write(Object.fromEntries(files))
    await run()
    await rename(at('d'), at('moved'))
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ renamed: 120, copied: 0, removed: 120, failed: 0 })
    expect(sent()).toBe(0)
    await expectTarget(
      Object.fromEntries(files.map(([name, body]) => [name.replace('d/', 'moved/'), body])),
    )
    await expectNothingToDo()
  })

  test('renamed, then edited', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await writeFile(at('b'), 'another')
    await run({ delete: true })
    await expectTarget({ b: 'another' })
    await expectNothingToDo()
  })

  test('an atomic save: another file of the same name', async () => {
    await write({ a: 'content' })
    await run()
    await writeFile(at('new'), 'CONTENT')
    await rename(at('new'), at('a'))
    expect((await run()).summary).toMatchObject({ copied: 1, renamed: 0 })
    await expectTarget({ a: 'CONTENT' })
    await expectNothingToDo()
  })

  test('hard links: the removed one goes, the other stays', async () => {
    await write({ a: 'content' })
    await link(at('a'), at('b'))
    await run()
    await rm(at('a'))
    expect((await run()).summary).toMatchObject({ copied: 0, renamed: 0, removed: 0 })
    await expectTarget({ a: 'content', b: 'content' })
    await run({ delete: true })
    await expectTarget({ b: 'content' })
    await expectNothingToDo()
  })

  test('a new hard link is copied inside, and both stay', async () => {
    await write({ a: 'content' })
    await run()
    await link(at('a'), at('b'))
    expect((await run({ delete: true })).summary).toMatchObject({
      copied: 1,
      renamed: 0,
      removed: 0,
    })
    expect(sent()).toBe(0)
    await expectTarget({ a: 'content', b: 'content' })
    await expectNothingToDo()
  })

  test('a swap, and a ring of three', async () => {
    await write({ a: 'aa', b: 'bb', x: 'one', y: 'two', z: 'six' })
    await run()
    await swap('a', 'b')
    await rename(at('x'), at('t'))
    await rename(at('y'), at('x'))
    await rename(at('z'), at('y'))
    await rename(at('t'), at('z'))
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 5, renamed: 0, removed: 0, failed: 0 })
    if (!store.traits.hierarchical) expect(sent()).toBe(0)
    await expectTarget({ a: 'bb', b: 'aa', x: 'two', y: 'six', z: 'one' })
    await expectNothingToDo()
    expect(await apart()).toEqual([])
  })
  async function swap(a: string, b: string): Promise<void> {
    await rename(at(a), at('swapped'))
    await rename(at(b), at(a))
    await rename(at('swapped'), at(b))
  }
  /** What is left of what was set aside. */
  async function apart(): Promise<string[]> {
    const { reserved: prefix } = store.traits
    if (prefix === undefined) return []
    const found = await Array.fromAsync(store.list(toKey(`${prefix}aside/`)))
    return found.map((entry) => entry.key)
  }

  test('a swap of what was found there, and compared', async () => {
    const files = { a: 'aa', b: 'bbb' }
    await write(files)
    for (const [name, body] of Object.entries(files)) await put(store, key(name), body)
    expect((await run()).summary).toMatchObject({ copied: 0, failed: 0 })
    await swap('a', 'b')
    expect((await run({ failOnConflict: true })).summary).toMatchObject({ copied: 2, failed: 0 })
    if (!store.traits.hierarchical) expect(sent()).toBe(0)
    await expectTarget({ a: 'bbb', b: 'aa' })
    await expectNothingToDo()
  })

  test('a chain, as of logs: the newest has new content', async () => {
    const logs = Array.from({ length: 30 }, (_, i) => [`log.${i + 10}`, `${i + 10}`] as const)
    await write(Object.fromEntries(logs))
    await run()
    for (const [name] of logs.toReversed())
      await rename(at(name), at(`log.${Number(name.slice(4)) + 1}`))
    await writeFile(at('log.10'), 'newest')
    expect((await run()).summary).toMatchObject({ copied: 31, renamed: 0, failed: 0 })
    if (!store.traits.hierarchical) expect(sent()).toBe('newest'.length)
    await expectTarget({
      'log.10': 'newest',
      ...Object.fromEntries(logs.map(([name, body]) => [`log.${Number(name.slice(4)) + 1}`, body])),
    })
    await expectNothingToDo()
    expect(await apart()).toEqual([])
  })

  test('renamed onto an existing name', async () => {
    await write({ a: 'content', b: 'old b' })
    await run()
    await rename(at('a'), at('b'))
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ renamed: 1, copied: 0, removed: 1, failed: 0 })
    expect(sent()).toBe(0)
    await expectTarget({ b: 'content' })
    await expectNothingToDo()
  })

  test('an inode that another file has got is a hint, and no more', async () => {
    await write({ a: 'content' })
    const times = [new Date(5000), new Date(5000)] as const
    await utimes(at('a'), ...times)
    await run()
    // The same inode, size and time, as where it is used again.
    await rename(at('a'), at('b'))
    await writeFile(at('b'), 'CONTENT')
    await utimes(at('b'), ...times)
    await run({ delete: true })
    await expectTarget({ b: 'CONTENT' })
    await expectNothingToDo()
  })

  test('the old name has come back with something else', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await writeFile(at('a'), 'another')
    expect((await run({ delete: true })).summary).toMatchObject({ copied: 2, renamed: 0 })
    await expectTarget({ a: 'another', b: 'content' })
    await expectNothingToDo()
  })

  test('what another program has put under the old name stays', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await remove(store, key('a'))
    await put(store, key('a'), 'foreign')
    await run()
    await expectTarget({ a: 'foreign', b: 'content' })
  })

  test('an excluded old name stays', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await run({ delete: true, rules: ['- a'] })
    expect(sent()).toBe(0)
    await expectTarget({ a: 'content', b: 'content' })
    await run({ delete: true })
    await expectTarget({ b: 'content' })
    await expectNothingToDo()
  })

  test('the same contents by another name and inode', async () => {
    const big = 'x'.repeat(2 ** 20)
    await write({ a: big })
    await run()
    await writeFile(at('b'), await readFile(at('a')))
    expect((await run()).summary).toMatchObject({ copied: 1, renamed: 0 })
    expect(sent()).toBe(0)
    await writeFile(at('c'), await readFile(at('a')))
    await run({ dedupeCopy: false })
    if (!store.traits.hierarchical) expect(sent()).toBe(big.length)
    await expectTarget({ a: big, b: big, c: big })
    await expectNothingToDo()
  })

  test('the same contents with tags or metadata of its own are sent', async () => {
    if (store.traits.hierarchical) return
    const others = [{ properties: { tags: { kind: 'raw' } } }, { metadata: { owner: 'me' } }]
    for (const [i, given] of others.entries()) {
      const big = `${i}`.repeat(2 ** 20)
      await write({ [`a${i}`]: big })
      await run(given)
      await write({ [`b${i}`]: big })
      await run()
      expect(sent()).toBe(big.length)
      const info = await store.stat(toKey(key(`b${i}`)), { tags: true })
      expect([info.metadata, info.properties?.tags ?? {}]).toEqual([{}, {}])
    }
  })

  test('a new name that only differs by case', async () => {
    await write({ 'a.txt': 'content', 'Dir/b': 'deep' })
    await run()
    await rename(at('a.txt'), at('A.txt'))
    await rename(at('Dir'), at('dir'))
    expect((await run()).summary).toMatchObject({ renamed: 2, copied: 0, removed: 2, failed: 0 })
    expect(sent()).toBe(0)
    await expectTarget({ 'A.txt': 'content', 'dir/b': 'deep' })
    await expectNothingToDo()
  })

  test('an object over 5 GiB, which goes in parts', async () => {
    if (store.traits.hierarchical) return
    await write({ 'a.txt': 'content' })
    const properties = { tags: { kind: 'raw' }, cacheControl: 'no-store' }
    await run({ metadata: { owner: 'me' }, properties })
    await rename(at('a.txt'), at('b.txt'))
    const asLarge = storeWith(store, {
      // All of them are too large for one request.
      copy: store.copy && { ...store.copy, accepts: (from) => from === asLarge, maxSize: 1 },
    })
    // Where the service does not confirm such a copy, the old name goes only so.
    const { summary } = await run({ delete: true }, asLarge)
    expect(summary).toMatchObject({ renamed: 1, copied: 0, removed: 1, failed: 0 })
    expect(sent()).toBe(0)
    await expectTarget({ 'b.txt': 'content' })
    expect(await store.stat(toKey(key('b.txt')), { tags: true })).toMatchObject({
      metadata: { owner: 'me' },
      contentType: 'text/plain',
      properties,
    })
    await expectNothingToDo()
  })

  test('a copy that fails is not taken for one that was made, and the old name stays', async () => {
    await write({ a: 'content', b: 'more' })
    await run()
    await rename(at('a'), at('c'))
    await rename(at('b'), at('a'))
    const failing = storeWith(store, {
      copy: store.copy && {
        ...store.copy,
        accepts: (from) => from === failing,
        async copy(from, newKey, options) {
          if (newKey.endsWith('/c')) throw new HawserError('integrity', 'damaged', { op: 'copy' })
          if (!store.copy) throw new Error('it copies')
          return store.copy.copy(from, newKey, options)
        },
      },
    })
    const { summary } = await run({ delete: true }, failing)
    expect(summary).toMatchObject({ failed: 1, removed: 0 })
    expect(await contents(store, to.prefix)).toMatchObject({ [key('b')]: 'more' })
    await run({ delete: true })
    await expectTarget({ a: 'more', c: 'content' })
    await expectNothingToDo()
  })

  test('not followed where it is not wanted', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    expect((await run({ renames: false })).summary).toMatchObject({ copied: 1, renamed: 0 })
    if (!store.traits.hierarchical) expect(sent()).toBe('content'.length)
    await expectTarget({ a: 'content', b: 'content' })
  })

  test('metadata goes along, and the type follows the name', async () => {
    await write({ 'a.txt': 'content' })
    const given = store.traits.hierarchical ? {} : { metadata: { owner: 'me' } }
    await run(given)
    await rename(at('a.txt'), at('b.html'))
    await utimes(at('b.html'), new Date(7000), new Date(7000))
    expect((await run()).summary).toMatchObject({ copied: 1, renamed: 0 })
    expect(sent()).toBe(0)
    const info = await store.stat(toKey(key('b.html')))
    expect(info.attributes.mtime ?? info.modified).toBe(7_000_000_000n)
    if (!store.traits.hierarchical)
      expect(info).toMatchObject({ metadata: { owner: 'me' }, contentType: 'text/html' })
    await run({ delete: true })
    await expectNothingToDo()
  })

  test('nor does a swap mix up types, or tell where something was meanwhile', async () => {
    await write({ 'a.txt': 'plain', 'b.html': '<p>' })
    await run()
    await swap('a.txt', 'b.html')
    await run()
    const types = async (name: string): Promise<unknown> =>
      (await store.stat(toKey(key(name)))).contentType
    if (store.traits.hierarchical) return
    expect(sent()).toBe(0)
    expect([await types('a.txt'), await types('b.html')]).toEqual(['text/plain', 'text/html'])
    const origins = events.all.map((event) => (event.type === 'done' ? event.from : undefined))
    expect(origins.join()).not.toContain('aside')
  })
}
