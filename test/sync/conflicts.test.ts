// Others that write to the destination, or to the source, while a run is under way.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { put, remove } from '../conformance/tools.ts'
import { bytesOf } from '../conformance/tools.ts'
import { KiB, storeWith, temporaryDirectory } from '../transfer/tools.ts'
import { contents, Events, fill, pair } from './tools.ts'

/** Two stores, between whose listing and the copies another program does something to the destination. */
function meddling(from: Store, to: Store, meddle: () => Promise<unknown>): [Store, Store] {
  const listed = Promise.withResolvers<void>()
  const source = storeWith(from, {
    async *list(prefix, options) {
      await listed.promise
      await meddle()
      yield* from.list(prefix, options)
    },
  })
  const target = storeWith(to, {
    async *list(prefix, options) {
      const entries = await Array.fromAsync(to.list(prefix, options))
      listed.resolve()
      yield* entries
    },
  })
  return [source, target]
}

const cases: readonly [string, string | undefined, (to: Store) => Promise<unknown>][] = [
  ['made', undefined, (to) => put(to, 'a', 'theirs')],
  ['changed', 'old', (to) => put(to, 'a', 'theirs')],
  ['removed', 'old', (to) => remove(to, 'a')],
]

describe.each(['disk', 'bucket'])('to a %s', (kind) => {
  async function target(): Promise<Store> {
    return kind === 'bucket'
      ? memoryStore()
      : localStore(await temporaryDirectory(), { durable: false })
  }

  test.each(cases)(
    'an object that another program has %s: a failure on request',
    async (_, before, meddle) => {
      const { from, to, run } = await pair(memoryStore(), await target())
      await fill(from, 'a', 'b')
      if (before !== undefined) await put(to, 'a', before)
      const { summary, failures } = await run(
        { failOnConflict: true, delete: true },
        ...meddling(from, to, () => meddle(to)),
      )
      expect(summary).toMatchObject({ copied: 1, failed: 1 })
      expect(failures.map(({ code, key }) => [code, key])).toEqual([['conflict', 'a']])
      expect((await contents(to))['a']).not.toBe('a')
      expect((await run()).summary).toMatchObject({ copied: 1, failed: 0 })
      expect(await contents(to)).toEqual(await contents(from))
    },
  )

  test.each(cases)(
    'an object that another program has %s: looked at once more',
    async (_, before, meddle) => {
      const { from, to, run } = await pair(memoryStore(), await target())
      await fill(from, 'a', 'b')
      if (before !== undefined) await put(to, 'a', before)
      const { summary } = await run({}, ...meddling(from, to, () => meddle(to)))
      expect(summary).toMatchObject({ copied: 2, failed: 0 })
      expect(await contents(to)).toEqual(await contents(from))
    },
  )
})

test('what another program has made equal is not sent', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a')
  const { summary } = await run(
    { failOnConflict: false },
    ...meddling(from, to, () => put(to, 'a', 'a')),
  )
  expect(summary).toMatchObject({ copied: 0, unchanged: 1, failed: 0 })
})

test('a large object in parts, replaced meanwhile: never a mixture', async () => {
  const { from, to, run } = await pair()
  await put(from, 'a', bytesOf(20 * 1024 * KiB))
  const { summary, failures } = await run(
    { failOnConflict: true },
    ...meddling(from, to, () => put(to, 'a', 'theirs')),
  )
  expect(summary.failed).toBe(1)
  expect(failures[0]?.code).toBe('conflict')
  expect(await contents(to)).toEqual({ a: 'theirs' })
})

test('a destination that changes again and again is a failure', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a')
  let count = 0
  const restless = storeWith(to, {
    write: async (key, body, options) => {
      await put(to, 'a', `theirs ${count++}`)
      return to.write(key, body, options)
    },
  })
  const { failures } = await run({}, from, restless)
  expect(failures.map(({ code }) => code)).toEqual(['conflict'])
  expect(count).toBe(2)
})

/** A sync of two files, one of which is gone once it has been listed. */
async function vanishing(options: object): Promise<{ summary: object; reasons: object }> {
  const directory = await temporaryDirectory()
  const disk = localStore(directory, { durable: false })
  const { from, to, run } = await pair(disk)
  await fill(from, 'a', 'b')
  await put(to, 'old', 'x')
  const events = new Events()
  const source = storeWith(disk, {
    async *list(prefix, call) {
      const entries = await Array.fromAsync(disk.list(prefix, call))
      await rm(join(directory, 'b'))
      yield* entries
    },
  })
  const { summary } = await run({ delete: true, onEvent: events.sink, ...options }, source)
  return { summary, reasons: events.skipped() }
}

describe('a source that is gone when its turn comes', () => {
  test('is a failure, and nothing is removed', async () => {
    expect((await vanishing({})).summary).toMatchObject({ copied: 1, removed: 0, failed: 1 })
  })

  test('is passed over on request', async () => {
    const { summary, reasons } = await vanishing({ skipVanished: true })
    expect(summary).toMatchObject({ copied: 1, removed: 1, failed: 0, skipped: 1 })
    expect(reasons).toEqual({ b: 'vanished' })
  })
})

test('a destination that takes no conditions is looked at before', async () => {
  const { from, to, run } = await pair()
  await fill(from, 'a', 'b')
  const plain = storeWith(to, {
    traits: { ...to.traits, conditions: new Set() },
    write: async (key, body, options) => {
      if (options?.condition)
        throw new HawserError('unsupported', 'no conditions', {
          op: 'write',
          location: to.location,
          key,
        })
      return to.write(key, body, options)
    },
  })
  const [source, target] = meddling(from, plain, () => put(to, 'a', 'theirs'))
  const { failures } = await run({ failOnConflict: true }, source, target)
  expect(failures.map(({ code, key }) => [code, key])).toEqual([['conflict', 'a']])
  expect(await contents(to)).toEqual({ a: 'theirs', b: 'b' })
})
