// What a run tells of what it replaced and removed is enough to get it back.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Action, HawserEvent } from '../../src/core/events.ts'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import { removeTree } from '../../src/sync/remove.ts'
import { sync } from '../../src/sync/sync.ts'
import { put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openVersioned } from '../stores/s3/open.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { Events, fill, place } from './tools.ts'

type Done = HawserEvent & { type: 'done' }

function doneOf({ all }: Events, action: Action): Done[] {
  return all.filter((event) => event.type === 'done').filter((event) => event.action === action)
}

async function textOf(store: Store, key: string, version: string | undefined): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await store.read(toKey(key), { version }))
    chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks).toString()
}

describeS3('in a bucket with versions', (endpoint) => {
  test('a sync tells the versions that it replaced, removed and made', async () => {
    const store = await openVersioned(endpoint)
    const state = await temporaryState()
    const tree = await temporaryDirectory()
    const run = async (): Promise<Events> => {
      const events = new Events()
      const from = place(localStore(tree, { durable: false }))
      const { failures } = await sync(from, place(store), {
        state,
        delete: true,
        onEvent: events.sink,
      })
      expect(failures).toEqual([])
      return events
    }
    await writeFile(join(tree, 'a'), 'first')
    await writeFile(join(tree, 'b'), 'gone')
    const made = doneOf(await run(), 'copy')
    expect(made.map(({ replaced }) => replaced)).toEqual([undefined, undefined])
    const version = made.find(({ address }) => address.endsWith('/a'))?.version
    expect(version).toBeTruthy()
    await writeFile(join(tree, 'a'), 'second one')
    await rm(join(tree, 'b'))
    const events = await run()
    const [copied] = doneOf(events, 'copy')
    expect(copied?.replaced).toMatchObject({ version, etag: expect.any(String) })
    expect(await textOf(store, 'a', copied?.replaced?.version)).toBe('first')
    expect(await textOf(store, 'a', copied?.version)).toBe('second one')
    const [removed] = doneOf(events, 'remove')
    expect(await textOf(store, 'b', removed?.replaced?.version)).toBe('gone')
    // Without the marker it is there again.
    const undo = { key: toKey('b'), version: removed?.version }
    expect(undo.version).toBeTruthy()
    for await (const { error } of store.remove(one(undo))) expect(error).toBeUndefined()
    expect(await textOf(store, 'b', undefined)).toBe('gone')
  })

  test('many removals in one request tell their markers, and rm tells them too', async () => {
    const store = await openVersioned(endpoint)
    await fill(store, 'x/a', 'x/b', 'y')
    const events = new Events()
    await removeTree([place(store, 'x/')], { recursive: true, onEvent: events.sink })
    await removeTree([place(store, 'y')], { onEvent: events.sink })
    const removed = doneOf(events, 'remove')
    expect(removed.map(({ replaced }) => replaced?.etag)).toEqual(Array(3).fill(expect.any(String)))
    for (const [at, key] of ['x/a', 'x/b', 'y'].entries()) {
      const undo = { key: toKey(key), version: removed[at]?.version }
      expect(undo.version).toBeTruthy()
      for await (const { error } of store.remove(one(undo))) expect(error).toBeUndefined()
      expect(await textOf(store, key, undefined)).toBe(key)
    }
  })
})

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}

test('the backups of what was replaced and removed are told with it', async () => {
  const [from, to] = [memoryStore({ name: 'from' }), memoryStore({ name: 'to' })]
  await fill(from, 'a')
  await put(to, 'a', 'old')
  await put(to, 'gone', 'old')
  const [state, events, old] = [await temporaryState(), new Events(), await to.stat(toKey('a'))]
  await sync(place(from), place(to), {
    state,
    delete: true,
    backupDir: place(to, 'kept/'),
    onEvent: events.sink,
  })
  expect(doneOf(events, 'copy')).toMatchObject([
    { replaced: { etag: old.etag, backup: 'memory://to/kept/a' } },
  ])
  expect(doneOf(events, 'remove')).toMatchObject([
    { replaced: { backup: 'memory://to/kept/gone' } },
  ])
})

test('a move tells where from; a copy that did not look tells nothing of what was there', async () => {
  const [from, to] = [memoryStore({ name: 'from' }), memoryStore({ name: 'to' })]
  await fill(from, 'a', 'b')
  await fill(to, 'b')
  const [state, events] = [await temporaryState(), new Events()]
  await move([place(from, 'a')], place(to, 'x/'), { state, onEvent: events.sink })
  await move([place(to, 'x/a')], place(to, 'y'), { state, onEvent: events.sink })
  await copy([place(from, 'b')], place(to, 'b'), { state, onEvent: events.sink })
  expect(doneOf(events, 'move')).toMatchObject([
    { from: 'memory://from/a', address: 'memory://to/x/a', etag: expect.any(String) },
    { from: 'memory://to/x/a', address: 'memory://to/y' },
  ])
  expect(doneOf(events, 'copy')[0]?.replaced).toBeUndefined()
})
