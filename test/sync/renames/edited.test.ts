// A big file that was renamed and edited: what is still the same is taken from the object of its old name.
import { link, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { Store } from '../../../src/core/store.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { bytesOf, expectSame, get, keys, MiB, put } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { edited, strictStore } from '../../transfer/delta/tools.ts'
import { KiB, temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { Events, place } from '../tools.ts'

const old = bytesOf(16 * MiB, 1)
const changed = edited(old, 6 * MiB, 1, Buffer.from('xy'))
/** One part, and what its neighbours are short of. */
const little = 6 * MiB

describe('in memory', () => cases(async () => reserved(strictStore(), defaultReserved)))
describeS3('in a bucket', (endpoint) =>
  cases(async () => reserved(await openBucket(endpoint), defaultReserved)),
)

function cases(open: () => Promise<Store>): void {
  let store: Store
  let prefix = ''
  let source = ''
  let events: Events
  let run: (options?: Partial<SyncOptions>) => Promise<RunResult>
  let trees = 0

  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => store[Symbol.asyncDispose]())
  beforeEach(async () => {
    source = await temporaryDirectory()
    prefix = `tree-${trees++}/`
    const state = await temporaryState()
    run = async (options) => {
      events = new Events()
      const delta = { threshold: 4 * MiB, average: 64 * KiB }
      const how = { state, delta, partSize: 5 * MiB, onEvent: events.sink }
      const from = place(localStore(source, { durable: false }))
      return sync(from, place(store, prefix), { ...how, ...options })
    }
  })
  const at = (name: string): string => join(source, name)
  const key = (name: string): string => `${prefix}${name}`
  async function expectTarget(files: Record<string, Uint8Array>): Promise<void> {
    expect(await keys(store, prefix)).toEqual(Object.keys(files))
    for (const [name, bytes] of Object.entries(files))
      expectSame(await get(store, key(name)), bytes)
  }
  function doneAs(name: string): object | undefined {
    return events.all.find(
      (event) => event.type === 'done' && event.action === 'copy' && event.address.endsWith(name),
    )
  }
  async function expectNothingToDo(): Promise<void> {
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 0, renamed: 0, updated: 0, removed: 0, failed: 0 })
  }

  test('only what changed is sent, and the old name goes', async () => {
    await writeFile(at('old.txt'), old)
    const tags = { kind: 'raw' }
    await run({ metadata: { owner: 'me' }, properties: { tags } })
    await rename(at('old.txt'), at('new.html'))
    await writeFile(at('new.html'), changed)
    const dry = await run({ dryRun: true, delete: true })
    expect(doneAs('new.html')).toMatchObject({ from: expect.stringMatching(/old\.txt$/) })
    const real = await run({ delete: true })
    expect(doneAs('new.html')).toMatchObject({
      from: expect.stringMatching(/old\.txt$/),
      sent: changed.length - real.summary.saved,
    })
    expect(changed.length - real.summary.saved).toBeLessThan(little)
    const { copied, removed, saved } = dry.summary
    expect(real.summary).toMatchObject({ copied, removed, saved, failed: 0 })
    expect({ copied, removed }).toEqual({ copied: 1, removed: 1 })
    expect(real.predicted).toEqual(dry.predicted)
    await expectTarget({ 'new.html': changed })
    expect(await store.stat(toKey(key('new.html')), { tags: true })).toMatchObject({
      metadata: { owner: 'me' },
      contentType: 'text/html',
      properties: { tags },
    })
    await expectNothingToDo()
  })

  test('onto a name that the destination has', async () => {
    await writeFile(at('a'), old)
    await writeFile(at('b'), bytesOf(8 * MiB, 2))
    await run()
    await rename(at('a'), at('b'))
    await writeFile(at('b'), changed)
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 1, removed: 1, failed: 0 })
    expect(changed.length - summary.saved).toBeLessThan(little)
    await expectTarget({ b: changed })
    await expectNothingToDo()
  })

  test('two that were swapped, both edited', async () => {
    const other = bytesOf(14 * MiB, 3)
    const otherChanged = edited(other, 7 * MiB, 1, Buffer.from('z'))
    await writeFile(at('a'), old)
    await writeFile(at('b'), other)
    await run()
    await rename(at('a'), at('t'))
    await rename(at('b'), at('a'))
    await rename(at('t'), at('b'))
    await writeFile(at('a'), otherChanged)
    await writeFile(at('b'), changed)
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 2, removed: 0, failed: 0 })
    expect(changed.length + otherChanged.length - summary.saved).toBeLessThan(2 * little)
    await expectTarget({ a: otherChanged, b: changed })
    await expectNothingToDo()
  })

  test('an atomic save: another file in the place of the old one', async () => {
    await writeFile(at('a'), old)
    await run()
    await writeFile(at('new'), changed)
    await rename(at('new'), at('a'))
    const { summary } = await run()
    expect(summary).toMatchObject({ copied: 1, failed: 0 })
    expect(changed.length - summary.saved).toBeLessThan(little)
    await expectTarget({ a: changed })
  })

  test('with a second name (hard link): the other one is a copy inside', async () => {
    await writeFile(at('a'), old)
    await run()
    await link(at('a'), at('b'))
    await writeFile(at('b'), changed)
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 2, removed: 0, failed: 0 })
    expect(2 * changed.length - summary.saved).toBeLessThan(little)
    await expectTarget({ a: changed, b: changed })
    await expectNothingToDo()
  })

  test('what another program has put under the old name is not built on', async () => {
    await writeFile(at('a'), old)
    await run()
    await rename(at('a'), at('b'))
    await writeFile(at('b'), changed)
    const foreign = bytesOf(16 * MiB, 9)
    await put(store, key('a'), foreign)
    const { summary } = await run()
    expect(summary).toMatchObject({ copied: 1, saved: 0, failed: 0 })
    await expectTarget({ a: foreign, b: changed })
  })

  test('what has nothing of its old contents goes whole', async () => {
    await writeFile(at('a'), old)
    await run()
    await rename(at('a'), at('b'))
    const another = bytesOf(16 * MiB, 7)
    await writeFile(at('b'), another)
    const { summary } = await run({ delete: true })
    expect(summary).toMatchObject({ copied: 1, saved: 0, removed: 1, failed: 0 })
    expect(doneAs('/b')).toMatchObject({ from: undefined })
    await expectTarget({ b: another })
  })

  test.each([
    ['deltas are not wanted', false],
    ['it is below the threshold', { threshold: 20 * MiB }],
  ] as const)('goes whole where %s', async (_, delta) => {
    await writeFile(at('a'), old)
    await run()
    await rename(at('a'), at('b'))
    await writeFile(at('b'), changed)
    const { summary } = await run({ delete: true, delta })
    expect(summary).toMatchObject({ copied: 1, saved: 0, failed: 0 })
    await expectTarget({ b: changed })
  })
}
