// Whatever fails during runs, nothing wrong becomes visible, nothing is removed, and the next good run ends right.
import { expect, test } from 'vitest'
import { isHawserError } from '../../src/core/errors.ts'
import { faulty, type Fault } from '../../src/layers/faulty.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { bytesOf, put } from '../conformance/tools.ts'
import { temporaryState, unfinished } from '../transfer/tools.ts'
import { contents, fill, place } from './tools.ts'

const rates: Partial<Record<Fault, number>> = {
  unavailable: 0.04,
  'rate-limited': 0.02,
  'lost-answer': 0.05,
  truncate: 0.03,
  'wrong-bytes': 0.03,
  slow: 0.1,
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('runs with faults of seed %i', async (first) => {
  const [from, to, state] = [memoryStore(), memoryStore(), await temporaryState()]
  for (let i = 0; i < 25; i++) await put(from, `n${i}`, bytesOf(i * 40, i + 1))
  await fill(to, 'n3', 'old/a', 'old/b')
  const wanted = await contents(from)
  const options = { state, delete: true, jobs: 4, partSize: 150 }
  let failures = 0
  for (let round = 0; round < 6; round++) {
    const before = await contents(to)
    const seed = first * 100 + round
    const [source, target] = [faulty(from, { seed, rates }), faulty(to, { seed: -seed, rates })]
    const result: RunResult | undefined = await sync(place(source), place(target), options).catch(
      (error: unknown) => {
        if (!isHawserError(error)) throw error
        return undefined
      },
    )
    const codes = new Set(result?.failures.map(({ code }) => code))
    for (const code of codes)
      expect(['unavailable', 'rate-limited', 'integrity', 'conflict']).toContain(code)
    failures += result?.summary.failed ?? 1
    const after = await contents(to)
    for (const [key, body] of Object.entries(after))
      expect([wanted[key], before[key]]).toContain(body)
    if (Object.keys(before).some((key) => !(key in after)))
      expect(Object.keys(wanted).filter((key) => after[key] !== wanted[key])).toEqual([])
  }
  expect(failures).toBeGreaterThan(5)

  const { summary, failures: left } = await sync(place(from), place(to), options)
  expect(left.map(({ message, cause }) => [message, cause])).toEqual([])
  expect(summary.failed).toBe(0)
  expect(await contents(to)).toEqual(wanted)
  // An upload whose beginning was done and not answered is known to nobody.
  for (const key of await unfinished(to)) expect(wanted).toHaveProperty([key])
  const again = await sync(place(from), place(to), options)
  expect(again.summary).toMatchObject({ copied: 0, updated: 0, removed: 0, failed: 0 })
  expect(Object.keys(again.summary.traffic.requests)).toEqual(['list'])
})
