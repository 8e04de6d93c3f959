import { appendFile, open } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Store } from '../../../src/core/store.ts'
import type { SeenObject } from '../../../src/core/work.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { scanSource } from '../../../src/transfer/delta/scan-source.ts'
import { ScanThreads } from '../../../src/transfer/delta/scan-threads.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import { changedObject } from '../../../src/transfer/source.ts'
import { bytesOf, failure, MiB, put } from '../../conformance/tools.ts'
import { contextOf, KiB, nothing, seen, settled, storeWith, temporaryDirectory } from '../tools.ts'

test('a piece that cannot be read ends the scan, also where later ones wait for it', async () => {
  const store = memoryStore()
  await put(store, 'big', bytesOf(12 * MiB))
  const source = storeWith(store, {
    async readInto(key, target, position, options) {
      if (position > 0) return store.readInto(key, target, position, options)
      await settled()
      throw new HawserError('unavailable', 'no', { op: 'read' })
    },
  })
  const buffers = new BufferPool(16 * MiB, 4 * MiB)
  const context = contextOf(source, store, { buffers })
  await failure(scanSource(await seen(store, 'big'), 64 * KiB, context), 'unavailable')
  // All memory was given back.
  const all = Array.from({ length: 4 }, () => buffers.acquire(4 * MiB, AbortSignal.timeout(5000)))
  expect(await Promise.all(all)).toHaveLength(4)
})

interface BigFile {
  readonly path: string
  readonly store: Store
  readonly from: SeenObject
}

/** So long that threads scan it, and of few bytes on the disk. */
async function bigFile(): Promise<BigFile> {
  const directory = await temporaryDirectory()
  const path = join(directory, 'big')
  await using file = await open(path, 'w')
  await file.write(bytesOf(MiB), 0, MiB, 255 * MiB)
  await file.truncate(257 * MiB)
  const store = localStore(directory)
  return { path, store, from: await seen(store, 'big') }
}

/** Nothing of it comes through its methods. */
function unread(store: Store): Store {
  return storeWith(store, {
    readInto: async () => {
      throw new HawserError('internal', 'it is read in this thread', { op: 'readInto' })
    },
  })
}

const buffers = new BufferPool(16 * MiB, 4 * MiB)
const two = new ScanThreads(2)

test('a big file is scanned by threads, as its bytes are by this one', async () => {
  const { store, from } = await bigFile()
  const context = contextOf(unread(store), store, { buffers })
  const scan = await scanSource(from, MiB, context, nothing, two)
  const plain = contextOf(storeWith(store, { withFile: undefined }), store, { buffers })
  expect(await scanSource(from, MiB, plain, nothing, two)).toEqual(scan)
})

test('a small file, and any on a machine of one core, is scanned by this thread', async () => {
  const { store, from } = await bigFile()
  const context = contextOf(unread(store), store, { buffers })
  await put(store, 'small', bytesOf(MiB))
  await failure(scanSource(await seen(store, 'small'), MiB, context, nothing, two), 'internal')
  await failure(scanSource(from, MiB, context, nothing, new ScanThreads(1)), 'internal')
})

test('where no thread can be started, this one scans', async () => {
  const { store, from } = await bigFile()
  const none = new ScanThreads(2, pathToFileURL('/nowhere/scan-worker.mjs'))
  const { size } = await scanSource(from, MiB, contextOf(store, store, { buffers }), nothing, none)
  expect(size).toBe(from.size)
})

test.each(['before', 'after'])('a big file that changes %s its look is told', async (when) => {
  const { path, store, from } = await bigFile()
  const context = contextOf(unread(store), store, { buffers })
  if (when === 'before') await appendFile(path, 'x')
  let change = when === 'after' ? appendFile : async (): Promise<void> => {}
  const onScanned = (): void => {
    void change(path, 'x')
    change = async () => {}
  }
  const error = await failure(scanSource(from, MiB, context, onScanned, two), 'conflict')
  expect(changedObject(error)).toBe(from)
})
