// What a run tells of a big object that changed, and what its limits make of it.
import { beforeEach, expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { locationId } from '../../src/core/location.ts'
import type { Store } from '../../src/core/store.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { bytesOf, expectSame, get, MiB, put } from '../conformance/tools.ts'
import { KiB, temporaryState } from '../transfer/tools.ts'
import { Events, place } from './tools.ts'

const old = bytesOf(12 * MiB, 1)
const changed = Buffer.concat([old.subarray(0, 5 * MiB), Buffer.from('x'), old.subarray(5 * MiB)])

let from: Store
let to: Store
let events: Events
let run: (options?: Partial<SyncOptions>) => Promise<RunResult>

beforeEach(async () => {
  from = memoryStore()
  to = reserved(memoryStore(), defaultReserved)
  const state = await temporaryState()
  run = async (options) => {
    events = new Events()
    const delta = { threshold: 4 * MiB, average: 64 * KiB }
    const told = { onEvent: events.sink, partSize: MiB, delta, state }
    return sync(place(from), place(to, 'data'), { ...told, ...options })
  }
  await put(from, 'big', old)
  await run()
  await put(from, 'big', changed)
})

test('the scan is told first, then what is saved, then what arrives', async () => {
  const { summary } = await run()
  expectSame(await get(to, 'data/big'), changed)
  const progress = events.all.filter((event) => event.type === 'progress')
  const scanned = progress.flatMap((event) => event.scanned ?? [])
  expect(scanned.at(-1)).toBe(changed.length)
  expect(scanned).toEqual(scanned.toSorted((a, b) => a - b))
  const after = progress.slice(scanned.length)
  expect(after[0]).toMatchObject({ done: 0, sent: 0, saved: summary.saved })
  expect(after.at(-1)).toMatchObject({
    done: changed.length,
    sent: changed.length - summary.saved,
    saved: summary.saved,
  })
  expect(summary.saved).toBeGreaterThan(8 * MiB)
  expect(events.all.filter(({ type }) => type === 'begin')).toHaveLength(1)
  expect(events.all.find(({ type }) => type === 'done')).toMatchObject({
    size: changed.length,
    sent: changed.length - summary.saved,
    saved: summary.saved,
  })
})

test('what may be sent is judged by what is sent', async () => {
  const { summary } = await run({ dryRun: true })
  const sent = changed.length - summary.saved
  const refused = await run({ maxTransfer: sent - 1 })
  expect(refused.summary).toMatchObject({ copied: 0, failed: 1 })
  expect(Object.keys(events.skipped())).toEqual(['big'])
  expectSame(await get(to, 'data/big'), old)
  expect((await run({ maxTransfer: sent })).summary).toMatchObject({ copied: 1, failed: 0 })
  expectSame(await get(to, 'data/big'), changed)
})

test('what can send nothing any more is not read for it', async () => {
  await put(from, 'a', 'abc')
  const { summary } = await run({ maxTransfer: 3, jobs: 1 })
  expect(summary).toMatchObject({ copied: 1, failed: 1 })
  expect(events.all.some((event) => event.type === 'progress' && event.scanned)).toBe(false)
})

test('a dry run keeps nothing, not even a signature that it found', async () => {
  const state = await temporaryState()
  const { predicted } = await run({ dryRun: true, state })
  expect(predicted?.bytes.saved).toBeGreaterThan(8 * MiB)
  const id = locationId(to.location)
  expect(await state.signatures.get(id, toKey('data/big'))).toBeUndefined()
  await run({ state })
  expect(await state.signatures.get(id, toKey('data/big'))).toBeDefined()
})
