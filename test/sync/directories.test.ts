import { chmod, mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { toKey } from '../../src/core/key.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { sync } from '../../src/sync/sync.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { fill, place } from './tools.ts'

async function expectFollowed(bucket: Store): Promise<void> {
  const directory = await temporaryDirectory()
  const disk = localStore(directory)
  await fill(disk, 'd/x')
  await mkdir(join(directory, 'd', 'empty'))
  const run = async (): ReturnType<typeof sync> =>
    sync(place(disk), place(bucket), { state: await temporaryState(), archive: true })
  expect((await run()).summary).toMatchObject({ copied: 3, failed: 0 })

  const again = await run()
  expect(again.summary).toMatchObject({ copied: 0, updated: 0, unchanged: 3, failed: 0 })
  expect(again.actual?.requests).toEqual({ list: 1, stat: 3 })

  await chmod(join(directory, 'd', 'empty'), 0o700)
  await utimes(join(directory, 'd'), 1e9, 1e9)
  expect((await run()).summary).toMatchObject({ copied: 0, updated: 2, unchanged: 1, failed: 0 })
  const { attributes } = await bucket.stat(toKey('d/empty/'))
  expect(attributes.mode).toBe(0o040700)
  expect((await bucket.stat(toKey('d/'))).attributes.mtime).toBe(1_000_000_000_000_000_000n)
  expect((await run()).summary).toMatchObject({ copied: 0, updated: 0, unchanged: 3, failed: 0 })
}

const title =
  'with -a and without a state, directories are looked at, and written only where they differ'

test(title, async () => {
  await expectFollowed(memoryStore())
})

describeS3(
  'in a bucket',
  (endpoint) => {
    test(title, async () => {
      await using bucket = await openBucket(endpoint)
      await expectFollowed(bucket)
    })
  },
  ['hawser', 'ceph20'],
)
