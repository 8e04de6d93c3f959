import { describe, expect, test } from 'vitest'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toKey } from '../../src/core/key.ts'
import { locationId } from '../../src/core/location.ts'
import type { Store, Upload } from '../../src/core/store.ts'
import { below } from '../../src/layers/below.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { abortUploads, arrivedBytes, unfinishedUploads } from '../../src/sync/uploads.ts'
import { bytesOf, collect, failure, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import {
  multipartOf,
  storeWith,
  temporaryDirectory,
  temporaryState,
  unfinished,
  withMultipart,
} from '../transfer/tools.ts'
import { place } from './tools.ts'

async function begin(store: Store, key: string): Promise<Upload> {
  return multipartOf(store).begin(toKey(key))
}

async function keysBelow(store: Store, prefix: string, more = {}): Promise<string[]> {
  const found = await collect(unfinishedUploads(place(store, prefix), { recursive: true, ...more }))
  return found.map(({ key }) => key).toSorted()
}

function suite(open: () => Promise<Store>): void {
  test('those of a name and below it, and none beside', async () => {
    await using store = await open()
    for (const key of ['a', 'a/b', 'a/c/d', 'ab']) {
      if (!(store.traits.hierarchical && key === 'a')) await begin(store, key)
    }
    const all = store.traits.hierarchical ? ['a/b', 'a/c/d'] : ['a', 'a/b', 'a/c/d']
    expect(await keysBelow(store, 'a')).toEqual(all)
    expect(await keysBelow(store, 'a/')).toEqual(['a/b', 'a/c/d'])
    expect(await keysBelow(store, '')).toEqual([...all, 'ab'])
    expect(await keysBelow(store, 'ab', { recursive: false })).toEqual(['ab'])
    expect(await keysBelow(store, 'none')).toEqual([])
  })

  test('those that are old', async () => {
    await using store = await open()
    await begin(store, 'a')
    const hour = 3_600_000
    expect(await keysBelow(store, '', { before: new Date(Date.now() - hour) })).toEqual([])
    expect(await keysBelow(store, '', { before: new Date(Date.now() + hour) })).toEqual(['a'])
  })

  test('what has arrived of one, where that can be told', async () => {
    await using store = await open()
    const upload = await begin(store, 'a')
    const slot = { number: 1, offset: 0 }
    await multipartOf(store).part(upload, slot, bytesOf(5 * MiB))
    const started = new Date()
    expect(await arrivedBytes(place(store), { ...upload, started }, {})).toBe(5 * MiB)
    await multipartOf(store).abort(upload)
    expect(await arrivedBytes(place(store), { ...upload, started }, {})).toBeUndefined()
  })

  test('aborted ones are gone, and forgotten; others stay', async () => {
    await using store = await open()
    const { journal } = await temporaryState()
    const target = locationId(store.location)
    for (const key of ['in/a', 'in/b', 'out']) {
      const upload = await begin(store, key)
      const source = { id: 'source', key: toKey(key), etag: 'e', size: 1 }
      const entry = { target, key: toKey(key), upload, source, partSize: 1, started: new Date() }
      await journal.begin({ ...entry, parts: [] })
    }
    const settings = { journal, recursive: true }
    const dry = await collect(abortUploads(place(store, 'in'), { ...settings, dryRun: true }))
    expect(dry.map(({ upload }) => upload.key).toSorted()).toEqual(['in/a', 'in/b'])
    expect((await unfinished(store)).length).toBe(3)
    const done = await collect(abortUploads(place(store, 'in'), settings))
    expect(done.map(({ error }) => error)).toEqual([undefined, undefined])
    expect(await unfinished(store)).toEqual(['out'])
    expect((await collect(journal.all())).map(({ key }) => key)).toEqual(['out'])
  })
}

describe('memory', () => suite(async () => memoryStore()))
describe('local', () => suite(async () => localStore(await temporaryDirectory())))
describeS3('S3', (endpoint) => suite(async () => openBucket(endpoint)))

test('an upload is forgotten however its address was cut', async () => {
  const store = memoryStore()
  const tree = below(place(store, 'in/'))
  const { journal } = await temporaryState()
  const upload = await begin(tree, 'a')
  const source = { id: 'source', key: toKey('a'), etag: 'e', size: 1 }
  const target = locationId(tree.location)
  const entry = { target, key: toKey('a'), upload, source, partSize: 1, started: new Date() }
  await journal.begin({ ...entry, parts: [] })
  await collect(abortUploads(place(store, 'in/a'), { journal, recursive: false }))
  expect(await unfinished(store)).toEqual([])
  expect(await collect(journal.all())).toEqual([])
})

test('a temporary file that a write left on a disk is one, too', async () => {
  const directory = await temporaryDirectory()
  const store = localStore(directory)
  await put(store, 'stays')
  await writeFile(join(directory, '.hawser-0123456789abcdef.part'), 'half')
  const { journal } = await temporaryState()
  const [gone] = await collect(abortUploads(place(store), { journal, recursive: true }))
  expect(gone).toMatchObject({ upload: { id: '0123456789abcdef' }, error: undefined })
  expect((await readdir(directory)).toSorted()).toEqual(['stays'])
})

test('one that cannot be aborted keeps no other, and stays known', async () => {
  const store = memoryStore()
  for (const key of ['a', 'b', 'c']) await begin(store, key)
  const { journal } = await temporaryState()
  const stubborn = withMultipart(store, (multipart) => ({
    abort: async (upload, call) => {
      if (upload.key === 'b') throw new Error('no')
      await multipart.abort(upload, call)
    },
  }))
  const done = await collect(abortUploads(place(stubborn), { journal, recursive: true }))
  expect(done.map(({ error }) => error?.address)).toEqual([
    undefined,
    `memory://${store.location.root}/b`,
    undefined,
  ])
  expect(await unfinished(store)).toEqual(['b'])
})

test('a store that takes no parts has none, and says so', async () => {
  const store = storeWith(memoryStore(), { multipart: undefined })
  await failure(collect(unfinishedUploads(place(store), { recursive: true })), 'unsupported')
})

test('an upload on a disk is found from a directory above, and from one below', async () => {
  const directory = await temporaryDirectory()
  const [above, inside] = [localStore(directory), localStore(join(directory, 'dir'))]
  const uploads = [await begin(above, 'dir/a'), await begin(inside, 'b')]
  for (const [i, upload] of uploads.entries()) {
    const store = i === 0 ? above : inside
    await multipartOf(store).part(upload, { number: 1, offset: 0 }, bytesOf(9))
  }
  expect(await keysBelow(above, '')).toEqual(['dir/a', 'dir/b'])
  expect(await keysBelow(inside, '')).toEqual(['a', 'b'])
  for (const store of [above, inside])
    for await (const upload of unfinishedUploads(place(store), { recursive: true }))
      expect(await arrivedBytes(place(store), upload, {})).toBe(9)
  const { journal } = await temporaryState()
  await collect(abortUploads(place(above, 'dir/b'), { journal, recursive: false }))
  await collect(abortUploads(place(inside, 'a'), { journal, recursive: false }))
  expect(await readdir(directory)).toEqual(['dir'])
  expect(await readdir(join(directory, 'dir'))).toEqual([])
})
