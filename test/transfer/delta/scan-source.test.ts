import { expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { scanSource } from '../../../src/transfer/delta/scan-source.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import { bytesOf, failure, MiB, put } from '../../conformance/tools.ts'
import { contextOf, KiB, seen, settled, storeWith } from '../tools.ts'

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
