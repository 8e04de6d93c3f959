// Which places a run refuses, because one lies in the other: by their names, and where a directory has two of them.
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import { sync } from '../../src/sync/sync.ts'
import { failure } from '../conformance/tools.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { contents, fill, place } from './tools.ts'

/** A directory, and the same by another name, as a second mount gives it: here by a link that no store looks behind. */
async function twoNames() {
  const root = await temporaryDirectory()
  await mkdir(join(root, 'data'))
  await symlink('data', join(root, 'again'))
  const disk = localStore(join(root, 'data'))
  await fill(disk, 'sub/a', 'b')
  const state = await temporaryState()
  return { root, disk, again: localStore(join(root, 'again')), state }
}

test('the same directory by another name', async () => {
  const { disk, again, state } = await twoNames()
  const before = await contents(disk)
  const same = 'source and destination are the same'
  const inside = 'the destination is inside the source'
  const around = 'the source is inside the destination, where it would be removed'
  const runs = [
    [same, () => sync(place(disk), place(again), { state })],
    [inside, () => sync(place(disk), place(again, 'sub'), { state })],
    [inside, () => sync(place(disk), place(again, 'sub/new/deep'), { state })],
    [around, () => sync(place(disk, 'sub'), place(again), { state, delete: true })],
    [inside, () => copy([place(disk)], place(again, 'sub'), { state, recursive: true })],
    [same, () => move([place(disk, 'sub')], place(again, 'sub'), { state, recursive: true })],
  ] as const
  for (const [message, run] of runs)
    expect((await failure(run(), 'invalid-argument')).message).toBe(message)
  expect(await contents(disk)).toEqual(before)
})

test('backups beside the source, by another name', async () => {
  const { disk, again, root, state } = await twoNames()
  const target = localStore(join(root, 'target'))
  const backupDir = place(again, 'sub')
  await failure(sync(place(disk), place(target), { state, backupDir }), 'invalid-argument')
  await failure(
    sync(place(target), place(disk), { state, backupDir: place(again) }),
    'invalid-argument',
  )
})

test('places beside each other are none in the other, be they there or not', async () => {
  const { disk, root, state } = await twoNames()
  const target = localStore(join(root, 'new', 'deep'))
  const { summary } = await sync(place(disk), place(target), { state, delete: true })
  expect(summary).toMatchObject({ copied: 2, failed: 0 })
  const below = await sync(place(disk, 'sub'), place(disk, 'other'), { state, delete: true })
  expect(below.summary).toMatchObject({ copied: 1, failed: 0 })
  const bucket = memoryStore()
  const up = await sync(place(disk), place(bucket), { state, delete: true })
  expect(up.summary).toMatchObject({ copied: 3, failed: 0 })
})
