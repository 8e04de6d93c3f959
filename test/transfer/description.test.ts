// What comes with the bytes, from which store to which, by whichever way they go.
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Attributes } from '../../src/core/attributes.ts'
import { toKey } from '../../src/core/key.ts'
import type { ObjectInfo, ObjectProperties, Store } from '../../src/core/store.ts'
import type { CopyWork } from '../../src/core/work.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { TransferContext } from '../../src/transfer/context.ts'
import { copyInside } from '../../src/transfer/inside.ts'
import { transferObject } from '../../src/transfer/object.ts'
import { copyStream } from '../../src/transfer/stream.ts'
import { bytesOf, failure, put } from '../conformance/tools.ts'
import { contextOf, KiB, nothing, storeWith, temporaryDirectory, workOf } from './tools.ts'

/** Whole, in parts, and streamed into a store without parts. */
const ways: readonly (readonly [string, number])[] = [
  ['whole', 5 * KiB],
  ['in parts', 50 * KiB],
  ['streamed', 100 * KiB],
]

function targetFor(way: string): Store {
  return way === 'streamed' ? storeWith(memoryStore(), { multipart: undefined }) : memoryStore()
}

async function files(): Promise<Store> {
  return localStore(await temporaryDirectory())
}

async function transferred(
  from: Store,
  to: Store,
  more: Partial<CopyWork> = {},
  context: Partial<TransferContext> = {},
  key = 'a.txt',
): Promise<ObjectInfo> {
  await transferObject(await workOf(from, to, key, more), contextOf(from, to, context), nothing)
  return to.stat(toKey(key), { tags: true, owners: true, xattrs: true })
}

const properties: ObjectProperties = {
  cacheControl: 'no-cache',
  contentEncoding: 'gzip',
  contentDisposition: 'inline',
  contentLanguage: 'en',
  expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
}
const kept: ObjectProperties = {
  ...properties,
  storageClass: 'STANDARD_IA',
  tags: { a: 'b' },
}
const all: ObjectProperties = {
  ...kept,
  acl: 'public-read',
  encryption: { algorithm: 'AES256' },
}
const attributes: Attributes = {
  mtime: 1_500_000_000_000_000_000n,
  mode: 0o100640,
  uid: 4321,
  gid: 5432,
  owner: 'ann',
  group: 'users',
  xattrs: { note: new Uint8Array([1, 2]) },
}

describe.each(ways)('from one object store to another, %s', (way, size) => {
  test('all attributes and metadata, and of the properties what tells how to read the bytes', async () => {
    const [from, to] = [memoryStore(), targetFor(way)]
    const facts = { attributes, metadata: { note: 'x' }, contentType: 'text/x-test' }
    await put(from, 'a.txt', bytesOf(size), { ...facts, properties: all })
    const info = await transferred(from, to)
    expect(info).toMatchObject(facts)
    expect(info.properties).toEqual(properties)
  })

  test('what is given goes before what is there', async () => {
    const [from, to] = [memoryStore(), targetFor(way)]
    const metadata = { note: 'x', other: 'y' }
    await put(from, 'a.txt', bytesOf(size), { metadata, contentType: 'a/b', properties: all })
    const given = { cacheControl: 'no-store', storageClass: 'GLACIER_IR', tags: { c: 'd' } }
    const info = await transferred(from, to, {
      metadata: { note: 'z' },
      contentType: 'text/csv',
      properties: given,
    })
    expect(info.metadata).toEqual({ note: 'z', other: 'y' })
    expect(info.contentType).toBe('text/csv')
    expect(info.properties).toEqual({ ...properties, ...given })
  })
})

