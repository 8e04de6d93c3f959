// The stores that a sync goes to: in memory, on a disk, and a bucket of each server.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'

/** Declares the cases for each of them, with what is kept apart in it. */
export function onEachStore(
  cases: (open: () => Promise<Store>) => void,
  inMemory: () => Store = memoryStore,
): void {
  describe('in memory', () => cases(async () => reserved(inMemory(), defaultReserved)))
  describe('on a disk', () => {
    let directory = ''
    afterAll(async () => rm(directory, { recursive: true, force: true }))
    cases(async () => {
      directory = await mkdtemp(join(tmpdir(), 'hawser-stores-'))
      return localStore(directory, { durable: false })
    })
  })
  describeS3('in a bucket', (endpoint) =>
    cases(async () => reserved(await openBucket(endpoint), defaultReserved)),
  )
}
