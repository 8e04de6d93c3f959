// What changed in a directory, from the state alone.
import { link, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import { type Place, placeId } from '../../src/core/place.ts'
import type { Store } from '../../src/core/store.ts'
import type { State } from '../../src/state/types.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import {
  type Changed,
  status,
  type StatusOptions,
  type StatusTotals,
} from '../../src/sync/status.ts'
import { destinationsOf, type Synced } from '../../src/sync/synced.ts'
import { sync } from '../../src/sync/sync.ts'
import { put } from '../conformance/tools.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { place } from './tools.ts'

let root: string
let to: Store
let state: State

beforeEach(async () => {
  root = await temporaryDirectory()
  to = memoryStore()
  state = await temporaryState()
})

const at = (name: string): string => join(root, name)
const here = () => place(localStore(root, { durable: false }))
const below = (name: string) => place(localStore(at(name), { durable: false }))
const run = (options: Partial<Parameters<typeof sync>[2]> = {}, target = to) =>
  sync(here(), place(target), { state, ...options })

async function write(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(at(name), '..'), { recursive: true })
    await writeFile(at(name), name)
  }
}

/** What is told of each name, as `change` or `change old`, and the totals. */
async function look(
  options: Partial<StatusOptions> = {},
  directory: Place = here(),
  part?: Synced,
): Promise<{
  readonly names: Record<string, string>
  readonly totals: StatusTotals
  readonly all: readonly Changed[]
}> {
  const all: Changed[] = []
  const pair = { source: placeId(directory), target: placeId(place(to)) }
  const synced = part ?? { pair, below: toKey(''), target: pair.target }
  const changes = status(directory, synced, { state, ...options })
  for (let next = await changes.next(); ; next = await changes.next()) {
    if (next.done) {
      const names = all.map(({ name, change, from, archived, conflicting }) => {
        const words = [change, from, archived && 'archived', conflicting && 'conflicting']
        return [name, words.filter(Boolean).join(' ')] as const
      })
      return { names: Object.fromEntries(names), totals: next.value, all }
    }
    all.push(next.value)
  }
}

test('new, changed, renamed and removed names are told, in order', async () => {
  await write('a', 'b', 'c', 'd/e', 'd/same', 'swap-1', 'swap-2')
  await run()
  expect((await look()).names).toEqual({})
  await writeFile(at('a'), 'longer than it was')
  await rename(at('b'), at('z'))
  await rm(at('c'))
  await rename(at('d'), at('0'))
  await rename(at('swap-1'), at('swap'))
  await rename(at('swap-2'), at('swap-1'))
  await rename(at('swap'), at('swap-2'))
  await write('new/one')
  const { names, totals, all } = await look()
  expect(names).toEqual({
    '0/e': 'renamed d/e',
    '0/same': 'renamed d/same',
    a: 'changed',
    c: 'removed',
    'new/one': 'new',
    'swap-1': 'changed',
    'swap-2': 'changed',
    z: 'renamed b',
  })
  expect(all.map(({ name }) => name)).toEqual(Object.keys(names).toSorted())
  const counted = { new: 1, changed: 3, renamed: 3, removed: 1, unchanged: 0 }
  expect(totals).toMatchObject({ ...counted, archived: 0, conflicting: 0 })
  expect(totals.bytes).toBe('longer than it was'.length + 'new/one'.length + 2 * 'swap-1'.length)
})

test('what only looks like a rename is none', async () => {
  await write('a', 'linked', 'edited')
  await run()
  await link(at('linked'), at('another name'))
  await rename(at('edited'), at('edited elsewhere'))
  await writeFile(at('edited elsewhere'), 'other contents')
  await rm(at('a'))
  const { names } = await look()
  expect(names['another name']).toBe('new')
  expect(names['edited elsewhere']).toBe('new')
  expect(names['edited']).toBe('removed')
  expect(names['a']).toBe('removed')
})

test('one of two hard links that are gone is what a new name was', async () => {
  await write('one')
  await link(at('one'), at('two'))
  await run()
  await rename(at('one'), at('three'))
  await rm(at('two'))
  const { totals } = await look()
  expect(totals).toMatchObject({ renamed: 1, removed: 1, new: 0 })
})

test('a touched file is changed: only a run finds out that its contents are not', async () => {
  await write('a')
  await run()
  await utimes(at('a'), 1, 1)
  expect((await look()).names).toEqual({ a: 'changed' })
  await run()
  expect((await look()).names).toEqual({})
})

