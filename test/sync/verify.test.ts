// What a run tells of objects that the service did not confirm.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import type { State } from '../../src/state/state.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { keys } from '../conformance/tools.ts'
import { storeWith, temporaryState } from '../transfer/tools.ts'
import { contents, Events, fill, names, pair } from './tools.ts'

test('what is not confirmed is counted and warned of, once; with verify it is read back', async () => {
  const store = memoryStore()
  const silent = storeWith(store, {
    write: async (...given) => ({ ...(await store.write(...given)), crc64nvme: undefined }),
  })
  const { from, run } = await pair(memoryStore(), silent)
  await fill(from, 'a', 'b')
  const events = new Events()
  const { summary } = await run({ onEvent: events.sink })
  expect(summary).toMatchObject({ copied: 2, unverified: 2 })
  expect(events.all.filter(({ type }) => type === 'warn')).toHaveLength(1)
  const done = events.all.filter(({ type }) => type === 'done')
  expect(done).toMatchObject([{ unverified: true }, { unverified: true }])

  await fill(from, 'c')
  const verified = new Events()
  const second = await run({ verify: true, onEvent: verified.sink })
  expect(second.summary).toMatchObject({ copied: 1, unverified: 0 })
  expect(verified.all.filter(({ type }) => type === 'warn')).toEqual([])
  expect(Object.keys(await contents(store))).toEqual(['a', 'b', 'c'])
})

test('what a killed run left aside is removed by the next one, also of long names', async () => {
  const store = reserved(memoryStore(), defaultReserved)
  const long = 'x'.repeat(1020)
  const { from, run } = await pair(memoryStore(), store)
  const state = await temporaryState()
  const killed: State = {
    ...state,
    spool: () => state.spool(),
    lock: async (destination) => {
      const lock = await state.lock(destination)
      return { holderDied: true, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() }
    },
  }
  await fill(from, 'a', long)
  await run({ state })
  const digest = createHash('sha256').update(long).digest('hex')
  const others = `.hawser/new-long/${'0'.repeat(64)}`
  await fill(store, '.hawser/new/a', `.hawser/new-long/${digest}`, others)
  await run({ state: killed })
  expect(await keys(store, '.hawser/')).toEqual([others.slice('.hawser/'.length)])
  expect(await names(store)).toEqual(['a', long])
})
