// Two runs on one destination at once.
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { sync } from '../../src/sync/sync.ts'
import { failure } from '../conformance/tools.ts'
import { storeWith, temporaryState } from '../transfer/tools.ts'
import { contents, fill, place } from './tools.ts'

test('of one state, the second is refused while the first one writes, and by name', async () => {
  const [from, to, state] = [memoryStore(), memoryStore(), await temporaryState()]
  await fill(from, 'a', 'b')
  const writing = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const waiting = storeWith(to, {
    write: async (...given) => {
      writing.resolve()
      await goOn.promise
      return to.write(...given)
    },
  })
  const first = sync(place(from), place(waiting, 'x'), { state })
  await writing.promise
  const refused = await failure(sync(place(from), place(to, 'x'), { state }), 'conflict')
  expect(refused.message).toMatch(/another run/)
  expect((await sync(place(from), place(to, 'y'), { state })).summary.copied).toBe(2)
  goOn.resolve()
  expect((await first).summary).toMatchObject({ copied: 2, failed: 0 })
  expect((await sync(place(from), place(to, 'x'), { state })).summary.unchanged).toBe(2)
})

test('of two machines, both end with the whole tree', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`)
  await fill(from, ...names)
  await fill(to, 'old')
  const states = [await temporaryState(), await temporaryState()]
  const runs = states.map((state) => sync(place(from), place(to), { state, delete: true }))
  for (const { summary } of await Promise.all(runs)) expect(summary.failed).toBe(0)
  expect(await contents(to)).toEqual(await contents(from))
})