describe.each(ways)('from a file system to an object store, %s', (way, size) => {
  test('the time, and with all attributes owners by name and number', async () => {
    const from = await files()
    const { mtime, mode, xattrs } = attributes
    await put(from, 'a.txt', bytesOf(size), { attributes: { mtime, mode, xattrs } })
    const timed = await transferred(from, targetFor(way))
    expect(timed.attributes).toEqual({ mtime })
    expect(timed.contentType).toBe('text/plain')
    const { attributes: source } = await from.stat(toKey('a.txt'), { owners: true })
    const copied = await transferred(from, targetFor(way), { attributes: 'all' })
    expect(copied.attributes).toEqual(source)
    const { uid, gid } = source
    const numbers = await transferred(from, targetFor(way), {
      attributes: 'all',
      numericIds: true,
      contentType: 'a/b',
    })
    expect(numbers.attributes).toEqual({ mtime, mode, uid, gid })
    expect(numbers.contentType).toBe('a/b')
    const withXattrs = await transferred(from, targetFor(way), { attributes: 'all', xattrs: true })
    expect(withXattrs.attributes).toEqual({ ...source, xattrs })
  })
})

test('the content type of links and directories is not that of their names', async () => {
  const [from, to] = [await files(), memoryStore()]
  await put(from, 'link.txt', 'x', { attributes: { mode: 0o120777 } })
  expect((await transferred(from, to, { attributes: 'all' }, {}, 'link.txt')).contentType).toBe(
    undefined,
  )
})

describe.each(ways)('from an object store to a file system, %s', (_way, size) => {
  test('nothing that it cannot keep, and extended attributes only where they are asked for', async () => {
    const [from, to] = [memoryStore(), await files()]
    const { mtime, mode, xattrs } = attributes
    const facts = { attributes: { mtime, mode, xattrs }, metadata: { note: 'x' }, properties: all }
    await put(from, 'a.txt', bytesOf(size), facts)
    const plain = await transferred(from, to, { attributes: 'all' })
    expect(plain.attributes).toMatchObject({ mtime, mode, xattrs: {} })
    const withXattrs = await transferred(from, to, { attributes: 'all', xattrs: true })
    expect(withXattrs.attributes).toMatchObject({ mtime, mode, xattrs })
  })
})

test('what a file system does not keep is refused where it is given, before anything is written', async () => {
  const [from, to] = [memoryStore(), await files()]
  await put(from, 'a', 'x')
  for (const given of [
    { metadata: { a: 'b' } },
    { contentType: 'text/plain' },
    { properties: { storageClass: 'STANDARD' } },
  ]) {
    const error = await failure(transferred(from, to, given, {}, 'a'), 'unsupported')
    expect(error).toMatchObject({ key: 'a', location: to.location })
    const stream = copyStream(
      (async function* () {})(),
      toKey('a'),
      { store: to, ...given },
      nothing,
    )
    await failure(stream, 'unsupported')
  }
  await failure(to.stat(toKey('a')), 'not-found')
})

test.each(['mtime', 'mode', 'uid', 'uname', 'xattrs'])(
  'metadata of the name %s is refused',
  async (name) => {
    const [from, to] = [memoryStore(), memoryStore()]
    await put(from, 'a', 'x')
    const error = await failure(
      transferred(from, to, { metadata: { [name]: '1' } }, {}, 'a'),
      'invalid-argument',
    )
    expect(error.message).toContain(name)
  },
)