test('links and directories count with archive, as in a sync', async () => {
  await write('a', 'dir/b')
  await run()
  await symlink('a', at('link'))
  await mkdir(at('empty'))
  expect((await look()).names).toEqual({})
  expect((await look({ links: 'preserve' })).names).toEqual({ link: 'new' })
  // What has no attributes there yet is to get them.
  expect((await look({ archive: true })).names).toEqual({
    a: 'changed',
    'dir/': 'new',
    'dir/b': 'changed',
    'empty/': 'new',
    link: 'new',
  })
  await run({ archive: true })
  expect((await look({ archive: true })).names).toEqual({})
  await rm(at('link'))
  await rm(at('empty'), { recursive: true })
  await write('dir/c')
  expect((await look({ archive: true })).names).toEqual({
    'dir/c': 'new',
    'empty/': 'removed',
    link: 'removed',
  })
})

test('what filters leave out is not told of, there or gone', async () => {
  await write('a.tmp', 'b', 'cache/x')
  await run()
  await rm(at('a.tmp'))
  await rm(at('b'))
  await writeFile(at('cache/x'), 'other')
  const { names } = await look({ rules: ['- *.tmp', '- cache/'] })
  expect(names).toEqual({ b: 'removed' })
})

test('a conflict is told until a run comes through with the name', async () => {
  await write('a', 'b')
  await run()
  const before = (await look()).totals
  await writeFile(at('a'), 'mine')
  const meddled = storeWith(to, {
    async write(key, ...more) {
      await put(to, 'a', 'theirs')
      return to.write(key, ...more)
    },
  })
  const { failures } = await run({ failOnConflict: true }, meddled)
  expect(failures).toMatchObject([{ code: 'conflict' }])
  expect((await look()).names).toEqual({ a: 'changed conflicting' })
  // One that does not come to the name leaves it so; so does one that does nothing.
  await run({ rules: ['- a'] })
  await run({ dryRun: true })
  expect((await look()).totals).toMatchObject({ conflicting: 1 })
  await run()
  expect((await look()).names).toEqual({})
  expect((await look()).totals).toEqual(before)
})

test('a conflict on a name that is gone on both sides is forgotten by a run that sees all', async () => {
  const pair = { source: placeId(here()), target: placeId(place(to)) }
  await write('b')
  await run()
  const conflict = { key: toKey('gone'), noted: new Date(), message: 'was changed' }
  await state.pairs.putConflict(pair, conflict)
  expect((await look()).names).toEqual({})
  await run({ rules: ['- *.tmp'] })
  expect(await Array.fromAsync(state.pairs.conflicts(pair))).toEqual([conflict])
  await run()
  expect(await Array.fromAsync(state.pairs.conflicts(pair))).toEqual([])
})

test('what a run left because it is archived at the destination is told', async () => {
  const bucket = storeWith(to, {})
  await write('a', 'sub/b')
  const target = placeId(place(bucket, 'deep/prefix'))
  await sync(here(), place(bucket, 'deep/prefix'), { state })
  const noted = { size: 1, etag: undefined, storageClass: 'GLACIER', noted: new Date() }
  const [id, root_] = [placeId(place(bucket)), 'deep/prefix/sub/b']
  await state.archives.note(id, { ...noted, key: toKey(root_), command: 'sync' })
  await state.archives.note(id, { ...noted, key: toKey('elsewhere/a'), command: 'sync' })
  // Nobody left it: it was only asked for.
  await state.archives.note(id, { ...noted, key: toKey('deep/prefix/a'), command: 'restore' })
  const parts = [[here(), 'sub/b'] as const, [below('sub'), 'b'] as const]
  for (const [directory, name] of parts) {
    const [synced, ...others] = await destinationsOf(directory, state)
    expect(synced?.pair.target).toBe(target)
    expect(others).toEqual([])
    const told = synced && (await Array.fromAsync(status(directory, synced, { state })))
    expect(told).toMatchObject([{ name, archived: true }])
    expect(told?.[0]?.change).toBeUndefined()
  }
})

test('each place that a directory was synced to has a part of its own', async () => {
  await write('a')
  const other = memoryStore({ name: 'other' })
  expect(await destinationsOf(here(), state)).toEqual([])
  await run()
  await run({}, other)
  const both = [placeId(place(to)), placeId(place(other))]
  const found = await destinationsOf(here(), state)
  expect(found.map(({ target }) => target)).toEqual(both)
})

