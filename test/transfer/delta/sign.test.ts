import { expect, test } from 'vitest'
import type { ObjectInfo, Store } from '../../../src/core/store.ts'
import type { Signature } from '../../../src/delta/signature/types.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import { sign } from '../../../src/transfer/delta/sign.ts'
import { bytesOf, key, MiB, put } from '../../conformance/tools.ts'
import { contextOf } from '../tools.ts'

const name = key('big')

async function stored(): Promise<{ readonly store: Store; readonly info: ObjectInfo }> {
  const store = memoryStore()
  await put(store, name, bytesOf(9 * MiB + 1))
  return { store, info: await store.stat(name) }
}

function signed(store: Store, info: ObjectInfo, average?: number): Promise<Signature> {
  const buffers = new BufferPool(16 * MiB, 8 * MiB)
  return sign(info, average, contextOf(store, store, { buffers }))
}

test('it is of the object as it is', async () => {
  const { store, info } = await stored()
  const { chunks, ...facts } = await signed(store, info, 65_536)
  const { size, etag, version, crc64nvme } = info
  expect(crc64nvme).toBeDefined()
  expect(facts).toEqual({ size, etag, version, crc64nvme, average: 65_536 })
  expect(chunks.ends.at(-1)).toBe(size)
  expect(await signed(store, info)).toMatchObject({ average: MiB })
})

test('bytes that the store did not record have none', async () => {
  const { store, info } = await stored()
  await expect(signed(store, { ...info, crc64nvme: 7n })).rejects.toMatchObject({
    code: 'integrity',
  })
})

test('nor has an object that was replaced meanwhile', async () => {
  const { store, info } = await stored()
  await put(store, name, bytesOf(9 * MiB + 1, 2))
  await expect(signed(store, info)).rejects.toMatchObject({ code: 'conflict' })
})

test.each([{ kind: 'symlink' }, { kind: 'special' }, { etag: undefined }] as const)(
  'nor has %j',
  async (change) => {
    const { store, info } = await stored()
    await expect(signed(store, { ...info, ...change })).rejects.toMatchObject({
      code: 'unsupported',
      key: name,
    })
  },
)
