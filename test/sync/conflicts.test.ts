// Others that write to the destination, or to the source, while a run is under way.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { move } from '../../src/sync/move.ts'
import { bytesOf, getText, put, remove } from '../conformance/tools.ts'
import { type Asked, isConditional, type Refusal, startGateway } from '../servers/gateway.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { KiB, storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { contents, Events, fill, pair, place } from './tools.ts'

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

const refuse = (asked: Asked): Refusal | undefined =>
  isConditional(asked) ? { status: 501, code: 'NotImplemented' } : undefined

describeS3(
  'a service that refuses conditions',
  (endpoint) => {
    test.each([
      { failOnConflict: true, copied: 2, failed: 2, meaning: 'a failure on request' },
      { failOnConflict: false, copied: 4, failed: 0, meaning: 'looked at once more' },
    ])(
      'is looked at before; what another program changed is $meaning',
      async ({ failOnConflict, copied, failed }) => {
        await using gateway = await startGateway(endpoint.url, refuse)
        await using bucket = await openBucket({ ...endpoint, url: gateway.url })
        const { from, to, run } = await pair(memoryStore(), bucket)
        await fill(from, 'changed', 'made', 'new', 'old')
        for (const key of ['changed', 'old']) await put(to, key, 'before')
        const stores = meddling(from, to, async () => {
          for (const key of ['changed', 'made']) await put(to, key, 'theirs')
        })
        const { summary, failures } = await run({ failOnConflict, delete: true }, ...stores)
        expect(summary).toMatchObject({ copied, failed })
        expect(failures.map(({ code }) => code)).toEqual(Array(failed).fill('conflict'))
        const own = await contents(from)
        const theirs = { changed: 'theirs', made: 'theirs' }
        expect(await contents(to)).toEqual(failOnConflict ? { ...own, ...theirs } : own)
      },
    )

    test('is asked with conditions no more, once it has said so', async () => {
      await using gateway = await startGateway(endpoint.url, refuse)
      await using bucket = await openBucket({ ...endpoint, url: gateway.url })
      const { from, run } = await pair(memoryStore(), bucket)
      const many = Array.from({ length: 100 }, (_, n) => `n${n}`)
      await fill(from, ...many)
      expect((await run({ jobs: 2 })).summary).toMatchObject({ copied: 100, failed: 0 })
      expect(await contents(bucket)).toEqual(await contents(from))
      expect(gateway.asked.filter(isConditional).length).toBeLessThanOrEqual(2)
    })

    test('moves to it and from it what is not changed meanwhile', async () => {
      await using gateway = await startGateway(endpoint.url, refuse)
      await using bucket = await openBucket({ ...endpoint, url: gateway.url })
      await fill(bucket, 'a/1', 'a/2', 'a/3')
      const state = await temporaryState()
      const [from, to] = [place(bucket, 'a'), place(bucket, 'b')]
      const { summary } = await move([from], to, { state, recursive: true })
      expect(summary).toMatchObject({ moved: 3, failed: 0 })
      expect(await contents(bucket)).toEqual({ 'b/1': 'a/1', 'b/2': 'a/2', 'b/3': 'a/3' })
      const restless = storeWith(bucket, {
        copy: bucket.copy && {
          ...bucket.copy,
          async copy(...given) {
            const info = await bucket.copy?.copy(...given)
            await put(bucket, 'b/2', 'theirs')
            if (!info) throw new Error('no copy')
            return info
          },
        },
      })
      const again = await move([place(restless, 'b/2')], place(restless, 'c'), { state })
      expect(again.failures.map(({ code }) => code)).toEqual(['conflict'])
      expect(await getText(bucket, 'b/2')).toBe('theirs')
    })
  },
  ['hawser'],
)
