// What a run tells of objects that the service did not confirm.
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { storeWith } from '../transfer/tools.ts'
import { contents, Events, fill, pair } from './tools.ts'

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
