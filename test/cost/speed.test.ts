import { expect, test } from 'vitest'
import { expectedTime, speedOf } from '../../src/cost/speed.ts'
import { temporaryState } from '../state/fixtures.ts'
import { MiB } from './tools.ts'

const between = { from: './a', to: 's3://bucket/a' }

async function historyOf(
  ...runs: readonly { from?: string; summary: unknown }[]
): ReturnType<typeof speedOf> {
  const state = await temporaryState()
  for (const { from = between.from, summary } of runs) {
    const id = await state.runs.begin({ command: 'sync', from, to: between.to, options: {} })
    if (summary !== 'died') await state.runs.end(id, summary, 0)
  }
  return speedOf(state.runs, between)
}

function ran(bytes: number, requests: number, seconds: number): { summary: unknown } {
  const traffic = { requests: { list: 1, write: requests - 1 }, sent: bytes, received: 0 }
  return { summary: { bytes, traffic, milliseconds: seconds * 1000 } }
}

const nothingKnown = { bytes: undefined, requests: undefined }

test('runs of large objects tell of bytes, those of small ones of requests; the best counts', async () => {
  expect(
    await historyOf(ran(100 * MiB, 20, 10), ran(300 * MiB, 50, 10), ran(90 * MiB, 9, 9)),
  ).toEqual({ bytes: 30 * MiB, requests: undefined })
  expect(await historyOf(ran(1000, 1000, 2), ran(0, 900, 3))).toEqual({
    bytes: undefined,
    requests: 500,
  })
})

test('what did not end, was elsewhere, is too small or is unreadable tells nothing', async () => {
  const runs = [
    { summary: 'died' },
    { summary: undefined },
    { summary: Object.assign({}, ran(500 * MiB, 5, 1).summary, { interrupted: true }) },
    { summary: { bytes: 'many', milliseconds: 5 } },
    { summary: { bytes: 1, traffic: 7, milliseconds: 0 } },
    { from: './b', ...ran(1000 * MiB, 10, 1) },
    ran(1 * MiB, 1, 1),
    ran(10, 5, 1),
  ]
  expect(await historyOf(...runs)).toEqual(nothingKnown)
  expect(await historyOf()).toEqual(nothingKnown)
})

test('the last ten runs between the two places count', async () => {
  const slow = Array.from({ length: 10 }, () => ran(100 * MiB, 10, 10))
  expect(await historyOf(ran(1000 * MiB, 10, 1), ...slow)).toMatchObject({ bytes: 10 * MiB })
})

test('a run that found most of its bytes there tells of such runs only', async () => {
  const { summary } = ran(100 * MiB, 10, 10)
  const saving = { summary: Object.assign({}, summary, { saved: 90 * MiB }) }
  expect(await historyOf(saving)).toEqual({ ...nothingKnown, saved: 9 * MiB })
})

const work = (copied: number, requests: number, sent = copied, saved = 0) => ({
  bytes: { copied, sent, received: 0, inside: 0, saved },
  requests: { write: requests },
})

test('a run is as slow as the slower of its bytes and its requests', () => {
  const speed = { bytes: 10 * MiB, requests: 100 }
  expect(expectedTime(work(100 * MiB, 10), speed)).toBe(10_000)
  expect(expectedTime(work(100 * MiB, 5000), speed)).toBe(50_000)
  expect(expectedTime(work(0, 50), speed)).toBe(500)
  const mostSaved = work(100 * MiB, 10, 20 * MiB, 80 * MiB)
  expect(expectedTime(mostSaved, speed)).toBeUndefined()
  expect(expectedTime(mostSaved, { ...speed, saved: 16 * MiB })).toBe(5000)
  expect(expectedTime(mostSaved, { ...speed, saved: 80 * MiB })).toBe(2000)
  expect(expectedTime(work(0, 0), nothingKnown)).toBe(0)
})

test('what the user allows is no less than it takes', () => {
  const speed = { bytes: 10 * MiB, requests: undefined }
  expect(expectedTime(work(100 * MiB, 10), speed, MiB)).toBe(100_000)
  expect(expectedTime(work(100 * MiB, 10), speed, 50 * MiB)).toBe(10_000)
  expect(expectedTime(work(100 * MiB, 10), speed, 0)).toBe(10_000)
  expect(expectedTime(work(100 * MiB, 10), nothingKnown, MiB)).toBe(100_000)
  // A copy inside passes no link.
  expect(expectedTime(work(100 * MiB, 10, 0), nothingKnown, MiB)).toBeUndefined()
})

test('a kind of run of which nothing is known has no time', () => {
  expect(expectedTime(work(100 * MiB, 10), { bytes: undefined, requests: 100 })).toBeUndefined()
  expect(expectedTime(work(100, 1000), { bytes: MiB, requests: undefined })).toBeUndefined()
  expect(expectedTime(work(100, 1000), nothingKnown)).toBeUndefined()
})