describe.each([
  ['in one request', undefined],
  ['in parts', 10 * KiB],
])('a copy inside an object store, %s', (_how, maxSize) => {
  async function inside(work: Partial<CopyWork>, changed?: Attributes): Promise<ObjectInfo> {
    const store = memoryStore()
    const { copy } = store
    if (!copy) throw new Error('no copy')
    const limited = storeWith(store, {
      copy: { ...copy, maxSize: maxSize ?? copy.maxSize, copy: copy.copy.bind(copy) },
    })
    const facts = { attributes, metadata: { note: 'x', other: 'y' }, contentType: 'text/x-test' }
    await put(store, 'a.txt', bytesOf(50 * KiB), { ...facts, properties: all })
    const planned = await workOf(limited, limited, 'a.txt', work)
    const to = { location: store.location, key: toKey('b.html') }
    await copyInside({ ...planned, to }, contextOf(limited, limited), nothing, changed)
    return limited.stat(to.key, { tags: true })
  }

  test('keeps all but who may read it and how it is encrypted', async () => {
    const info = await inside({})
    expect(info).toMatchObject({
      attributes,
      metadata: { note: 'x', other: 'y' },
      contentType: 'text/x-test',
      storageClass: 'STANDARD_IA',
    })
    expect(info.properties).toEqual(kept)
  })

  test('and replaces what is given, each by itself', async () => {
    const given = { cacheControl: 'no-store', tags: { c: 'd' } }
    const info = await inside(
      { metadata: { note: 'z' }, contentType: 'text/csv', properties: given },
      { mtime: 5n },
    )
    expect(info.metadata).toEqual({ note: 'z', other: 'y' })
    expect(info.contentType).toBe('text/csv')
    expect(info.attributes).toEqual({ mtime: 5n })
    expect(info.properties).toEqual({ ...kept, ...given })
  })
})

describe('a copy inside a file system', () => {
  test('brings extended attributes along where they are asked for', async () => {
    const store = await files()
    const { mtime, xattrs } = attributes
    await put(store, 'a', 'x', { attributes: { mtime, mode: 0o100600, xattrs } })
    const copyTo = async (key: string, more: Partial<CopyWork>): Promise<ObjectInfo> => {
      const work = await workOf(store, store, 'a', more)
      const to = { location: store.location, key: toKey(key) }
      await transferObject({ ...work, to }, contextOf(store, store), nothing)
      return store.stat(to.key, { xattrs: true })
    }
    expect((await copyTo('b', { attributes: 'all' })).attributes).toMatchObject({
      mtime,
      mode: 0o100600,
      xattrs: {},
    })
    expect((await copyTo('c', { attributes: 'all', xattrs: true })).attributes).toMatchObject({
      mtime,
      mode: 0o100600,
      xattrs,
    })
    expect((await copyTo('d', { xattrs: true })).attributes).toMatchObject({ mtime, xattrs: {} })
  })
})

test('a stream is given what is said, and the type of its name', async () => {
  for (const size of [KiB, 50 * KiB]) {
    const store = memoryStore()
    const input = (async function* () {
      yield bytesOf(size)
    })()
    const given = { metadata: { a: 'b' }, properties: kept }
    const key = toKey('a.csv')
    await copyStream(input, key, { store, partSize: 10 * KiB, ...given }, nothing)
    const info = await store.stat(key)
    expect(info).toMatchObject({ ...given, contentType: 'text/csv', size })
  }
})

test.runIf(process.geteuid?.() === 0)(
  'a setuid program comes back where its owner is known by name, or numbers are said to be enough',
  async () => {
    const from = memoryStore()
    const program = { mode: 0o104755, uid: 4321, gid: 5432 }
    await put(from, 'plain', 'x', { attributes: program })
    await put(from, 'unknown', 'x', { attributes: { ...program, owner: 'nobody-at-all' } })
    await put(from, 'known', 'x', { attributes: { ...program, owner: 'root', group: 'root' } })
    const modes = async (more: Partial<CopyWork>): Promise<(string | number)[][]> => {
      const directory = await temporaryDirectory()
      const to = localStore(directory)
      const found: (string | number)[][] = []
      for (const name of ['plain', 'unknown', 'known']) {
        await transferred(from, to, { attributes: 'all', ...more }, {}, name)
        const { mode, uid } = lstatSync(join(directory, name))
        found.push([name, (mode & 0o7777).toString(8), uid])
      }
      return found
    }
    expect(await modes({})).toEqual([
      ['plain', '755', 4321],
      ['unknown', '755', 4321],
      ['known', '4755', 0],
    ])
    expect(await modes({ numericIds: true })).toEqual([
      ['plain', '4755', 4321],
      ['unknown', '4755', 4321],
      ['known', '4755', 4321],
    ])
  },
)
