// What fails for all objects alike ends a run; what fails for some does not.
import { expect, test } from 'vitest'
import { type ErrorCode, HawserError } from '../../src/core/errors.ts'
import type { Key } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import { longestStreak, Streak } from '../../src/sync/streak.ts'
import { put } from '../conformance/tools.ts'
import { storeWith, temporaryState } from '../transfer/tools.ts'
import { names, pair, place } from './tools.ts'

const jobs = 8
const many = 400

function failed(code: ErrorCode, status?: number): HawserError {
  return new HawserError(code, `it is ${code}`, { op: 'write', status })
}

/** A store that refuses to write what is not accepted, and how often it was asked. */
function refusing(
  store: Store,
  error: HawserError,
  accepts: (key: Key) => boolean = () => false,
): { readonly to: Store; readonly asked: () => number } {
  let asked = 0
  const to = storeWith(store, {
    async write(key, ...more) {
      asked++
      if (!accepts(key)) throw error.with({ key, location: store.location })
      return store.write(key, ...more)
    },
  })
  return { to, asked: () => asked }
}

async function manyObjects(): Promise<Store> {
  const store = memoryStore()
  for (let i = 0; i < many; i++) await put(store, `n${i}`, 'body')
  return store
}

test.each([
  ['permission-denied', 403],
  ['unsupported', 501],
  ['invalid-argument', 400],
  ['offline', undefined],
] as const)('a run ends early where all fail with %s', async (code, status) => {
  const from = await manyObjects()
  const { run } = await pair(from)
  const { to, asked } = refusing(memoryStore(), failed(code, status))
  const { summary, failures } = await run({ jobs, delete: true }, from, to)
  expect(asked()).toBeGreaterThanOrEqual(longestStreak)
  expect(asked()).toBeLessThan(longestStreak + jobs)
  expect(summary).toMatchObject({ copied: 0, failed: asked() + 1 })
  expect(failures.at(-1)).toMatchObject({
    code,
    message: `100 objects failed alike, with none done in between: ${many - asked()} objects with ${(
      (many - asked()) *
      4
    ).toLocaleString('en')} bytes left`,
    hint: `Each ended with: it is ${code}. Run again when that is mended.`,
  })
})

test('so do copies and moves, and what was not moved stays', async () => {
  for (const run of [copy, move]) {
    const from = await manyObjects()
    const { to, asked } = refusing(memoryStore(), failed('permission-denied', 403))
    const options = { state: await temporaryState(), recursive: true, jobs }
    const { failures } = await run([place(from)], place(to), options)
    expect(asked()).toBeLessThan(longestStreak + jobs)
    expect(failures.at(-1)?.message).toContain(' left')
    expect(await names(from)).toHaveLength(many)
  }
})

test.each([
  [
    'some are done in between',
    failed('permission-denied', 403),
    (key: string) => key.endsWith('7'),
  ],
  ['each may have its own reason', failed('permission-denied'), () => false],
  ['it is about the objects', failed('archived', 403), () => false],
] as const)('a run goes on where %s', async (_, error, accepts) => {
  const from = await manyObjects()
  const { run } = await pair(from)
  const { to, asked } = refusing(memoryStore(), error, accepts)
  await run({ jobs }, from, to)
  expect(asked()).toBe(many)
})

test('failures of two kinds are no streak', () => {
  const streak = new Streak()
  for (let i = 0; i < longestStreak; i++) {
    streak.failed(failed('permission-denied', 403))
    streak.failed(failed('unavailable', 503))
  }
  expect(streak.cause).toBeUndefined()
})
