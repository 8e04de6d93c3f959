import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { removeTree } from '../../src/sync/remove.ts'
import { failure, put } from '../conformance/tools.ts'
import { storeWith, temporaryDirectory } from '../transfer/tools.ts'
import { Events, fill, names, place } from './tools.ts'

const recursive = true

test('one object, and nothing that begins alike', async () => {
  const store = memoryStore()
  await fill(store, 'a', 'a/b', 'ab')
  const events = new Events()
  const { summary } = await removeTree([place(store, 'a')], { onEvent: events.sink })
  expect(summary).toMatchObject({ removed: 1, failed: 0 })
  expect(await names(store)).toEqual(['a/b', 'ab'])
  expect(events.done('remove')).toEqual([`memory://${store.location.root}/a`])
  events.expectSummaryLast()
})

test.each(['a', 'a/', ''])('what lies below %j is refused without recursive', async (prefix) => {
  const store = memoryStore()
  await fill(store, 'a/b', 'c')
  const error = await failure(
    removeTree([place(store, prefix)], {}),
    prefix === 'a' ? 'not-found' : 'invalid-argument',
  )
  expect(error.hint).toContain('-r')
  expect(await names(store)).toEqual(['a/b', 'c'])
})

test('a tree goes with the object of its name, and leaves what begins alike', async () => {
  const store = memoryStore()
  await fill(store, 'models', 'models/a', 'models/b/c', 'models-old', 'models-old/a', 'models2')
  const { summary } = await removeTree([place(store, 'models')], { recursive })
  expect(summary).toMatchObject({ removed: 3, failed: 0 })
  expect(await names(store)).toEqual(['models-old', 'models-old/a', 'models2'])
})

test('a prefix that ends in / leaves the object of its name', async () => {
  const store = memoryStore()
  await fill(store, 'models', 'models/a')
  await removeTree([place(store, 'models/')], { recursive })
  expect(await names(store)).toEqual(['models'])
})

test('more than a page', async () => {
  const store = memoryStore()
  await fill(store, ...Array.from({ length: 2500 }, (_, i) => `t/${i}`), 'u')
  const { summary } = await removeTree([place(store, 't')], { recursive })
  expect(summary).toMatchObject({ removed: 2500, failed: 0 })
  expect(await names(store)).toEqual(['u'])
})

test('a directory goes with all that is in it, and links do not lead out of it', async () => {
  const root = await temporaryDirectory()
  const store = localStore(root)
  await put(store, 'outside/keep')
  await put(store, 'tree/a/b/c')
  await put(store, 'tree/empty/x/', '')
  await symlink('../outside', join(root, 'tree/link'))
  await failure(removeTree([place(store, 'tree')], {}), 'invalid-argument')
  const { summary } = await removeTree([place(store, 'tree')], { recursive })
  expect(summary.failed).toBe(0)
  expect(existsSync(join(root, 'tree'))).toBe(false)
  expect(await names(store)).toEqual(['outside/keep'])
})

test('a directory that holds nothing goes too', async () => {
  const root = await temporaryDirectory()
  const store = localStore(root)
  await put(store, 'other')
  await put(store, 'empty/', '')
  await removeTree([place(store, 'empty')], { recursive })
  expect(existsSync(join(root, 'empty'))).toBe(false)
  expect(existsSync(root)).toBe(true)
})

test('what is not there is not found', async () => {
  const store = memoryStore()
  await fill(store, 'a')
  await failure(removeTree([place(store, 'b')], {}), 'not-found')
  await failure(removeTree([place(store, 'b')], { recursive }), 'not-found')
  await failure(removeTree([place(store, 'a/')], { recursive }), 'not-found')
  expect(await names(store)).toEqual(['a'])
})

test('of several places one that fails stops no other', async () => {
  const store = memoryStore()
  await fill(store, 'a', 'c')
  const places = ['a', 'b', 'c'].map((name) => place(store, name))
  const { summary, failures } = await removeTree(places, {})
  expect(summary).toMatchObject({ removed: 2, failed: 1 })
  expect(failures.map(({ code, key }) => [code, key])).toEqual([['not-found', 'b']])
  expect(await names(store)).toEqual([])
})

test('an object that cannot be removed stops no other', async () => {
  const memory = memoryStore()
  await fill(memory, 't/a', 't/b', 't/c')
  const store = storeWith(memory, {
    async *remove(refs, call) {
      for await (const ref of refs) {
        if (ref.key === 't/b')
          yield {
            key: ref.key,
            error: new HawserError('permission-denied', 'no', { op: 'remove' }),
          }
        else
          yield* memory.remove(
            (async function* () {
              yield ref
            })(),
            call,
          )
      }
    },
  })
  const { summary, failures } = await removeTree([place(store, 't')], { recursive })
  expect(summary).toMatchObject({ removed: 2, failed: 1 })
  expect(failures[0]?.code).toBe('permission-denied')
  expect(await names(memory)).toEqual(['t/b'])
})

test('a dry run removes nothing and tells all', async () => {
  const store = memoryStore()
  await fill(store, 't/a', 't/b')
  const events = new Events()
  const options = { recursive, dryRun: true, onEvent: events.sink }
  const { summary } = await removeTree([place(store, 't')], options)
  expect(summary).toMatchObject({ removed: 2, dryRun: true })
  expect(events.done('remove').length).toBe(2)
  expect(await names(store)).toEqual(['t/a', 't/b'])
})

test('an interruption ends it', async () => {
  const store = memoryStore()
  await fill(store, ...Array.from({ length: 100 }, (_, i) => `t/${i}`))
  const controller = new AbortController()
  const onEvent = ({ type }: { type: string }): void => {
    if (type === 'done') controller.abort()
  }
  const options = { recursive, signal: controller.signal, onEvent }
  await failure(removeTree([place(store, 't')], options), 'interrupted')
  expect((await names(store)).length).toBe(99)
})
