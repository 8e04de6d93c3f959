// To a disk that takes two names for one, as where case does not count: what a run put there, it does not replace.
import { rename as renameFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { toKey, type Key } from '../../src/core/key.ts'
import type { Entry, KeyRef, ObjectInfo, RenameOptions, Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import { sync } from '../../src/sync/sync.ts'
import { put } from '../conformance/tools.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { contents, place } from './tools.ts'

function asked<T extends Entry>(entry: T, key: Key): T {
  return { ...entry, key }
}

/** A disk on which the first one who makes a name says how it is spelt, and all other spellings lead to it. */
function folding(disk: Store): Store {
  const spelt = new Map<string, Key>()
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other, as names are made on a disk. */
  const make = async <T extends Entry>(key: Key, run: (real: Key) => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      const made = await run(seen(key))
      spelt.set(key.toLowerCase(), seen(key))
      return asked(made, key)
    })
    last = turn.catch(() => {})
    return turn
  }
  const seen = (key: Key): Key => spelt.get(key.toLowerCase()) ?? key
  const { rename, copy: copying } = disk
  /** Of what is there by another spelling of the name, which is what it has afterwards. */
  const respell = async (from: KeyRef, to: Key, call?: RenameOptions): Promise<ObjectInfo> => {
    const there = await disk.stat(seen(to))
    const { condition } = call ?? {}
    if (condition && (condition.kind === 'if-absent' || condition.etag !== there.etag))
      throw new HawserError('precondition-failed', 'taken', { op: 'rename', key: to })
    if (!rename) throw new Error('no rename')
    const renamed = await rename({ ...from, key: there.key }, to)
    spelt.set(to.toLowerCase(), to)
    return renamed
  }
  return storeWith(disk, {
    stat: async (key, call) => asked(await disk.stat(seen(key), call), key),
    write: (key, body, call) => make(key, (real) => disk.write(real, body, call)),
    multipart: undefined,
    copy: copying && {
      ...copying,
      copy: async (from, to, call) =>
        make(to, (real) => copying.copy({ ...from, key: seen(toKey(from.key)) }, real, call)),
    },
    rename:
      rename &&
      ((from, to, call) =>
        from.key.toLowerCase() === to.toLowerCase()
          ? respell(from, to, call)
          : make(to, (real) => rename({ ...from, key: seen(from.key) }, real, call))),
  })
}

const recursive = true
const ways = {
  sync: async (from: Store, to: Store) =>
    sync(place(from), place(to), { state: await temporaryState() }),
  copy: async (from: Store, to: Store) =>
    copy([place(from)], place(to), { state: await temporaryState(), recursive }),
  move: async (from: Store, to: Store) =>
    move([place(from)], place(to), { state: await temporaryState(), recursive }),
}

describe.each(Object.entries(ways))('%s', (way, run) => {
  test.each([
    ['new names', undefined],
    ['one of them there before', 'old'],
  ])('%s: one of the two is a failure, and none is lost', async (_, before) => {
    for (const jobs of ['together', 'apart']) {
      const from = memoryStore()
      const to = folding(localStore(await temporaryDirectory()))
      await put(from, 'Name', 'upper')
      // What comes between, so that the first is done before the second begins.
      if (jobs === 'apart') for (let i = 0; i < 200; i++) await put(from, `a${i}`, '')
      await put(from, 'name', 'lower')
      await put(from, 'other', 'other')
      if (before !== undefined) await put(to, 'Name', before)
      const { summary, failures } = await run(from, to)
      expect(summary.failed).toBe(1)
      expect(failures).toMatchObject([{ code: 'conflict' }])
      const [left, there] = [await contents(from), await contents(to)]
      expect(there['other']).toBe('other')
      const survivor = there['Name'] ?? there['name']
      if (way !== 'move') expect(['upper', 'lower']).toContain(survivor)
      else
        expect(new Set([survivor, left['Name'] ?? left['name']])).toEqual(
          new Set(['lower', 'upper']),
        )
    }
  })
})

test('a move on one such disk keeps both, one of them where it was', async () => {
  const state = await temporaryState()
  const disk = folding(localStore(join(await temporaryDirectory(), 'disk')))
  await put(disk, 'one/Name', 'upper')
  await put(disk, 'two/name', 'lower')
  const first = await move([place(disk, 'one/Name')], place(disk, 'to/'), { state })
  expect(first.summary).toMatchObject({ moved: 1, failed: 0 })
  const second = await move([place(disk, 'two/name')], place(disk, 'to/'), { state })
  expect(second.failures).toMatchObject([{ code: 'conflict', key: toKey('to/name') }])
  expect(await contents(disk)).toEqual({ 'to/Name': 'upper', 'two/name': 'lower' })
})

test('a file is given its own name in another case, and replaced by its own name', async () => {
  const state = await temporaryState()
  const disk = folding(localStore(await temporaryDirectory()))
  await put(disk, 'Name', 'x')
  const renamed = await move([place(disk, 'Name')], place(disk, 'NAME'), { state })
  expect(renamed.failures).toEqual([])
  const plain = localStore(await temporaryDirectory())
  await put(plain, 'Name', 'upper')
  await put(plain, 'name', 'lower')
  await put(plain, 'sub/name', 'new')
  const { failures } = await move([place(plain, 'sub/name')], place(plain, 'name'), { state })
  expect(failures).toEqual([])
  expect(await contents(plain)).toEqual({ Name: 'upper', name: 'new' })
})

test.each([true, false])('a new name in another case, with --delete: %s', async (remove) => {
  const [state, source] = [await temporaryState(), await temporaryDirectory()]
  const [from, disk] = [localStore(source), folding(localStore(await temporaryDirectory()))]
  const run = (): ReturnType<typeof sync> =>
    sync(place(from), place(disk), { state, delete: remove })
  await put(from, 'Name', 'x')
  await run()
  const { file } = await disk.stat(toKey('Name'))
  await renameFile(join(source, 'Name'), join(source, 'NAME'))
  const { summary, failures } = await run()
  expect(failures).toEqual([])
  expect(summary).toMatchObject({ renamed: 1, copied: 0, removed: 1 })
  expect(await contents(disk)).toEqual({ NAME: 'x' })
  expect((await disk.stat(toKey('NAME'))).file?.inode).toBe(file?.inode)
  const again = await run()
  expect(again.summary).toMatchObject({ renamed: 0, copied: 0, removed: 0, unchanged: 1 })
})

test.each([true, false])(
  'a directory in another case, with --delete: %s: told, and nothing is lost',
  async (remove) => {
    const [state, source] = [await temporaryState(), await temporaryDirectory()]
    const [from, disk] = [localStore(source), folding(localStore(await temporaryDirectory()))]
    await put(from, 'Dir/name', 'x')
    await sync(place(from), place(disk), { state, delete: remove })
    await renameFile(join(source, 'Dir'), join(source, 'DIR'))
    for (const _ of [1, 2]) {
      const { failures } = await sync(place(from), place(disk), { state, delete: remove })
      expect(failures).toMatchObject([{ code: 'conflict', key: toKey('DIR/name') }])
      expect(await contents(disk)).toEqual({ 'Dir/name': 'x' })
    }
  },
)
