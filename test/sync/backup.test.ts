// What is replaced or removed is kept.
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { failure, put } from '../conformance/tools.ts'
import { storeWith, temporaryDirectory } from '../transfer/tools.ts'
import { contents, Events, fill, pair, place } from './tools.ts'

describe.each(['disk', 'bucket'])('in a %s', (kind) => {
  async function target(): Promise<Store> {
    return kind === 'bucket'
      ? memoryStore()
      : localStore(await temporaryDirectory(), { durable: false })
  }

  test('replaced and removed objects, with their metadata; others are not copied', async () => {
    const { from, to, run } = await pair(memoryStore(), await target())
    await fill(from, 'a', 'same', 'd/new')
    await fill(to, 'same')
    await put(to, 'a', 'old a', { attributes: { mtime: 5_000_000_000n } })
    await put(to, 'd/gone', 'old d')
    const events = new Events()
    const backupDir = place(to, 'kept')
    const dry = await run({ delete: true, backupDir, dryRun: true })
    expect(dry.summary).toMatchObject({ copied: 2, removed: 1, failed: 0 })
    const { summary } = await run({ delete: true, backupDir, onEvent: events.sink })
    expect(summary).toMatchObject({ copied: 2, removed: 1, failed: 0 })
    expect(events.done('backup').length).toBe(2)
    expect(await contents(to)).toEqual({
      ...(await contents(from)),
      'kept/a': 'old a',
      'kept/d/gone': 'old d',
    })
    const { attributes, modified } = await to.stat(toKey('kept/a'))
    expect(attributes.mtime ?? modified).toBe(5_000_000_000n)
    // Backups that lie below the destination are none of the next run's business.
    expect((await run({ delete: true, backupDir })).summary).toMatchObject({
      copied: 0,
      removed: 0,
      unchanged: 3,
    })
  })
})

test('what cannot be backed up is neither replaced nor removed', async () => {
  const bucket = memoryStore()
  const { run } = await pair(memoryStore(), bucket)
  const { from } = await pair()
  await fill(from, 'a', 'b')
  await put(bucket, 'a', 'old a')
  await put(bucket, 'gone', 'old gone')
  const broken = storeWith(bucket, {
    copy: undefined,
    write: async (key, ...more) => {
      if (key.startsWith('kept/')) throw new Error('no room')
      return bucket.write(key, ...more)
    },
  })
  const backupDir = place(broken, 'kept/')
  const { summary } = await run({ delete: true, backupDir }, from, broken)
  expect(summary).toMatchObject({ copied: 1, removed: 0, failed: 1 })
  await put(bucket, 'a', 'a')
  const second = await run({ delete: true, backupDir }, from, broken)
  expect(second.summary).toMatchObject({ removed: 0, failed: 1 })
  expect(await contents(bucket)).toEqual({ a: 'a', b: 'b', gone: 'old gone' })
})

test('a directory of backups that is the destination by another name', async () => {
  const directory = await temporaryDirectory()
  const [there, other] = [join(directory, 'there'), join(directory, 'other')]
  await mkdir(there)
  await symlink(there, other)
  const { from, to, run } = await pair(memoryStore(), localStore(there, { durable: false }))
  await fill(from, 'a')
  await put(to, 'a', 'old a')
  await put(to, 'gone', 'old gone')
  const twin = localStore(other, { durable: false })
  await failure(run({ backupDir: place(twin) }), 'invalid-argument')
  // As where only some of the directories have two names, which is found out file by file.
  const backupDir = place(storeWith(twin, { lineage: undefined }))
  const removing = await run({ delete: true, backupDir })
  await put(from, 'gone')
  await put(from, 'b')
  const replacing = await run({ backupDir })
  expect(await contents(to)).toEqual({ a: 'old a', b: 'b', gone: 'old gone' })
  expect(removing.failures.map(({ code }) => code)).toEqual(['invalid-argument'])
  expect(replacing.summary).toMatchObject({ copied: 1, failed: 2 })
})

test('places that will not do', async () => {
  const { from, to, run } = await pair()
  for (const backupDir of [place(localStore('/nowhere'), 'x'), place(to, ''), place(from, 'x')])
    await failure(run({ backupDir }), 'invalid-argument')
})
