import { execFileSync } from 'node:child_process'
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { Disk } from '../../../src/stores/local/disk.ts'
import { inDirectory } from '../../../src/stores/local/publish.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { writeFile as writeObject } from '../../../src/stores/local/write.ts'
import { failure, key, put } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'

test('what a link that was made meanwhile led out of the root is taken back', async () => {
  const directory = await testDirectory()
  const outside = join(directory, 'outside')
  await mkdir(outside)
  const target = new Disk(join(directory, 'root'), false).target('write', key('a/b/c'), undefined)
  const { parent, path } = target.place
  await mkdir(dirname(parent), { recursive: true })
  const make = async (): Promise<void> => {
    await symlink(outside, parent)
    const file = await open(path, 'wx')
    await file.close()
    expect(await readdir(outside)).toEqual(['c'])
  }
  await failure(
    inDirectory(target, make, async () => rm(path)),
    'conflict',
  )
  expect(await readdir(outside)).toEqual([])
})

test('links and files that are written at once never leave the root', async () => {
  const directory = await testDirectory()
  await mkdir(join(directory, 'outside'))
  const store = localStore(join(directory, 'root'), { durable: false })
  const link = { attributes: { mode: 0o120777 } }
  for (let i = 0; i < 30; i++)
    await Promise.allSettled([
      put(store, `link${i}/file`),
      put(store, `link${i}`, '../outside', link),
      put(store, `link${i}/directory/`, ''),
      put(store, `link${i}/link`, 'target', link),
    ])
  expect(await readdir(join(directory, 'outside'))).toEqual([])
})

test('a device, a pipe or a socket is never replaced', async () => {
  const directory = await testDirectory()
  const pipe = join(directory, 'pipe')
  execFileSync('mkfifo', [pipe])
  const store = localStore(directory)
  await put(store, 'file')
  await failure(put(store, 'pipe', 'bytes'), 'conflict')
  await failure(put(store, 'pipe', 'target', { attributes: { mode: 0o120777 } }), 'conflict')
  const from = { location: store.location, key: key('file') }
  await failure(store.copy?.copy(from, key('pipe')) ?? Promise.resolve(), 'conflict')
  expect((await lstat(pipe)).isFIFO()).toBe(true)
})

test('new bytes do not inherit the right to run as their owner', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  await put(store, 'program')
  await chmod(join(directory, 'program'), 0o4755)
  await put(store, 'program', 'other bytes')
  expect((await lstat(join(directory, 'program'))).mode & 0o7777).toBe(0o755)
})

test('the etag of a file that another program writes to as soon as it is there is another one', async () => {
  const directory = await testDirectory()
  const path = join(directory, 'new')
  const disk = new Disk(directory, true)
  vi.spyOn(disk, 'syncDirectory').mockImplementation(async () => writeFile(path, 'theirs'))
  const { etag } = await writeObject(disk, key('new'), Buffer.from('ours'))
  expect(await readFile(path, 'utf8')).toBe('theirs')
  expect((await localStore(directory).stat(key('new'))).etag).not.toBe(etag)
})
