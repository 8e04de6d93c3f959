import { execFileSync } from 'node:child_process'
import {
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename as renamePath,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Rename } from '../../../src/core/store.ts'
import { Disk } from '../../../src/stores/local/disk.ts'
import { renameFile } from '../../../src/stores/local/rename.ts'
import { localStore, type LocalStoreOptions } from '../../../src/stores/local/store.ts'
import { failure, getText, key, keys, put } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'

const ifAbsent = { condition: { kind: 'if-absent' } } as const

function renameIn(directory: string, options?: LocalStoreOptions): Rename {
  const { rename } = localStore(directory, options)
  if (!rename) throw new Error('no rename')
  return rename
}

test('directories come and go with what is in them, hidden ones too', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const rename = renameIn(directory)
  await put(store, 'a/b/object', 'x')
  await put(store, 'a/stays', 'y')
  await rename({ key: key('a/b/object') }, key('.hawser/s3/versions/1/2'))
  expect(await keys(store, '', { directories: true })).toEqual([
    '.hawser/',
    '.hawser/s3/',
    '.hawser/s3/versions/',
    '.hawser/s3/versions/1/',
    '.hawser/s3/versions/1/2',
    'a/',
    'a/stays',
  ])
  await rename({ key: key('.hawser/s3/versions/1/2') }, key('.hawser/s3/here'), ifAbsent)
  expect(await readdir(join(directory, '.hawser/s3'))).toEqual(['here'])
})

test('directories stay where the store keeps them', async () => {
  const directory = await testDirectory()
  await put(localStore(directory), 'a/b/object', 'x')
  await renameIn(directory, { keepDirectories: true })({ key: key('a/b/object') }, key('object'))
  expect(await readdir(join(directory, 'a'))).toEqual(['b'])
})

test('a rename that fails makes no directory', async () => {
  const directory = await testDirectory()
  const rename = renameIn(directory)
  await failure(rename({ key: key('none') }, key('a/b')), 'not-found')
  await failure(rename({ key: key('no/such/path') }, key('a/b')), 'not-found')
  expect(await readdir(directory)).toEqual([])
})

test('nothing goes through a link, in either direction', async () => {
  const directory = await testDirectory()
  const outside = await testDirectory()
  await writeFile(join(outside, 'object'), 'outside')
  await symlink(outside, join(directory, 'link'))
  await writeFile(join(directory, 'object'), 'inside')
  const rename = renameIn(directory)
  await failure(rename({ key: key('link/object') }, key('stolen')), 'not-found')
  for (const options of [{}, ifAbsent]) {
    await failure(rename({ key: key('object') }, key('link/object'), options), 'conflict')
    await failure(rename({ key: key('object') }, key('link/new'), options), 'conflict')
  }
  expect(await readdir(outside)).toEqual(['object'])
  expect(await readFile(join(outside, 'object'), 'utf8')).toBe('outside')
  expect(await readdir(directory)).toEqual(['link', 'object'])
})

test.each([{}, ifAbsent])('a link is renamed itself: %o', async (options) => {
  const directory = await testDirectory()
  await writeFile(join(directory, 'target'), 'x')
  await symlink('target', join(directory, 'link'))
  const info = await renameIn(directory)({ key: key('link') }, key('d/moved'), options)
  expect(info.kind).toBe('symlink')
  expect(await readlink(join(directory, 'd/moved'))).toBe('target')
  expect(await readdir(directory)).toEqual(['d', 'target'])
})

test('two names of one file, as a crash leaves them, become one', async () => {
  const directory = await testDirectory()
  await writeFile(join(directory, 'from'), 'x')
  await link(join(directory, 'from'), join(directory, 'to'))
  await renameIn(directory)({ key: key('from') }, key('to'))
  expect(await readdir(directory)).toEqual(['to'])
  expect(await readFile(join(directory, 'to'), 'utf8')).toBe('x')
})

