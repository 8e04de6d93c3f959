import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { emptyKey } from '../../../src/core/key.ts'
import type { Multipart, Upload } from '../../../src/core/store.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { collect, failure, getText, key, keys } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'
import { childPath } from './run-child.ts'

function multipartOf(directory: string): Multipart {
  const { multipart } = localStore(directory)
  if (!multipart) throw new Error('no multipart')
  return multipart
}

async function numbers(multipart: Multipart, upload: Upload): Promise<number[]> {
  return (await collect(multipart.parts(upload))).map((part) => part.number)
}

test('after kill -9 an upload goes on, and what a write left is found and removed', async () => {
  const directory = await testDirectory()
  const child = spawn(process.execPath, [childPath, 'hang', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let id: string | undefined
  for await (const line of createInterface(child.stdout)) {
    id = /"id":"(\w+)"/.exec(line)?.[1]
    child.kill('SIGKILL')
  }
  if (child.signalCode === null) await once(child, 'exit')
  if (id === undefined) throw new Error('the child told nothing')
  const upload = { key: key('dir/parts'), id }

  const store = localStore(directory)
  const multipart = multipartOf(directory)
  expect(await keys(store, '', { directories: true })).toEqual(['dir/'])
  const leftovers = await collect(multipart.uploads(emptyKey))
  expect(leftovers).toHaveLength(2)
  const of = leftovers.find((leftover) => leftover.id === upload.id)
  expect(of).toMatchObject({ key: 'dir/parts', started: expect.any(Date) })

  const parts = await collect(multipart.parts(upload))
  expect(parts.map(({ number, size }) => [number, size])).toEqual([
    [1, 100],
    [2, 50],
  ])
  await multipart.complete(upload, parts, { size: 150 })
  expect(await getText(store, 'dir/parts')).toBe('a'.repeat(100) + 'b'.repeat(50))

  for await (const leftover of multipart.uploads(emptyKey)) await multipart.abort(leftover)
  expect(await readdir(join(directory, 'dir'))).toEqual(['parts'])
})

test('only parts whose bytes are on the disk as recorded are told', async () => {
  const directory = await testDirectory()
  const multipart = multipartOf(directory)
  const upload = await multipart.begin(key('object'))
  const receipts = []
  for (const number of [1, 2, 3])
    receipts.push(
      await multipart.part(upload, { number, offset: (number - 1) * 10 }, Buffer.alloc(10, number)),
    )
  expect(await numbers(multipart, upload)).toEqual([1, 2, 3])
  const path = join(directory, `.hawser-${upload.id}.part`)
  await writeFile(
    path,
    Buffer.concat([Buffer.alloc(10, 1), Buffer.alloc(10, 9), Buffer.alloc(5, 3)]),
  )
  expect(await numbers(multipart, upload)).toEqual([1])
  // A record that a loss of power tore.
  await appendFile(`${path}s`, Buffer.alloc(17, 7))
  expect(await numbers(multipart, upload)).toEqual([1])
  await multipart.abort(upload)
  expect(await readdir(directory)).toEqual([])
})

test('a part that was begun again and not ended is no part', async () => {
  const directory = await testDirectory()
  const multipart = multipartOf(directory)
  const upload = await multipart.begin(key('object'))
  const slot = { number: 1, offset: 0 }
  const receipt = await multipart.part(upload, slot, Buffer.from('whole'))
  const source = {
    size: 5,
    async *open(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ha')
      throw new Error('the source broke')
    },
  }
  await expect(multipart.part(upload, slot, source)).rejects.toThrow('the source broke')
  expect(await numbers(multipart, upload)).toEqual([])
  await failure(multipart.complete(upload, [receipt], { size: 5 }), 'integrity')
  await multipart.abort(upload)
})

test('what a crash left of an upload is found, whichever part of it', async () => {
  const directory = await testDirectory()
  const multipart = multipartOf(directory)
  const uploads = [await multipart.begin(key('d/one')), await multipart.begin(key('d/two'))]
  const [one, two] = uploads.map(({ id }) => join(directory, `d/.hawser-${id}.part`))
  await rm(`${one}`)
  await writeFile(`${two}s`, 'torn')
  const found = await collect(multipart.uploads(key('d/')))
  expect(found.map(({ id }) => id).toSorted()).toEqual(uploads.map(({ id }) => id).toSorted())
  for (const upload of found) await multipart.abort(upload)
  expect(await readdir(directory)).toEqual([])
})

test('an upload below hidden directories that are not there yet is one like any other', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const multipart = multipartOf(directory)
  const hidden = key('.hawser/s3/uploads/0123')
  const aborted = await multipart.begin(hidden)
  await multipart.part(aborted, { number: 1, offset: 0 }, Buffer.from('one'), { durable: true })
  await multipart.abort(aborted)
  expect(await readdir(directory)).toEqual([])

  const upload = await multipart.begin(hidden)
  const slots = [1, 2].map((number) => ({ number, offset: (number - 1) * 3 }))
  const receipts = []
  for (const slot of slots)
    receipts.push(await multipart.part(upload, slot, Buffer.from(`p:${slot.number}`)))
  const info = await multipart.complete(upload, receipts, { size: 6 })
  await store.rename?.(info, key('bucket/object'))
  expect(await getText(store, 'bucket/object')).toBe('p:1p:2')
  expect(await readdir(directory)).toEqual(['bucket'])
})

test('an abort leaves directories where the store keeps them, and those in use', async () => {
  const directory = await testDirectory()
  const keeping = localStore(directory, { keepDirectories: true }).multipart
  const upload = await keeping?.begin(key('a/b/c'))
  if (!keeping || !upload) throw new Error('no multipart')
  await keeping.abort(upload)
  expect(await readdir(join(directory, 'a'))).toEqual(['b'])
  const multipart = multipartOf(directory)
  const other = await multipart.begin(key('a/d'))
  await multipart.abort(await multipart.begin(key('a/b/c')))
  expect(await readdir(join(directory, 'a'))).toHaveLength(2)
  await multipart.abort(upload)
  await multipart.abort(other)
  expect(await readdir(directory)).toEqual([])
})

test('a part whose bytes have changed on the disk is not read back', async () => {
  const directory = await testDirectory()
  const multipart = multipartOf(directory)
  const { readPart } = multipart
  if (!readPart) throw new Error('no readPart')
  const upload = await multipart.begin(key('object'))
  const slot = { number: 1, offset: 0 }
  await multipart.part(upload, slot, Buffer.from('right'))
  const path = join(directory, `.hawser-${upload.id}.part`)
  await writeFile(path, 'wrong')
  await failure(collect(readPart(upload, slot, 5)), 'integrity')
  await writeFile(path, 'rig')
  await failure(collect(readPart(upload, slot, 5)), 'integrity')
})

test('a directory has no parts', async () => {
  const multipart = multipartOf(await testDirectory())
  await failure(multipart.begin(key('dir/')), 'invalid-argument')
})

test('parts that do not lie end to end are refused', async () => {
  const directory = await testDirectory()
  const multipart = multipartOf(directory)
  const upload = await multipart.begin(key('object'))
  const one = await multipart.part(upload, { number: 1, offset: 0 }, Buffer.from('one'))
  const two = await multipart.part(upload, { number: 2, offset: 5 }, Buffer.from('two'))
  await failure(multipart.complete(upload, [one, two], { size: 6 }), 'integrity')
  await failure(multipart.complete(upload, [two], { size: 3 }), 'integrity')
  await failure(multipart.complete(upload, [{ ...one, crc64nvme: 1n }], { size: 3 }), 'integrity')
  await failure(multipart.complete(upload, [{ ...one, number: 9 }], { size: 3 }), 'integrity')
  await multipart.complete(upload, [one], { size: 3 })
  expect(await getText(localStore(directory), 'object')).toBe('one')
  expect(await readdir(directory)).toEqual(['object'])
})

test('an upload that the journal got wrong is not found', async () => {
  const directory = await testDirectory()
  const multipart = multipartOf(directory)
  const upload = await multipart.begin(key('object'))
  const wrong = [
    { ...upload, key: key('other') },
    { ...upload, id: '../../etc/passwd' },
    { ...upload, id: '0123456789abcdef' },
    { ...upload, key: key('no/such/directory') },
  ]
  for (const one of wrong) {
    await failure(collect(multipart.parts(one)), 'not-found')
    if (one.id !== upload.id) await multipart.abort(one)
  }
  expect(await numbers(multipart, upload)).toEqual([])
  await multipart.abort(upload)
})

test('a part is copied only of the file that was meant', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const multipart = multipartOf(directory)
  const { etag } = await store.write(key('old'), Buffer.from('0123456789'))
  const upload = await multipart.begin(key('new'))
  const source = { location: store.location, key: key('old'), etag }
  const range = { start: 2, end: 5 }
  const { copyPart } = multipart
  if (!copyPart) throw new Error('no copyPart')
  const part = await copyPart(upload, { number: 1, offset: 0 }, source, range)
  await writeFile(join(directory, 'old'), 'replaced!!')
  await failure(copyPart(upload, { number: 2, offset: 3 }, source, range), 'precondition-failed')
  await multipart.complete(upload, [part], { size: 3 })
  expect(await getText(store, 'new')).toBe('234')
})
