import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localStore } from '../../../src/stores/local/store.ts'
import { failure, getText, key, put } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'

test('from one tree to another: files, links, directories, with their attributes', async () => {
  const from = localStore(await testDirectory())
  const directory = await testDirectory()
  const to = localStore(directory)
  const copy = to.copy
  if (!copy?.accepts(from)) throw new Error('it should copy')
  const mtime = 1_400_000_000_000_000_000n
  await put(from, 'dir/file', 'content', { attributes: { mode: 0o100640, mtime } })
  await put(from, 'dir/link', 'file', { attributes: { mode: 0o120777 } })
  await put(from, 'dir/empty/', '', { attributes: { mode: 0o040700, mtime } })
  for (const name of ['dir/file', 'dir/link', 'dir/empty/'])
    await copy.copy({ location: from.location, key: key(name) }, key(`new/${name}`))
  expect(await getText(to, 'new/dir/file')).toBe('content')
  const { uid, gid } = (await from.stat(key('dir/file'))).attributes
  const owners = { uid, gid }
  const file = await to.stat(key('new/dir/file'))
  expect(file.attributes).toEqual({ mode: 0o100640, mtime, ...owners })
  const empty = await to.stat(key('new/dir/empty/'))
  expect(empty.attributes).toEqual({ mode: 0o040700, mtime, ...owners })
  expect(await readlink(join(directory, 'new/dir/link'))).toBe('file')
  expect(await readdir(join(directory, 'new/dir'))).toEqual(['empty', 'file', 'link'])
})

test('of a condition that does not hold nothing is left', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  await put(store, 'a', 'a')
  await put(store, 'b', 'b')
  const source = { location: store.location, key: key('a') }
  const condition = { kind: 'if-absent' } as const
  await failure(
    store.copy?.copy(source, key('b'), { condition }) ?? Promise.resolve(),
    'precondition-failed',
  )
  await store.copy?.copy(source, key('c'), { condition })
  expect(await getText(store, 'b')).toBe('b')
  expect(await readdir(directory)).toEqual(['a', 'b', 'c'])
})