test('time and permissions stay, also over a file that had others', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const mtime = 1_000_000_000_123_456_000n
  await put(store, 'from', 'x', { attributes: { mtime, mode: 0o100640 } })
  await put(store, 'to', 'old', { attributes: { mode: 0o100600 } })
  const before = await lstat(join(directory, 'from'), { bigint: true })
  const info = await renameIn(directory)({ key: key('from') }, key('to'))
  const after = await lstat(join(directory, 'to'), { bigint: true })
  expect([after.ino, after.mtimeNs, after.mode]).toEqual([before.ino, before.mtimeNs, before.mode])
  expect(info.etag).toBe((await store.stat(key('to'))).etag)
})

test.skipIf(process.platform === 'win32')('a pipe neither moves nor is replaced', async () => {
  const directory = await testDirectory()
  execFileSync('mkfifo', [join(directory, 'pipe')])
  await writeFile(join(directory, 'file'), 'x')
  const rename = renameIn(directory)
  await failure(rename({ key: key('pipe') }, key('to')), 'unsupported')
  await failure(rename({ key: key('file') }, key('pipe')), 'conflict')
  expect(await readdir(directory)).toEqual(['file', 'pipe'])
})

test('what goes to and fro between removals is never lost', async () => {
  const directory = await testDirectory()
  const store = localStore(directory, { durable: false })
  const rename = renameIn(directory, { durable: false })
  await mkdir(join(directory, 'a'))
  const walkers = Array.from({ length: 8 }, async (_, i) => {
    let at = key(`a/${i}`)
    await put(store, at, String(i))
    for (let step = 0; step < 20; step++) {
      const to = key(`d${(i + step) % 3}/e/${i}`)
      await rename({ key: at }, to, step % 2 ? ifAbsent : {})
      at = to
    }
    expect(await getText(store, at)).toBe(String(i))
  })
  await Promise.all(walkers)
  expect(await keys(store, '')).toHaveLength(8)
})

/** Other programs that act once the new name is there, and before the old one goes. */
class Meanwhile extends Disk {
  readonly #act: () => Promise<void>
  constructor(root: string, act: () => Promise<void>) {
    super(root, true)
    this.#act = act
  }
  override async syncDirectory(path: string): Promise<void> {
    await this.#act()
    await super.syncDirectory(path)
  }
}

test('what another program puts under the old name stays, and the new name has what was renamed', async () => {
  const directory = await testDirectory()
  await put(localStore(directory), 'old', 'ours')
  const disk = new Meanwhile(directory, async () => {
    await writeFile(join(directory, 'theirs'), 'theirs')
    await renamePath(join(directory, 'theirs'), join(directory, 'old'))
  })
  await renameFile(disk, { key: key('old') }, key('new'), ifAbsent)
  const [old, made] = await Promise.all(['old', 'new'].map(read(directory)))
  expect([old, made]).toEqual(['theirs', 'ours'])
})

test('a file that is written to meanwhile keeps its name', async () => {
  const directory = await testDirectory()
  await put(localStore(directory), 'old', 'ours')
  const disk = new Meanwhile(directory, async () => writeFile(join(directory, 'old'), 'theirs'))
  await failure(renameFile(disk, { key: key('old') }, key('new'), ifAbsent), 'precondition-failed')
  expect(await readdir(directory)).toEqual(['old'])
  expect(await read(directory)('old')).toBe('theirs')
})

test('where the old name cannot go, the new one does', async () => {
  const directory = await testDirectory()
  await put(localStore(directory), 'old', 'ours')
  const disk = new Meanwhile(directory, async () => {
    throw new HawserError('local-io', 'the disk is broken', { op: 'rename' })
  })
  await failure(renameFile(disk, { key: key('old') }, key('new'), ifAbsent), 'local-io')
  expect(await readdir(directory)).toEqual(['old'])
})

test('the etag of a file that is written to once it was renamed is another one', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  for (const name of ['old', 'new']) await put(store, name, name)
  const disk = new Meanwhile(directory, async () => writeFile(join(directory, 'new'), 'theirs'))
  const { etag } = await renameFile(disk, { key: key('old') }, key('new'))
  expect(await read(directory)('new')).toBe('theirs')
  expect((await store.stat(key('new'))).etag).not.toBe(etag)
})

function read(directory: string): (name: string) => Promise<string> {
  return async (name) => readFile(join(directory, name), 'utf8')
}
