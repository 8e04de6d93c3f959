import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Key } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { below } from '../../src/layers/below.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { localProfile, memoryProfile } from '../conformance/profiles.ts'
import { conformance, type Opened, type Profile } from '../conformance/suite.ts'
import { collect, entries, getText, key, keys, put, remove } from '../conformance/tools.ts'
import { multipartOf, storeWith, temporaryDirectory } from '../transfer/tools.ts'

const own = ['.hawser/s3/x', '.hawser/sig/a', '.hawser/sig/t1/x']

function reserving(profile: Profile): Profile {
  return { ...profile, traits: { ...profile.traits, reserved: defaultReserved } }
}

/** An empty store, as it looks. */
async function beside(store: Store): Promise<Opened> {
  for (const name of own) await put(store, name)
  const shown = reserved(store, defaultReserved)
  return {
    store: shown,
    async close() {
      for await (const { error } of shown.remove(shown.list(key('')))) if (error) throw error
      expect(await keys(store, '')).toEqual(own)
    },
  }
}

conformance('beside what is reserved, in memory', reserving(memoryProfile), () =>
  beside(memoryStore()),
)

conformance('beside what is reserved, on a disk', reserving(localProfile), async () => {
  const root = mkdtempSync(join(tmpdir(), 'hawser-reserved-'))
  const { store, close } = await beside(localStore(root, { durable: false }))
  return {
    store,
    async close() {
      await close?.()
      rmSync(root, { recursive: true })
    },
  }
})

type Open = () => Promise<Store>
const inMemory: Open = async () => memoryStore()
const onDisk: Open = async () => localStore(await temporaryDirectory(), { durable: false })

async function filled(open: Open, prefix = '.hawser/'): Promise<{ under: Store; store: Store }> {
  const under = await open()
  for (const name of [...own, '-a', '.hawser-a', 'b/.hawser/c', 'd']) await put(under, name)
  return { under, store: reserved(under, key(prefix)) }
}

async function listed(...asked: Parameters<typeof entries>): Promise<Key[]> {
  return (await entries(...asked)).map((entry) => entry.key)
}

test.each([inMemory, onDisk])(
  'listings leave it out, however they are asked (%o)',
  async (open) => {
    const { store } = await filled(open)
    const shown = ['-a', '.hawser-a', 'b/.hawser/c', 'd']
    expect(await listed(store, '')).toEqual(shown)
    expect(await listed(store, '', { shallow: true })).toEqual(['-a', '.hawser-a', 'b/', 'd'])
    expect(await listed(store, '.haw')).toEqual(['.hawser-a'])
    expect(await listed(store, '', { after: key('-a') })).toEqual(shown.slice(1))
    expect(await listed(store, '', { after: key('.hawser/s3/x') })).toEqual(shown.slice(2))
    expect(await listed(store, '', { after: key('b') })).toEqual(shown.slice(2))
    expect(await listed(store, 'b/')).toEqual(['b/.hawser/c'])
    expect(await listed(store, 'none')).toEqual([])
  },
)

test.each([inMemory, onDisk])('who asks for it is shown it (%o)', async (open) => {
  const { under, store } = await filled(open)
  expect(await listed(store, '.hawser/')).toEqual(own)
  expect(await listed(store, '.hawser/', { shallow: true })).toEqual([
    '.hawser/s3/',
    '.hawser/sig/',
  ])
  expect(await listed(store, '.hawser/sig/')).toEqual(own.slice(1))
  expect(await getText(store, '.hawser/s3/x')).toBe('.hawser/s3/x')
  await put(store, '.hawser/y')
  await remove(store, '.hawser/s3/x')
  expect(await listed(under, '.hawser/')).toEqual([...own.slice(1), '.hawser/y'])
})

test('on a disk, its directories are neither told nor looked into', async () => {
  const { store } = await filled(onDisk)
  const entered: string[] = []
  const enter = (directory: Key): boolean => entered.push(directory) > 0
  expect(await listed(store, '', { directories: true, enter })).not.toContain('.hawser/')
  expect(entered).toEqual(['b/', 'b/.hawser/'])
})

test('a group of nothing else is none', async () => {
  const store = reserved(memoryStore(), key('x/.kept/'))
  await put(store, 'x/.kept/a')
  expect(await listed(store, '', { shallow: true })).toEqual([])
  expect(await listed(store, 'x/', { shallow: true })).toEqual([])
  await put(store, 'x/y')
  expect(await listed(store, '', { shallow: true })).toEqual(['x/'])
})

test('unfinished uploads below it are shown to who asks for them', async () => {
  const store = reserved(memoryStore(), defaultReserved)
  for (const name of ['.hawser/sig/a', 'a']) await multipartOf(store).begin(key(name))
  const begun = async (prefix: string): Promise<Key[]> =>
    (await collect(multipartOf(store).uploads(key(prefix)))).map((upload) => upload.key)
  expect(await begun('')).toEqual(['a'])
  expect(await begun('.hawser/')).toEqual(['.hawser/sig/a'])
})

test('many of them are passed over, not listed', async () => {
  const memory = memoryStore()
  let told = 0
  const counted = storeWith(memory, {
    async *list(prefix, call) {
      for await (const entry of memory.list(prefix, call)) {
        told++
        yield entry
      }
    },
  })
  const store = reserved(counted, defaultReserved)
  for (let i = 0; i < 5000; i++) await put(memory, `.hawser/sig/${i}`, 'x')
  for (const name of ['-', '.hawser/\u{10ffff}a', '.hawser0', 'z']) await put(store, name)
  expect(await listed(store, '')).toEqual(['-', '.hawser0', 'z'])
  expect(told).toBeLessThan(1010)
})

test('leaving a listing early ends that of the store', async () => {
  const memory = memoryStore()
  let ended = 0
  const store = reserved(
    storeWith(memory, {
      async *list(prefix, call) {
        try {
          yield* memory.list(prefix, call)
        } finally {
          ended++
        }
      },
    }),
    defaultReserved,
  )
  for (const name of [...own, '-', 'z', 'zz']) await put(store, name)
  for (const last of ['-', 'z'])
    for await (const entry of store.list(key(''))) if (entry.key === last) break
  expect(ended).toBe(2)
})

test('of a place below another prefix nothing is reserved but what lies there', async () => {
  const store = reserved(memoryStore(), key('a/.kept/'))
  expect(below({ store, prefix: key('a/') }).traits.reserved).toBe('.kept/')
  expect(below({ store, prefix: key('b/') }).traits.reserved).toBeUndefined()
})
