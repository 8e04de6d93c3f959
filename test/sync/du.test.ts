import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { usage } from '../../src/sync/du.ts'
import { failure, put, remove } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { temporaryDirectory } from '../transfer/tools.ts'
import { place } from './tools.ts'

/** `key objects/bytes` for each prefix. */
async function told(store: Store, prefix: string, depth = 0): Promise<string[]> {
  const rows = await Array.fromAsync(usage(place(store, prefix), { depth }))
  return rows.map(({ key, objects, bytes }) => `${key} ${objects}/${bytes}`)
}

function suite(open: () => Promise<Store>): void {
  test('by prefixes, the inner ones first, as deep as wanted', async () => {
    await using store = await open()
    for (const key of ['a/b/c/1', 'a/b/2', 'a/b0', 'a-/3', 'z', 'a/d/e/4'])
      await put(store, key, 'x'.repeat(key.length))
    expect(await told(store, '')).toEqual([' 6/28'])
    expect(await told(store, '', 1)).toEqual(['a-/ 1/4', 'a/ 4/23', ' 6/28'])
    expect(await told(store, 'a/', 2)).toEqual([
      'a/b/c/ 1/7',
      'a/b/ 2/12',
      'a/d/e/ 1/7',
      'a/d/ 1/7',
      'a/ 4/23',
    ])
    expect(await told(store, 'a', 0)).toEqual(['a 4/23'])
    expect(await told(store, 'z', 3)).toEqual(['z 1/1'])
  })

  test('of what is not there', async () => {
    await using store = await open()
    await put(store, 'ab', '')
    expect(await told(store, 'ab')).toEqual(['ab 1/0'])
    for (const prefix of ['a', 'a/']) await failure(told(store, prefix), 'not-found')
    await remove(store, 'ab')
    expect(await told(store, '')).toEqual([' 0/0'])
  })
}

describe('memory', () => suite(async () => memoryStore()))
describe('local', () => suite(async () => localStore(await temporaryDirectory())))
describeS3('S3', (endpoint) => suite(async () => openBucket(endpoint)))

test('an object and what lies below its name count together', async () => {
  const store = memoryStore()
  for (const key of ['a', 'a/b', 'ab']) await put(store, key, '12')
  expect(await told(store, 'a', 1)).toEqual(['a 2/4'])
})

test('an empty directory holds nothing, and is there', async () => {
  const store = localStore(await temporaryDirectory())
  await put(store, 'empty/', '')
  expect(await told(store, 'empty')).toEqual(['empty 0/0'])
})

test('by storage class', async () => {
  const store = memoryStore()
  for (const key of ['a/1', 'a/2', 'b/3']) await put(store, key, '12')
  const classed: Store = Object.create(store, {
    list: {
      async *value(...given: Parameters<Store['list']>) {
        for await (const entry of store.list(...given))
          yield { ...entry, storageClass: entry.key === 'a/1' ? 'GLACIER' : undefined }
      },
    },
  })
  const rows = await Array.fromAsync(usage(place(classed), { depth: 1 }))
  expect(rows.map(({ key, classes }) => [key, Object.fromEntries(classes)])).toEqual([
    ['a/', { GLACIER: { objects: 1, bytes: 2 }, '': { objects: 1, bytes: 2 } }],
    ['b/', { '': { objects: 1, bytes: 2 } }],
    ['', { GLACIER: { objects: 1, bytes: 2 }, '': { objects: 2, bytes: 4 } }],
  ])
})

test('sums are those of a whole listing, for any keys and depth', async () => {
  const key = fc.stringMatching(/^[ab/0-]{1,6}$/)
  const trees = fc.dictionary(key, fc.nat({ max: 9 }), { maxKeys: 12, noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(trees, fc.nat({ max: 3 }), async (tree, depth) => {
      const store = memoryStore()
      for (const [name, size] of Object.entries(tree)) await put(store, name, 'x'.repeat(size))
      const rows = await Array.fromAsync(usage(place(store), { depth }))
      const prefixes = new Set([''])
      for (const name of Object.keys(tree)) {
        const parts = name.split('/').slice(0, -1)
        for (let i = 1; i <= Math.min(depth, parts.length); i++)
          prefixes.add(`${parts.slice(0, i).join('/')}/`)
      }
      const expected = [...prefixes].map((prefix) => {
        const sizes = Object.entries(tree).filter(([name]) => name.startsWith(prefix))
        return [prefix, sizes.length, sizes.reduce((sum, [, size]) => sum + size, 0)].join()
      })
      const found = rows.map(({ key: name, objects, bytes }) => [name, objects, bytes].join())
      expect(found.toSorted()).toEqual(expected.toSorted())
    }),
  )
})
