import { mkdir, readFile, readdir, readlink, stat, writeFile, chmod, lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localStore } from '../../../src/stores/local/store.ts'
import { CountedSource, failure, getText, key, keys, put } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'
import { runChild } from './run-child.ts'

const link = 0o120777

test('the root is made by the first write', async () => {
  const store = localStore(join(await testDirectory(), 'new/root'))
  await put(store, 'a/b/c', 'content')
  expect(await getText(store, 'a/b/c')).toBe('content')
})

test('a hostile tree plants a link and writes through it: nothing leaves the root', async () => {
  const directory = await testDirectory()
  await mkdir(join(directory, 'outside'))
  await writeFile(join(directory, 'outside/kept'), 'kept')
  const store = localStore(join(directory, 'root'))
  await put(store, 'link', '../outside', { attributes: { mode: link } })
  await put(store, 'file', '../outside/kept', { attributes: { mode: link } })
  const error = await failure(put(store, 'link/x', 'evil'), 'conflict')
  expect(error).toMatchObject({ key: 'link/x', op: 'write' })
  await failure(put(store, 'link/deep/x', 'evil'), 'conflict')
  await failure(put(store, 'link/d/', ''), 'conflict')
  await failure(put(store, 'link/y', '/', { attributes: { mode: link } }), 'conflict')
  await failure(store.multipart?.begin(key('link/x')) ?? Promise.resolve(), 'conflict')
  const from = { location: store.location, key: key('file') }
  await failure(store.copy?.copy(from, key('link/x')) ?? Promise.resolve(), 'conflict')
  await failure(
    store.setAttributes?.(key('link/kept'), { mode: 0o777 }) ?? Promise.resolve(),
    'not-found',
  )
  await put(store, 'file', 'replaced the link, not its target')
  expect(await readdir(join(directory, 'outside'))).toEqual(['kept'])
  expect(await readFile(join(directory, 'outside/kept'), 'utf8')).toBe('kept')
})

test('links are made, replaced, and have a time', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const attributes = { mode: link, mtime: 1_000_000_000_000_000_000n }
  const info = await put(store, 'd/link', 'target \u00e9', { attributes })
  expect(info).toMatchObject({ kind: 'symlink', modified: attributes.mtime })
  await store.write(key('d/link'), new CountedSource(Buffer.from('other')), { attributes })
  expect(await readlink(join(directory, 'd/link'))).toBe('other')
  const condition = { kind: 'if-absent' } as const
  await failure(put(store, 'd/link', 'third', { attributes, condition }), 'precondition-failed')
  await put(store, 'd/new', 'third', { attributes, condition })
  for (const target of ['', 'a\0b', 'x'.repeat(5_000)])
    await failure(put(store, 'd/bad', target, { attributes }), 'invalid-argument')
  expect(await keys(store, '')).toEqual(['d/link', 'd/new'])
  expect(await readdir(join(directory, 'd'))).toEqual(['link', 'new'])
})

test('permissions: of a new file as usual, of a replaced file as they were, else as given', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const mode = async (name: string): Promise<number> =>
    (await stat(join(directory, name))).mode & 0o7777
  await writeFile(join(directory, 'usual'), '')
  await put(store, 'new')
  expect(await mode('new')).toBe(await mode('usual'))
  await put(store, 'unsaid', 'x', { attributes: { mode: undefined, mtime: 1n } })
  expect(await mode('unsaid')).toBe(await mode('usual'))
  await chmod(join(directory, 'new'), 0o640)
  await put(store, 'new', 'replaced')
  expect(await mode('new')).toBe(0o640)
  await put(store, 'new', 'again', { attributes: { mode: 0o100400 } })
  expect(await mode('new')).toBe(0o400)
  await put(store, 'new', 'over read-only')
  expect(await getText(store, 'new')).toBe('over read-only')
})

test('a directory gets its attributes, and is only made once', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const attributes = { mode: 0o040750, mtime: 1_000_000_000_000_000_000n }
  const info = await put(store, 'a/b/', '', { attributes })
  expect(info).toMatchObject({ kind: 'directory', attributes })
  await put(store, 'a/b/', '', { attributes })
  await failure(put(store, 'a/b/', '', { condition: { kind: 'if-absent' } }), 'precondition-failed')
  const { mtimeMs, mode } = await lstat(join(directory, 'a/b'))
  expect([mtimeMs, mode]).toEqual([1_000_000_000_000, 0o040750])
})

// A mount in a name space of its own vanishes with the process.
test.runIf(process.platform === 'linux')('a full disk', async () => {
  const directory = await testDirectory()
  const mount = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m none "$0" && exec "$@"']
  expect(await runChild('fill', directory, [...mount, directory])).toEqual([
    { error: 'no-space', key: 'kept' },
    { error: 'no-space', key: 'parts' },
    ['kept', 3],
    'again',
  ])
})
