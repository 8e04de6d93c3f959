// Every way in which names change, with a run that dies before or after each of its requests that change something: until
// the next one nothing that the source has is lost, and the next one ends right.
import { link, mkdir, mkdtemp, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Place } from '../../../src/core/place.ts'
import type { Store } from '../../../src/core/store.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { sync } from '../../../src/sync/sync.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { strictStore } from '../../transfer/delta/tools.ts'
import { KiB, storeWith } from '../../transfer/tools.ts'
import { contents, place } from '../tools.ts'
import { dying, filesOf, large, withoutRename } from './tools.ts'

interface Case {
  readonly before: Readonly<Record<string, string>>
  readonly edit: (at: (name: string) => string) => Promise<void>
  /** Objects are too large for a copy in one request. */
  readonly inParts?: boolean
}

const text = (name: string): string => large[name] ?? ''

const cases: Record<string, Case> = {
  'a file': { before: { a: 'content' }, edit: async (at) => rename(at('a'), at('b')) },
  'a directory': {
    before: { 'old/a': 'one', 'old/deep/b': 'two', other: 'more' },
    edit: async (at) => rename(at('old'), at('new')),
  },
  'renamed, then edited': {
    before: { a: text('a') },
    async edit(at) {
      await rename(at('a'), at('b'))
      await writeFile(at('b'), text('a, edited'))
    },
  },
  'saved by a new file under the old name': {
    before: { a: text('a') },
    async edit(at) {
      await writeFile(at('new'), text('a, same size'))
      await rename(at('new'), at('a'))
    },
  },
  'one of two hard links removed, the other renamed': {
    before: { a: 'content' },
    async edit(at) {
      await link(at('a'), at('b'))
      await rename(at('a'), at('c'))
      await unlink(at('b'))
    },
  },
  'a swap': { before: { a: 'aa', b: 'bb' }, edit: async (at) => around(at, ['a', 'b']) },
  'a ring of three, one of them edited': {
    before: { x: text('a'), y: text('b'), z: 'six' },
    async edit(at) {
      await around(at, ['x', 'y', 'z'])
      await writeFile(at('x'), text('b, then a'))
    },
  },
  'a chain': {
    before: { 'log.1': 'one', 'log.2': 'two', 'log.3': 'three' },
    async edit(at) {
      for (const i of [3, 2, 1]) await rename(at(`log.${i}`), at(`log.${i + 1}`))
      await writeFile(at('log.1'), 'new')
    },
  },
  'an inode that another file has got': {
    before: { a: 'content' },
    async edit(at) {
      await rename(at('a'), at('b'))
      await writeFile(at('b'), 'CONTENT')
      await utimes(at('b'), 5, 5)
    },
  },
  'onto an existing name': {
    before: { a: 'content', b: 'old b' },
    edit: async (at) => rename(at('a'), at('b')),
  },
  'the old name has something else': {
    before: { a: 'content' },
    async edit(at) {
      await rename(at('a'), at('b'))
      await writeFile(at('a'), 'another')
    },
  },
  'above what one request copies': {
    before: { a: text('a') },
    edit: async (at) => rename(at('a'), at('b')),
    inParts: true,
  },
}

/** The first name gets the file of the second one, and so on; the last one that of the first. */
async function around(at: (name: string) => string, names: readonly string[]): Promise<void> {
  const [first = '', ...others] = names
  await rename(at(first), at('aside'))
  let free = first
  for (const name of others) {
    await rename(at(name), at(free))
    free = name
  }
  await rename(at('aside'), at(free))
}

const all = Object.entries(cases)
describe('in memory', () => {
  test.each(all)('%s', async (_, one) => survives(one, withoutRename(strictStore(64 * KiB))))
})
describe('on a disk', () => {
  test.each(all)('%s', async (_, one) => {
    const directory = await mkdtemp(join(tmpdir(), 'hawser-killed-'))
    await survives(one, localStore(directory, { durable: false }))
    await rm(directory, { recursive: true })
  })
})
describeS3(
  'in a bucket',
  (endpoint) => {
    test.each(all)('%s', { timeout: 120_000 }, async (_, one) => {
      await using store = await openBucket(endpoint)
      await survives(one, store)
    })
  },
  ['ceph20', 'hawser'],
)

/** Whether names go that the source does not have; whether the last request took effect. */
const ways = [
  { remove: true, lost: true },
  { remove: true, lost: false },
  { remove: false, lost: true },
]

async function survives(one: Case, raw: Store): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'hawser-killed-'))
  const state = await openState(join(root, 'state'))
  const died: boolean[] = []
  try {
    for (const way of ways)
      for (let after = 0, dead = true; dead; after++) {
        const directory = join(root, `case-${died.length}`)
        await mkdir(directory)
        dead = await survivesOnce(one, raw, { state, way: { ...way, after }, directory })
        died.push(dead)
      }
  } finally {
    await state[Symbol.asyncDispose]()
    await rm(root, { recursive: true })
  }
  expect(died).toContain(true)
}

interface Once {
  readonly state: State
  readonly directory: string
  readonly way: { readonly remove: boolean; readonly after: number; readonly lost: boolean }
}

/** @returns whether the run was killed */
async function survivesOnce(
  one: Case,
  raw: Store,
  { state, directory, way }: Once,
): Promise<boolean> {
  const at = (name: string): string => join(directory, name)
  const known = raw.traits.hierarchical ? raw : reserved(raw, defaultReserved)
  const from = place(localStore(directory, { durable: false }))
  const prefix = `${directory.split('/').at(-1)}/`
  const delta = { threshold: 512 * KiB, average: 64 * KiB }
  const run = async (store: Store, remove: boolean): ReturnType<typeof sync> =>
    sync(from, place(store, prefix), { state, delete: remove, delta, jobs: 2, maxDelete: 99 })

  for (const [name, body] of Object.entries(one.before)) {
    await mkdir(join(at(name), '..'), { recursive: true })
    await writeFile(at(name), body)
  }
  expect((await run(known, false)).failures).toEqual([])
  await one.edit(at)
  const files = await filesOf(directory)
  const before = Object.values(await contents(known, prefix))

  const mortal = dying(known, way.after, way.lost)
  const target = one.inParts ? smallCopies(mortal) : mortal
  const failures = await run(target, way.remove).then(
    (done) => done.failures,
    (error: unknown) => [error],
  )
  if (!raw.traits.hierarchical) {
    // What is set aside counts; a disk has no place for that, and gets it from the source again.
    const aside = await contents(raw, `${defaultReserved}aside/`)
    const there = Object.values({ ...aside, ...(await contents(raw, prefix)) })
    for (const body of before)
      if (Object.values(files).includes(body)) expect(there).toContain(body)
  }

  expect((await run(known, true)).failures).toEqual([])
  expect(await below(known, prefix)).toEqual(files)
  const { summary } = await run(known, true)
  expect(summary).toMatchObject({ copied: 0, renamed: 0, removed: 0, failed: 0 })
  return failures.length > 0
}

async function below(store: Place['store'], prefix: string): Promise<Record<string, string>> {
  const found = Object.entries(await contents(store, prefix))
  return Object.fromEntries(found.map(([key, body]) => [key.slice(prefix.length), body]))
}

function smallCopies(store: Store): Store {
  const own: Store = storeWith(store, {
    copy: store.copy && { ...store.copy, accepts: (other) => other === own, maxSize: 256 * KiB },
  })
  return own
}
