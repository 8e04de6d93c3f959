// A run without --delete removes the old name of a renamed file, and nothing but that: where anything is in doubt, it stays.
import {
  copyFile,
  link,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Place } from '../../../src/core/place.ts'
import type { Store } from '../../../src/core/store.ts'
import type { State } from '../../../src/state/types.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { put } from '../../conformance/tools.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { onEachStore } from '../stores.ts'
import { contents, Events, place } from '../tools.ts'
import { withoutRename } from './tools.ts'

onEachStore(cases, () => withoutRename(memoryStore()))

function cases(open: () => Promise<Store>): void {
  let store: Store
  let to: Place
  let source = ''
  let state: State
  let events: Events
  let run: (options?: Partial<SyncOptions>, target?: Store, root?: string) => Promise<RunResult>
  let trees = 0

  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store[Symbol.asyncDispose]())
  beforeEach(async () => {
    source = await temporaryDirectory()
    to = place(store, `tree-${trees++}/`)
    state = await temporaryState()
    run = async (options, target = store, root = source) => {
      events = new Events()
      const from = place(localStore(root, { durable: false }))
      return sync(from, { ...to, store: target }, { state, onEvent: events.sink, ...options })
    }
  })
  const at = (name: string): string => join(source, name)
  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, body] of Object.entries(files)) {
      await mkdir(dirname(at(name)), { recursive: true })
      await writeFile(at(name), body)
    }
  }
  async function expectTarget(files: Record<string, string>): Promise<void> {
    const found = Object.entries(await contents(store, to.prefix))
    expect(
      Object.fromEntries(found.map(([key, body]) => [key.slice(to.prefix.length), body])),
    ).toEqual(files)
  }
  function warnings(): string[] {
    return events.all.flatMap((event) => (event.type === 'warn' ? [event.message] : []))
  }
  /** The file is copied, its old name stays, and whether that is told. */
  async function expectKept(
    files: Record<string, string>,
    { told = true, ...options }: Partial<SyncOptions> & { readonly told?: boolean } = {},
  ): Promise<void> {
    const { summary } = await run(options)
    expect(summary).toMatchObject({ renamed: 0, removed: 0, failed: 0 })
    expect(warnings()).toEqual(told ? [expect.stringMatching('a renamed file stays')] : [])
    await expectTarget(files)
  }

  test('a renamed file, and a directory: no byte is sent, and the old names go', async () => {
    await write({ a: 'content', 'd/e/f': 'deep', 'd/g': 'less', other: 'other' })
    await run()
    await put(store, `${to.prefix}foreign`, 'foreign')
    await rename(at('a'), at('b'))
    await rename(at('d'), at('moved'))
    const dry = await run({ dryRun: true })
    const { summary, predicted, actual } = await run()
    for (const told of [dry.summary, summary])
      expect(told).toMatchObject({ renamed: 3, removed: 3, copied: 0, unchanged: 1, failed: 0 })
    expect(predicted).toEqual(dry.predicted)
    if (!store.traits.hierarchical)
      expect(actual?.requests.remove).toEqual(predicted?.requests.remove)
    expect(warnings()).toEqual([])
    await expectTarget({
      b: 'content',
      foreign: 'foreign',
      'moved/e/f': 'deep',
      'moved/g': 'less',
      other: 'other',
    })
    const again = await run()
    expect(again.summary).toMatchObject({ renamed: 0, removed: 0, copied: 0, unchanged: 4 })
  })

  test('what is removed from the source stays, renamed files or not', async () => {
    await write({ a: 'content', b: 'gone', c: 'gone' })
    await run()
    await rm(at('b'))
    await rm(at('c'))
    await rename(at('a'), at('d'))
    expect((await run()).summary).toMatchObject({ renamed: 1, removed: 1, failed: 0 })
    await expectTarget({ b: 'gone', c: 'gone', d: 'content' })
  })

  test('it is kept in the place of backups', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await run({ backupDir: place(store, `${to.prefix}backups`) })
    await expectTarget({ b: 'content', 'backups/a': 'content' })
  })

  test('no guard counts it', async () => {
    const files = Array.from({ length: 110 }, (_, i) => [`d/f${i}`, `body ${i}`] as const)
    await write(Object.fromEntries(files))
    await run()
    await rename(at('d'), at('moved'))
    expect((await run()).summary).toMatchObject({ renamed: 110, removed: 110, failed: 0 })
    await expectTarget(
      Object.fromEntries(files.map(([name, body]) => [name.replace('d/', 'moved/'), body])),
    )
  })

  test('a chain: only the name that is free goes', async () => {
    await write({ a: 'one', b: 'two' })
    await run()
    await rename(at('b'), at('c'))
    await rename(at('a'), at('b'))
    expect((await run()).summary).toMatchObject({ renamed: 1, copied: 1, removed: 1 })
    await expectTarget({ b: 'one', c: 'two' })
  })

  test('a hard link that the source still has elsewhere', async () => {
    const outside = await temporaryDirectory()
    await write({ a: 'content' })
    await link(at('a'), join(outside, 'a'))
    await run()
    await rename(at('a'), at('b'))
    await expectKept({ a: 'content', b: 'content' })
  })

  test('one of two hard links is removed, and the other one is renamed', async () => {
    await write({ a: 'content' })
    await link(at('a'), at('b'))
    await run()
    await rm(at('a'))
    await rename(at('b'), at('c'))
    await expectKept({ a: 'content', b: 'content', c: 'content' })
  })

  test('one of two hard links is removed, whose other one is to be copied again', async () => {
    await write({ a: 'content' })
    await link(at('a'), at('b'))
    await run()
    await rm(at('a'))
    await put(store, `${to.prefix}b`, 'another')
    await expectKept({ a: 'content', b: 'content' })
  })

  test('the old name has come back, with the same file or another one', async () => {
    await write({ a: 'content', x: 'more' })
    await run()
    await link(at('a'), at('b'))
    await rename(at('x'), at('y'))
    await writeFile(at('x'), 'new')
    await expectKept({ a: 'content', b: 'content', x: 'new', y: 'more' }, { told: false })
  })

  test('it comes back while the run is under way', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    const from = place(localStore(source, { durable: false }))
    const seen = storeWith(from.store, {
      async *list(prefix, options) {
        yield* from.store.list(prefix, options)
        await writeFile(at('a'), 'back')
      },
    })
    const { summary } = await sync({ ...from, store: seen }, to, { state })
    expect(summary).toMatchObject({ removed: 0, failed: 0 })
    await expectTarget({ a: 'content', b: 'content' })
  })

  test('the file has another time, or other bytes', async () => {
    await write({ a: 'content', c: 'content of c' })
    await run()
    await rename(at('a'), at('b'))
    await utimes(at('b'), new Date(5000), new Date(5000))
    await rename(at('c'), at('d'))
    await writeFile(at('d'), 'CONTENT OF C')
    const files = { a: 'content', b: 'content', c: 'content of c', d: 'CONTENT OF C' }
    await expectKept(files, { told: false })
  })

  test('another file of the same contents', async () => {
    const big = 'x'.repeat(2 ** 20)
    await write({ a: big })
    await run()
    const { mtime } = await stat(at('a'))
    await copyFile(at('a'), at('b'))
    await utimes(at('b'), mtime, mtime)
    await rm(at('a'))
    await expectKept({ a: big, b: big }, { told: false })
  })

  test.each([
    ['excluded', ['- a']],
    ['protected', ['P a']],
    ['hidden', ['H a']],
    ['in a directory that is excluded', ['- /d/']],
  ])('the old name is %s', async (_, rules) => {
    const name = rules[0] === '- /d/' ? 'd/a' : 'a'
    await write({ [name]: 'content', b: 'b' })
    await run()
    await rename(at(name), at('c'))
    await expectKept({ [name]: 'content', b: 'b', c: 'content' }, { rules, told: false })
  })

  test('hidden from the run, while the source has another file there', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('c'))
    await write({ a: 'another' })
    const options = { rules: ['H a'], deleteExcluded: true, told: false }
    await expectKept({ a: 'content', c: 'content' }, options)
  })

  test('below a link that is passed over', async () => {
    await write({ 'd/a': 'content' })
    await run()
    await rename(at('d'), at('e'))
    await symlink('e', at('d'))
    const { summary } = await run()
    expect(summary).toMatchObject({ renamed: 0, removed: 0, failed: 0 })
    await expectTarget({ 'd/a': 'content', 'e/a': 'content' })
  })

  test.each([[['b']], [['a', 'b']]])('only names that were given: %s', async (filesFrom) => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    const options = { filesFrom, ignoreMissingArgs: true, told: false }
    await expectKept({ a: 'content', b: 'content' }, options)
  })

  test.each([
    ['the same place', ''],
    ['a place around it', '..'],
    ['a place in it', 'deeper'],
  ])('another source was brought to %s', async (_, where) => {
    const prefix = to.prefix
    to = place(store, `${prefix}tree/`)
    await write({ a: 'content' })
    await run()
    const others = await temporaryDirectory()
    await writeFile(join(others, 'z'), 'z')
    const around = where === '..' ? prefix : `${prefix}tree/${where}`
    const from = place(localStore(others, { durable: false }))
    await sync(from, place(store, around), { state })
    await rename(at('a'), at('b'))
    const { summary } = await run()
    expect(summary).toMatchObject({ copied: 1, renamed: 0, removed: 0, failed: 0 })
    expect(await contents(store, to.prefix)).toMatchObject({
      [`${to.prefix}a`]: 'content',
      [`${to.prefix}b`]: 'content',
    })
  })

  test('something else fails', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await write({ x: 'x' })
    const failing = storeWith(store, {
      async write(key, ...more) {
        if (key.endsWith('/x')) throw new HawserError('permission-denied', 'no', { op: 'write' })
        return store.write(key, ...more)
      },
      multipart: undefined,
      copy: store.copy && { ...store.copy, accepts: (from) => from === failing },
    })
    const { summary } = await run({}, failing)
    expect(summary).toMatchObject({ renamed: 1, removed: 0, failed: 1 })
    expect(warnings()).toContainEqual(
      expect.stringMatching('nothing was removed, because 1 failed: 1 object would be'),
    )
    await expectTarget({ a: 'content', b: 'content' })
    // What the next run cannot tell from a hard link that was removed stays, until it is asked for.
    await run()
    await expectTarget({ a: 'content', b: 'content', x: 'x' })
    await run({ delete: true })
    await expectTarget({ b: 'content', x: 'x' })
  })

  test('a directory of the source cannot be read', async () => {
    await write({ 'd/a': 'content', b: 'b' })
    await run()
    await rename(at('d/a'), at('c'))
    const from = place(localStore(source, { durable: false }))
    const seen = storeWith(from.store, {
      async *list(prefix, options) {
        options?.onProblem?.(new HawserError('permission-denied', 'no', { op: 'list' }))
        yield* from.store.list(prefix, options)
      },
    })
    const { summary } = await sync({ ...from, store: seen }, to, { state })
    expect(summary).toMatchObject({ removed: 0, failed: 1 })
    await expectTarget({ b: 'b', c: 'content', 'd/a': 'content' })
  })

  test('another program puts something there, before it is looked at or after', async () => {
    await write({ a: 'content', c: 'more' })
    await run()
    await rename(at('a'), at('b'))
    await put(store, `${to.prefix}a`, 'foreign')
    expect((await run()).summary).toMatchObject({ copied: 1, removed: 0, failed: 0 })
    await rename(at('c'), at('d'))
    const { rename: renameThere } = store
    const late = storeWith(store, {
      async *remove(refs, options) {
        await put(store, `${to.prefix}c`, 'foreign too')
        yield* store.remove(refs, options)
      },
      copy: store.copy && { ...store.copy, accepts: (from) => from === late },
      rename:
        renameThere &&
        (async (...call) => {
          await put(store, `${to.prefix}c`, 'foreign too')
          return renameThere(...call)
        }),
    })
    const { summary } = await run({}, late)
    if (renameThere) expect(summary).toMatchObject({ copied: 1, removed: 0, failed: 0 })
    else {
      expect(summary).toMatchObject({ renamed: 1, removed: 0, failed: 0 })
      expect(warnings()).toEqual([expect.stringMatching('a renamed file stays')])
    }
    await expectTarget({ a: 'foreign', b: 'content', c: 'foreign too', d: 'more' })
  })

  test('the service does not confirm the copy', async () => {
    if (store.traits.hierarchical) return
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    const { copy } = store
    const silent = storeWith(store, {
      copy: copy && {
        ...copy,
        accepts: (from) => from === silent,
        copy: async (...call) => ({
          ...(await copy.copy(...call)),
          etag: 'another',
          crc64nvme: undefined,
        }),
      },
    })
    const { summary } = await run({}, silent)
    expect(summary).toMatchObject({ copied: 1, renamed: 0, removed: 0, failed: 0, unverified: 1 })
    expect(warnings()).toContainEqual(expect.stringMatching('a renamed file stays'))
    await expectTarget({ a: 'content', b: 'content' })
  })

  test('renames are not followed', async () => {
    await write({ a: 'content' })
    await run()
    await rename(at('a'), at('b'))
    await expectKept({ a: 'content', b: 'content' }, { renames: false, told: false })
  })

  test('the tree is not what it was: a mount that is missing, or another one', async () => {
    await write({ 'mount/a': 'content', b: 'b' })
    await run()
    // The same inode on another device, as far as the state knows.
    const pair = { source: '', target: '' }
    for (const known of await state.pairs.all()) Object.assign(pair, known)
    const row = await state.pairs.get(pair, toKey('mount/a'))
    if (!row) throw new Error('not recorded')
    await state.pairs.put(pair, { ...row, source: { ...row.source, device: 1_234_567n } })
    await rename(at('mount/a'), at('c'))
    await expectKept({ b: 'b', c: 'content', 'mount/a': 'content' })
  })
}
