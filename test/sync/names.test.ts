// Runs on names that were given.
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareKeys } from '../../src/core/key.ts'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { NameList } from '../../src/sync/names.ts'
import { failure, put } from '../conformance/tools.ts'
import { temporaryDirectory } from '../transfer/tools.ts'
import { contents, fill, names, pair } from './tools.ts'

describe('a list of names', () => {
  test('is in order, each once', () => {
    const { names: listed } = new NameList(['b', 'a/x', 'a', 'b/', 'a-', 'a/', 'c/d'])
    expect(listed).toEqual(['a', 'a-', 'a/x', 'b', 'c/d'])
  })

  test('knows to which of its names another one belongs', () => {
    const list = new NameList(['a', 'b/c', 'd', 'd/e'])
    list.note('a', 'nothing')
    list.note('d', 'object')
    expect(
      ['a', 'a/x', 'a/x/y', 'a-', 'b/c', 'b/c/d', 'b'].map((name) => list.isMissing(name)),
    ).toEqual([true, true, true, false, false, false, false])
    expect(['d', 'd/x', 'd/e', 'd/e/x'].map((name) => list.isBelowObject(name))).toEqual([
      false,
      true,
      false,
      false,
    ])
  })
})

const some = ['a', 'a-b', 'a/x', 'a/y/z', 'b/1', 'b/2', 'c', 'd/e', 'd-', 'd']

describe.each(['disk', 'bucket'])('from a %s', (kind) => {
  async function source(): Promise<Store> {
    return kind === 'bucket'
      ? memoryStore()
      : localStore(await temporaryDirectory(), { durable: false })
  }

  test('only these, and what lies below those that are directories', async () => {
    const { from, to, run } = await pair(await source())
    await fill(from, 'a/x', 'a/y/z', 'b/1', 'b/2', 'c')
    await fill(to, 'other', 'a/old')
    const { summary } = await run({ filesFrom: ['c', 'a', 'b/2'], delete: true })
    expect(summary).toMatchObject({ copied: 4, removed: 1, failed: 0 })
    expect(await names(to)).toEqual(['a/x', 'a/y/z', 'b/2', 'c', 'other'])
    const again = await run({ filesFrom: ['c', 'a', 'b/2'] })
    expect(again.summary).toMatchObject({ copied: 0, unchanged: 4, failed: 0 })
  })

  test('a missing one is a failure that names it, and nothing is removed', async () => {
    const { from, to, run } = await pair(await source())
    await fill(from, 'a', 'b/1')
    await fill(to, 'gone', 'b/2')
    const { summary, failures } = await run({ filesFrom: ['a', 'gone', 'b'], delete: true })
    expect(summary).toMatchObject({ copied: 2, removed: 0, failed: 1 })
    expect(failures.map(({ code, key }) => [code, key])).toEqual([['not-found', 'gone']])
    expect(await names(to)).toEqual(['a', 'b/1', 'b/2', 'gone'])
  })

  test.each([false, true])(
    'a missing one is passed over on request; delete: %s',
    async (remove) => {
      const { from, to, run } = await pair(await source())
      await fill(from, 'a')
      await fill(to, 'gone', 'lost/1')
      const filesFrom = ['a', 'gone', 'lost']
      const { summary } = await run({ filesFrom, ignoreMissingArgs: true, delete: remove })
      expect(summary).toMatchObject({ copied: 1, removed: 0, failed: 0 })
      expect(await names(to)).toEqual(['a', 'gone', 'lost/1'])
    },
  )

  test('a missing one is removed from the destination on request, and only it', async () => {
    const { from, to, run } = await pair(await source())
    await fill(from, 'a', 'b/1')
    await fill(to, 'gone', 'gone-not', 'lost/1', 'b/2')
    const { summary } = await run({
      filesFrom: ['a', 'b', 'gone', 'lost'],
      deleteMissingArgs: true,
    })
    expect(summary).toMatchObject({ copied: 2, removed: 2, failed: 0 })
    expect(await names(to)).toEqual(['a', 'b/1', 'b/2', 'gone-not'])
  })

  test('a source that has nothing at all removes nothing', async () => {
    const { from, to, run } = await pair(await source())
    await fill(to, 'a', 'b/1')
    if (from.traits.hierarchical) await from.write(toKey('empty/'), new Uint8Array())
    const options = { filesFrom: ['a', 'b', 'c'], deleteMissingArgs: true, maxDelete: 10 }
    const { failures } = await run(options)
    expect(failures.map(({ code }) => code)).toEqual(['guard'])
    expect(await names(to)).toEqual(['a', 'b/1'])
    await fill(from, 'other')
    expect((await run(options)).summary).toMatchObject({ removed: 2, failed: 0 })
  })

  test('a missing one beside others of its beginning is none the less missing', async () => {
    const { from, to, run } = await pair(await source())
    await fill(from, 'a-', 'b/1', 'b/2-')
    await fill(to, 'a', 'a-', 'b/1', 'b/2', 'b/2-')
    const passedOver = { filesFrom: ['a', 'a-'], ignoreMissingArgs: true, delete: true }
    expect((await run(passedOver)).summary).toMatchObject({ removed: 0, failed: 0 })
    const { failures } = await run({ filesFrom: ['a', 'a-', 'b', 'b/2'] })
    expect(failures.map(({ code, key }) => [code, key])).toEqual([
      ['not-found', 'a'],
      ['not-found', 'b/2'],
    ])
    const removed = { filesFrom: ['a', 'a-', 'b', 'b/2'], deleteMissingArgs: true }
    expect((await run(removed)).summary).toMatchObject({ removed: 2, failed: 0 })
    expect(await names(to)).toEqual(['a-', 'b/1', 'b/2-'])
  })

  test('a directory that the filters leave nothing of is not missing', async () => {
    const { from, to, run } = await pair(await source())
    await fill(from, 'd/e/1')
    await fill(to, 'd/2')
    const options = { filesFrom: ['d', 'd/e/1'], rules: ['- e/'], deleteMissingArgs: true }
    expect((await run(options)).summary).toMatchObject({ copied: 0, removed: 0, failed: 0 })
  })

  test('a directory whose name an object of the destination has', async () => {
    const { from, to, run } = await pair(await source())
    await fill(from, 'a/1')
    await run()
    await fill(to, 'a', 'a/2')
    const dry = await run({ filesFrom: ['a'], delete: true, dryRun: true })
    expect(dry.summary).toMatchObject({ copied: 0, removed: 2, unchanged: 1 })
    await run({ filesFrom: ['a'], delete: true })
    expect(await names(to)).toEqual(['a/1'])
  })

  test('a source that is not there', async () => {
    const { to, run } = await pair(localStore('/nowhere/at/all'))
    await fill(to, 'a')
    await failure(run({ delete: true }), 'not-found')
    const { summary } = await run({ delete: true, ignoreMissingArgs: true })
    expect(summary).toMatchObject({ copied: 0, removed: 0, failed: 0 })
    expect(await names(to)).toEqual(['a'])
  })
})

