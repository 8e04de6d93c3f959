import { execFileSync } from 'node:child_process'
import { appendFile, symlink, truncate, utimes, writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { localStore } from '../../../src/stores/local/store.ts'
import { bytesOf, collect, expectSame, failure, getText, key } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'

test('a link is read as its target', async () => {
  const directory = await testDirectory()
  await symlink('../some/\u00e9', join(directory, 'link'))
  const store = localStore(directory)
  const info = await store.stat(key('link'))
  expect(info).toMatchObject({ kind: 'symlink', size: 10 })
  expect(await getText(store, 'link')).toBe('../some/\u00e9')
  const target = Buffer.alloc(20)
  const { length } = await store.readInto(key('link'), target, 3, { ifMatch: info.etag })
  expect(target.toString('utf8', 0, length)).toBe('some/\u00e9')
})

test('nothing is read through a link below the root', async () => {
  const directory = await testDirectory()
  await mkdir(join(directory, 'inside'))
  await writeFile(join(directory, 'secret'), 'secret')
  await symlink('..', join(directory, 'inside/up'))
  const store = localStore(join(directory, 'inside'))
  for (const name of ['up/secret', 'up/inside/up/secret']) {
    await failure(store.read(key(name)), 'not-found')
    await failure(store.readInto(key(name), Buffer.alloc(9), 0), 'not-found')
    const error = await failure(store.stat(key(name)), 'not-found')
    expect(error.hint).toMatch(/link/)
  }
})

test('a pipe is seen and not read', async () => {
  const directory = await testDirectory()
  execFileSync('mkfifo', [join(directory, 'pipe')])
  const store = localStore(directory)
  expect((await store.stat(key('pipe'))).kind).toBe('special')
  await failure(store.read(key('pipe')), 'unsupported')
  await failure(store.readInto(key('pipe'), Buffer.alloc(1), 0), 'unsupported')
})

test('a file that changes while it is read is noticed', async () => {
  const directory = await testDirectory()
  const path = join(directory, 'file')
  const store = localStore(directory)
  const changes = [
    async () => appendFile(path, 'x'),
    async () => truncate(path, 700_000),
    async () => utimes(path, 1, 1),
  ]
  for (const change of changes) {
    await writeFile(path, Buffer.alloc(2_000_000))
    const { etag } = await store.stat(key('file'))
    const body = await store.read(key('file'), { ifMatch: etag })
    async function read(): Promise<void> {
      let first = true
      for await (const chunk of body) {
        expect(chunk.length).toBeGreaterThan(0)
        if (first) await change()
        first = false
      }
    }
    await failure(read(), 'precondition-failed')
  }
})

test('without a condition, a file that became shorter is noticed', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  await writeFile(join(directory, 'file'), Buffer.alloc(2_000_000))
  const body = await store.read(key('file'))
  await truncate(join(directory, 'file'), 1_000)
  await failure(collect(body), 'precondition-failed')
})

test('a file stays open while it is read, though nobody holds its body', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: unknown = runInNewContext('gc')
  if (typeof collectGarbage !== 'function') throw new Error('no gc')
  const directory = await testDirectory()
  const content = bytesOf(2_000_000, 4)
  await writeFile(join(directory, 'file'), content)
  const store = localStore(directory)
  const chunks: Uint8Array[] = []
  for await (const chunk of await store.read(key('file'))) {
    chunks.push(chunk)
    collectGarbage()
    await turnOfLoop()
    await turnOfLoop()
  }
  expectSame(Buffer.concat(chunks), content)
})

test('a body that is left twice, or read again, touches no other file', async () => {
  const directory = await testDirectory()
  await writeFile(join(directory, 'file'), 'x')
  const store = localStore(directory)
  const left = await store.read(key('file'))
  const other = await store.read(key('file'))
  await left[Symbol.asyncIterator]().return?.()
  const another = await store.read(key('file'))
  await left[Symbol.asyncIterator]().return?.()
  await expect(collect(left)).rejects.toMatchObject({ code: 'internal' })
  for (const body of [other, another]) expect(Buffer.concat(await collect(body))).toHaveLength(1)
})
