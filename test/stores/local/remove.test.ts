import { link, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { Disk } from '../../../src/stores/local/disk.ts'
import { removeFiles } from '../../../src/stores/local/remove.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { key, keys, put, remove } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'

test('directories that were emptied go, up to the root; others stay', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  for (const name of ['a/b/c/1', 'a/b/c/2', 'a/x', 'd/e/f']) await put(store, name)
  await mkdir(join(directory, 'empty'))
  await remove(store, 'a/b/c/1', 'd/e/f', 'a/b/c/2', 'absent/x')
  expect(await keys(store, '', { directories: true })).toEqual(['a/', 'a/x', 'empty/'])
  await remove(store, 'a/x')
  expect(await readdir(directory)).toEqual(['empty'])
})

test.each([1, 2, 3, 4])('so do those above %s that are removed by name', async (depth) => {
  const store = localStore(await testDirectory())
  const above = Array.from({ length: depth }, (_, i) => `top/${'x/'.repeat(i + 1)}`)
  await put(store, 'other')
  await put(store, `${above.at(-1)}file`)
  await remove(store, `${above.at(-1)}file`, ...above.toReversed())
  expect(await keys(store, '', { directories: true })).toEqual(['other'])
})

test('they stay where they are to be kept', async () => {
  const store = localStore(await testDirectory(), { keepDirectories: true })
  await put(store, 'a/b/c')
  await remove(store, 'a/b/c')
  expect(await keys(store, '', { directories: true })).toEqual(['a/', 'a/b/'])
})

test('a directory is removed only when it is empty, and a file never takes one along', async () => {
  const store = localStore(await testDirectory())
  await put(store, 'a/b')
  expect(await remove(store, 'a/')).toMatchObject([{ error: { code: 'conflict', key: 'a/' } }])
  expect(await remove(store, 'a', 'a/b/', 'a/b/c')).toMatchObject([
    { error: undefined },
    { error: undefined },
    { error: undefined },
  ])
  expect(await keys(store, '')).toEqual(['a/b'])
})

test('a link goes, and not what it leads to', async () => {
  const directory = await testDirectory()
  await mkdir(join(directory, 'outside'))
  await writeFile(join(directory, 'outside/kept'), '')
  const store = localStore(join(directory, 'root'))
  await put(store, 'x')
  await symlink('../outside', join(directory, 'root/link'))
  await remove(store, 'link/kept', 'link/', 'link')
  expect(await keys(store, '')).toEqual(['x'])
  expect(await readdir(join(directory, 'outside'))).toEqual(['kept'])
})

test('the etag tells a file that was changed in place', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const { etag } = await put(store, 'file', 'old')
  await writeFile(join(directory, 'file'), 'longer')
  expect(await remove(store, { key: key('file'), etag })).toMatchObject([
    { error: { code: 'precondition-failed' } },
  ])
  expect(await keys(store, '')).toEqual(['file'])
})

test('of several names of a file each goes, whose etag was told before the first went', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  await put(store, 'a', 'x')
  await link(join(directory, 'a'), join(directory, 'b'))
  const { etag } = await store.stat(key('a'))
  for (const name of ['a', 'b'])
    expect(await remove(store, { key: key(name), etag })).toEqual([{ key: name, error: undefined }])
  expect(await keys(store, '')).toEqual([])
})

test('nor is the last name of a file removed that was written to in between', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  await put(store, 'a', 'x')
  await link(join(directory, 'a'), join(directory, 'b'))
  const { etag } = await store.stat(key('a'))
  await remove(store, { key: key('a'), etag })
  await writeFile(join(directory, 'b'), 'y')
  expect(await remove(store, { key: key('b'), etag })).toMatchObject([
    { error: { code: 'precondition-failed' } },
  ])
})

test('that names are gone is durable when the call ends', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  for (const name of ['a/b/1', 'a/b/2', 'a/c/1', 'a/kept', 'x']) await put(store, name)
  const disk = new Disk(directory, true)
  const synced = vi.spyOn(disk, 'syncDirectory')
  const refs = ['a/b/1', 'a/b/2', 'a/c/1', 'x'].map((name) => ({ key: key(name) }))
  await Array.fromAsync(removeFiles(disk, Readable.from(refs)))
  expect(synced.mock.calls.flat()).toEqual([join(directory, 'a'), join(directory, 'a'), directory])
})
