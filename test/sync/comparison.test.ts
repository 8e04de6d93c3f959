// What counts as changed, as the user wants it compared.
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import { put } from '../conformance/tools.ts'
import { temporaryDirectory } from '../transfer/tools.ts'
import { contents, Events, fill, pair } from './tools.ts'

const second = 1_000_000_000n

async function disk(): Promise<{ readonly store: Store; readonly path: (name: string) => string }> {
  const directory = await temporaryDirectory()
  return { store: localStore(directory, { durable: false }), path: (name) => join(directory, name) }
}

async function storeOf(kind: string): Promise<Store> {
  return kind === 'disk' ? (await disk()).store : memoryStore()
}

/** An object whose source had this time, in seconds. */
async function putAt(store: Store, key: string, content: string, seconds: number): Promise<void> {
  await put(store, key, content, { attributes: { mtime: BigInt(seconds) * second } })
}

describe.each(['disk to bucket', 'bucket to disk', 'bucket to bucket', 'disk to disk'])(
  '%s',
  (way) => {
    const [source = '', target = ''] = way.split(' to ')
    async function stores(): Promise<[Store, Store]> {
      return [await storeOf(source), await storeOf(target)]
    }

    async function synced(
      options: Partial<SyncOptions>,
      given: { readonly from: [string, number]; readonly to: [string, number] },
    ): Promise<{ readonly content: string | undefined; readonly reasons: Record<string, string> }> {
      const { from, to, run } = await pair(...(await stores()))
      await putAt(from, 'a', ...given.from)
      await putAt(to, 'a', ...given.to)
      const events = new Events()
      const { summary } = await run({ ...options, onEvent: events.sink })
      expect(summary.failed).toBe(0)
      return { content: (await contents(to))['a'], reasons: events.skipped() }
    }

    test.each<[string, Partial<SyncOptions>, [string, number], [string, number], string]>([
      ['a change of one size', {}, ['new', 20], ['old', 10], 'new'],
      ['an older source', {}, ['new', 10], ['old', 20], 'new'],
      ['one size is enough', { sizeOnly: true }, ['new', 20], ['old', 10], 'old'],
      ['another size is not', { sizeOnly: true }, ['longer', 20], ['old', 10], 'longer'],
      ['contents, though the times are equal', { checksum: true }, ['new', 10], ['old', 10], 'new'],
      [
        'one size is enough, also beside contents',
        { sizeOnly: true, checksum: true },
        ['new', 20],
        ['old', 10],
        'old',
      ],
      ['what is there is left', { ignoreExisting: true }, ['longer', 20], ['old', 10], 'old'],
      ['what is there is copied', { existing: true }, ['longer', 20], ['old', 10], 'longer'],
      ['an update by a newer one', { update: true }, ['longer', 20], ['old', 10], 'longer'],
      ['an update by an older one', { update: true }, ['longer', 10], ['old', 20], 'old'],
      [
        'an update of one time and size',
        { update: true, checksum: true },
        ['new', 10],
        ['old', 10],
        'new',
      ],
      ['an equal time is believed', { compareMetadata: true }, ['new', 10], ['old', 10], 'old'],
      ['another time is looked into', { compareMetadata: true }, ['new', 11], ['old', 10], 'new'],
      [
        'a window',
        { compareMetadata: true, modifyWindow: 2n * second },
        ['new', 11],
        ['old', 10],
        'old',
      ],
      [
        'outside of a window',
        { compareMetadata: true, modifyWindow: second / 2n },
        ['new', 11],
        ['old', 10],
        'new',
      ],
    ])('%s', async (_, options, from, to, expected) => {
      const { content, reasons } = await synced(options, { from, to })
      expect(content).toBe(expected)
      expect(reasons).toEqual(
        options.update && expected === 'old' ? { a: 'newer at the destination' } : {},
      )
    })

    test.each<[string, Partial<SyncOptions>]>([
      ['with times that are asked for', { compareMetadata: true }],
      ['where only newer ones are wanted', { update: true }],
    ])('%s, the time follows', async (_, options) => {
      const { from, to, run } = await pair(...(await stores()))
      await putAt(from, 'a', 'same', 20)
      await putAt(to, 'a', 'same', 10)
      expect((await run(options)).summary).toMatchObject({ copied: 0, updated: 1, failed: 0 })
      const { attributes, modified } = await to.stat(toKey('a'))
      expect(attributes.mtime ?? modified).toBe(20n * second)
      expect((await run(options)).summary).toMatchObject({ copied: 0, updated: 0, unchanged: 1 })
    })

    test('contents that are compared again: what was left is left', async () => {
      const { from, to, run } = await pair(...(await stores()))
      await putAt(from, 'a', 'same', 20)
      await putAt(to, 'a', 'same', 10)
      await run({ checksum: true })
      expect((await run({ checksum: true })).summary).toMatchObject({ updated: 0, unchanged: 1 })
    })

    test('exact times: the same contents are sent again', async () => {
      const { from, to, run } = await pair(...(await stores()))
      await putAt(from, 'a', 'same', 20)
      await putAt(from, 'b', 'same', 10)
      for (const name of ['a', 'b']) await putAt(to, name, 'same', 10)
      const { summary } = await run({ exactTimestamps: true })
      expect(summary).toMatchObject({ copied: 1, unchanged: 1, failed: 0 })
      expect((await run({ exactTimestamps: true })).summary).toMatchObject({
        copied: 0,
        unchanged: 2,
      })
    })

    test('what only the source has: left out where only what exists is wanted', async () => {
      const { from, to, run } = await pair(...(await stores()))
      await fill(from, 'a', 'b')
      await put(to, 'b', 'other')
      expect((await run({ existing: true })).summary).toMatchObject({ copied: 1, failed: 0 })
      expect(await contents(to)).toEqual({ b: 'b' })
    })

    test('what was left as it is, is not taken for equal by the next run', async () => {
      const { from, to, run } = await pair(...(await stores()))
      await putAt(from, 'a', 'new', 20)
      await putAt(to, 'a', 'old', 10)
      for (const options of [{ sizeOnly: true }, { ignoreExisting: true }, { update: true }]) {
        if (options.update) await putAt(to, 'a', 'old', 30)
        await run(options)
        expect(await contents(to)).toEqual({ a: 'old' })
      }
      await run()
      expect(await contents(to)).toEqual({ a: 'new' })
    })
  },
)

test('the state tells how old a bucket’s object is: nothing is asked for', async () => {
  const { store, path } = await disk()
  const { to, run } = await pair(store)
  await put(store, 'a', 'one')
  await utimes(path('a'), 100, 100)
  await run()
  await put(store, 'a', 'two!')
  await utimes(path('a'), 50, 50)
  const { summary } = await run({ update: true })
  expect(summary).toMatchObject({ copied: 0, skipped: 1 })
  expect(Object.keys(summary.traffic.requests)).toEqual(['list'])
  expect(await contents(to)).toEqual({ a: 'one' })
})

test.each([{ update: true }, { compareMetadata: true }, { exactTimestamps: true }])(
  'a bucket’s object is asked for its time once: %j',
  async (options) => {
    const { from, to, run } = await pair(memoryStore(), (await disk()).store)
    await putAt(from, 'a', 'same', 10)
    await putAt(to, 'a', 'same', 10)
    const { summary, actual } = await run(options)
    expect(summary).toMatchObject({ copied: 0, updated: 0, unchanged: 1 })
    expect(actual?.requests).toEqual({ list: 1, stat: 1 })
  },
)
