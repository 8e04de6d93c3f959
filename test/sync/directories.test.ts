import { chmod, chown, mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { toKey } from '../../src/core/key.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { sync } from '../../src/sync/sync.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { applyFile, planTo } from './plan/tools.ts'
import { Events, fill, place } from './tools.ts'

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

/** Two directories that -a has made alike, with `d` and a file in it, and runs of one state. */
async function alike(options: Partial<SyncOptions> = {}) {
  const [from, to] = [await temporaryDirectory(), await temporaryDirectory()]
  const [source, target] = [place(localStore(from)), place(localStore(to))]
  const given = { state: await temporaryState(), archive: true, ...options }
  await mkdir(join(from, 'd'))
  await writeFile(join(from, 'd', 'x'), 'x')
  const run = (more: Partial<SyncOptions> = {}): Promise<RunResult> =>
    sync(source, target, { ...given, ...more })
  expect((await run()).summary).toMatchObject({ copied: 2, updated: 0, failed: 0 })
  return { from, to, source, target, given, run }
}

/** That the dry run tells what the run then tells and does, once. */
async function expectTold({ to, run }: Awaited<ReturnType<typeof alike>>): Promise<void> {
  const told: string[][] = []
  for (const dryRun of [true, false]) {
    const events = new Events()
    const { summary } = await run({ dryRun, onEvent: events.sink })
    expect(summary).toMatchObject({ copied: 0, updated: 1, unchanged: 1, failed: 0 })
    told.push(events.done('update'))
  }
  expect(told).toEqual([[`${to}/d/`], [`${to}/d/`]])
  expect((await run()).summary).toMatchObject({ copied: 0, updated: 0, unchanged: 2, failed: 0 })
}

describe('on a disk a directory', () => {
  test.each(['source', 'destination'])('is told where its mode changed at the %s', async (side) => {
    const trees = await alike()
    await chmod(join(side === 'source' ? trees.from : trees.to, 'd'), 0o700)
    await expectTold(trees)
    const modes = [trees.from, trees.to].map(async (root) => (await stat(join(root, 'd'))).mode)
    expect(new Set(await Promise.all(modes)).size).toBe(1)
  })

  test('is not told where its time alone changes, or something in it', async () => {
    const { from, to, run } = await alike()
    await utimes(join(from, 'd'), 1e9, 1e9)
    expect((await run()).summary).toMatchObject({ updated: 0, unchanged: 2, failed: 0 })
    expect((await stat(join(to, 'd'))).mtimeMs).toBe(1e12)
    await writeFile(join(from, 'd', 'y'), 'y')
    expect((await run()).summary).toMatchObject({ copied: 1, updated: 0, unchanged: 2 })
  })

  test('that is made is told as copied alone, whatever its mode', async () => {
    const { from, run } = await alike()
    await mkdir(join(from, 'e'), { mode: 0o711 })
    expect((await run()).summary).toMatchObject({ copied: 1, updated: 0, unchanged: 2, failed: 0 })
  })

  test('is told by a plan, and by what applies it', async () => {
    const { from, to, source, target, given } = await alike()
    await chmod(join(from, 'd'), 0o700)
    const { file, result } = await planTo(source, target, given)
    expect(result.summary).toMatchObject({ updated: 1, unchanged: 1 })
    const { state } = given
    const applied = await applyFile(file, source, target, { state })
    expect(applied.summary).toMatchObject({ updated: 1, failed: 0 })
    expect((await stat(join(to, 'd'))).mode & 0o7777).toBe(0o700)
    const again = await applyFile(file, source, target, { state })
    expect(again.summary).toMatchObject({ updated: 0, failed: 0 })
  })

  test('is told where it comes from a bucket', async () => {
    const { source, target, to } = await alike()
    const bucket = place(memoryStore())
    const options = { state: await temporaryState(), archive: true }
    await sync(source, bucket, options)
    await chmod(join(to, 'd'), 0o700)
    const runs = [true, false, false].map((dryRun) => ({ ...options, dryRun }))
    const updated: number[] = []
    for (const run of runs) updated.push((await sync(bucket, target, run)).summary.updated)
    expect(updated).toEqual([1, 1, 0])
  })

  test.runIf(process.geteuid?.() === 0)('is told where its owner or group changed', async () => {
    const trees = await alike()
    for (const [uid, gid] of [
      [4321, 0],
      [4321, 5432],
    ] as const) {
      await chown(join(trees.from, 'd'), uid, gid)
      await expectTold(trees)
      expect(await stat(join(trees.to, 'd'))).toMatchObject({ uid, gid })
    }
  })

  test.runIf(process.platform === 'linux')(
    'is told where its extended attributes changed',
    async () => {
      const trees = await alike({ xattrs: true })
      const setAttributes = (xattrs: Record<string, Uint8Array>) =>
        trees.source.store.setAttributes?.(toKey('d/'), { xattrs })
      await setAttributes({ note: Buffer.from('x') })
      await expectTold(trees)
      await setAttributes({ note: Buffer.from('y') })
      await expectTold(trees)
      const { attributes } = await trees.target.store.stat(toKey('d/'), { xattrs: true })
      expect(Buffer.from(attributes.xattrs?.['note'] ?? '').toString()).toBe('y')
    },
  )
})
