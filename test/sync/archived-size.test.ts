import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Entry } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { withSizes } from '../../src/sync/archived-size.ts'
import { archive } from './archive.ts'
import { place } from './tools.ts'

const ofNothing = '"d41d8cd98f00b204e9800998ecf8427e"'
const ofSomething = '"5d41402abc4b2a76b9719d911017c592"'

function object(size: number, etag: string, storageClass?: string): Entry {
  return { key: toKey('a'), kind: 'file', size, modified: 0n, etag, storageClass }
}

/** A file of five bytes, and what is compared with it. */
async function sizeOf(target: Entry, recorded?: string): Promise<number | undefined> {
  const side = { size: 5, modified: 0n, version: undefined }
  const known = { ...side, device: undefined, inode: undefined, ctime: undefined }
  const row =
    recorded === undefined
      ? undefined
      : {
          key: toKey('a'),
          source: { ...known, size: 7, etag: undefined },
          target: { ...known, size: 7, etag: recorded },
          crc64nvme: undefined,
        }
  const source = object(5, 'x')
  const { store } = await archive()
  return withSizes(place(memoryStore()), place(store), { name: 'a', source, target, row }).target
    ?.size
}

test('an object of an archive that is told to hold nothing has the size that was recorded of it', async () => {
  expect(await sizeOf(object(0, ofSomething, 'COLD'), ofSomething)).toBe(7)
  expect(await sizeOf(object(0, `"${ofSomething}"`, 'COLD'), ofSomething)).toBe(7)
})

test('else that of the other side, unless it does hold nothing', async () => {
  expect(await sizeOf(object(0, ofSomething, 'COLD'))).toBe(5)
  expect(await sizeOf(object(0, ofSomething, 'COLD'), ofNothing)).toBe(5)
  expect(await sizeOf(object(0, ofNothing, 'COLD'))).toBe(0)
  expect(await sizeOf(object(0, ofSomething, 'STANDARD_IA'))).toBe(0)
  expect(await sizeOf(object(3, ofSomething, 'COLD'))).toBe(3)
})