test('an empty directory is not missing', async () => {
  const { from, run } = await pair(localStore(await temporaryDirectory(), { durable: false }))
  await put(from, 'd/', '')
  expect((await run({ filesFrom: ['d', 'd/'] })).summary).toMatchObject({ copied: 0, failed: 0 })
})

test('what a list names below a link that is passed over is not removed', async () => {
  const directory = await temporaryDirectory()
  const { from, to, run } = await pair(localStore(directory, { durable: false }))
  await fill(from, 'real/1')
  await fill(to, 'link/1', 'link/2/3', 'gone/1')
  await symlink('real', join(directory, 'link'))
  const filesFrom = ['link/1', 'link/2', 'gone/1']
  const { summary } = await run({ filesFrom, deleteMissingArgs: true })
  expect(summary).toMatchObject({ removed: 1, failed: 0 })
  expect(await names(to)).toEqual(['link/1', 'link/2/3'])
})

test('a bucket is not listed for names that are objects', async () => {
  const { from, run } = await pair()
  await fill(from, ...some)
  const { summary } = await run({ filesFrom: ['a', 'c', 'd'] })
  expect(summary.copied).toBe(3)
  expect(summary.traffic.requests['list'] ?? 0).toBe(3)
})

test('below an object of the list nothing is removed: the list does not name it', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a', 'a/x')
  await fill(to, 'a/x', 'a/y')
  expect((await run({ filesFrom: ['a'], delete: true })).summary).toMatchObject({
    copied: 1,
    removed: 0,
  })
  expect(await names(to)).toEqual(['a', 'a/x', 'a/y'])
})

test('any names: as a sync of a tree that has nothing else', async () => {
  const subset = fc.subarray(some)
  await fc.assert(
    fc.asyncProperty(
      subset,
      subset,
      fc.subarray(['a', 'b', 'd', 'a/y', 'c', 'd-', 'a-b', 'd/e']),
      async (there, here, filesFrom) => {
        const { from, to, run } = await pair()
        await fill(from, ...there)
        await fill(to, ...here)
        const { summary } = await run({ filesFrom, ignoreMissingArgs: true })
        const wanted = (name: string): boolean =>
          filesFrom.some(
            (one) => name === one || (name.startsWith(`${one}/`) && !there.includes(one)),
          )
        expect(summary.failed).toBe(0)
        expect(await names(to)).toEqual(
          [...new Set([...here, ...there.filter(wanted)])].toSorted(compareKeys),
        )
        expect(Object.values(await contents(to)).length).toBeGreaterThanOrEqual(here.length)
      },
    ),
    { numRuns: 50 },
  )
})