test('a directory in one that was synced is a part of that, unless it was synced by itself', async () => {
  await write('a', 'sub/b', 'sub/deep/c', 'sub/gone', 'sub-x/d')
  await run()
  await write('sub/new', 'sub-x/new')
  await writeFile(at('sub/b'), 'changed')
  await rm(at('sub/gone'))
  await rename(at('a'), at('sub/a'))
  const pair = { source: placeId(here()), target: placeId(place(to)) }
  await state.pairs.putConflict(pair, { key: toKey('sub/deep/c'), noted: new Date(), message: '' })
  const [synced, ...others] = await destinationsOf(below('sub'), state)
  expect(others).toEqual([])
  expect(synced).toEqual({ pair, below: 'sub/', target: placeId(place(to, 'sub/')) })
  const { names, totals } = await look({}, below('sub'), synced)
  expect(names).toEqual({
    a: 'new',
    b: 'changed',
    'deep/c': 'conflicting',
    gone: 'removed',
    new: 'new',
  })
  expect(totals).toMatchObject({ unchanged: 1, removed: 1, new: 2 })
  expect(await destinationsOf(below('su'), state)).toMatchObject([{ below: 'su/' }])
  expect(await destinationsOf(place(localStore(join(root, '..'))), state)).toEqual([])

  const other = memoryStore({ name: 'other' })
  await sync(below('sub'), place(other), { state })
  const own = await destinationsOf(below('sub'), state)
  expect(own).toMatchObject([{ below: '', target: placeId(place(other)) }])
})

test('a directory that is gone is no empty one', async () => {
  await write('a')
  await run()
  await rm(root, { recursive: true })
  await expect(look()).rejects.toMatchObject({ code: 'not-found' })
})

test('a sync does what was told: random changes', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'e')
  const edit = fc.record({ do: fc.constantFrom('write', 'remove', 'rename'), name, other: name })
  const checked = fc.asyncProperty(fc.array(edit, { maxLength: 8 }), async (edits) => {
    root = await temporaryDirectory()
    to = memoryStore()
    state = await temporaryState()
    // One always stays: of a source that is empty a sync removes nothing.
    await write('a', 'b', 'c', 'd/a', 'd/b', 'kept')
    await run()
    for (const [index, { do: action, name: first, other }] of edits.entries()) {
      await mkdir(at('d'), { recursive: true })
      if (action === 'write') await writeFile(at(first), `${first} ${index}`)
      else if (action === 'remove') await rm(at(first), { force: true })
      else await rename(at(first), at(other)).catch(() => {})
    }
    const { totals } = await look()
    const { summary } = await run({ delete: true, dryRun: true })
    expect(summary.copied + summary.renamed).toBeGreaterThanOrEqual(totals.new + totals.renamed)
    expect(summary.copied + summary.renamed + summary.unchanged).toBe(
      totals.new + totals.changed + totals.renamed + totals.unchanged,
    )
    expect(summary.removed).toBe(totals.removed + totals.renamed)
    await run({ delete: true })
    const after = await look()
    expect(after.names).toEqual({})
  })
  await fc.assert(checked, { numRuns: 15 })
})

test('what lies in a directory that cannot be read is not told as removed', async () => {
  await write('a', 'sub/a', 'sub/b/c', 'sub-2', 'z')
  await run()
  await write('new')
  await rm(at('z'))
  const local = localStore(root, { durable: false })
  const unreadable = storeWith(local, {
    async *list(prefix, options) {
      let told = false
      for await (const entry of local.list(prefix, options))
        if (!entry.key.startsWith('sub/')) yield entry
        else if (!told) {
          told = true
          const key = toKey('sub')
          options?.onProblem?.(new HawserError('permission-denied', 'no', { op: 'list', key }))
        }
    },
  })
  const { names, totals } = await look({}, place(unreadable))
  expect(names).toEqual({ new: 'new', z: 'removed' })
  expect(totals).toMatchObject({ removed: 1, unchanged: 2 })
})

test('a conflict of the old name goes along with a new one', async () => {
  await write('a')
  await run()
  const pair = { source: placeId(here()), target: placeId(place(to)) }
  await state.pairs.putConflict(pair, { key: toKey('a'), noted: new Date(), message: 'changed' })
  await rename(at('a'), at('b'))
  expect((await look()).names).toEqual({ b: 'renamed a conflicting' })
})
