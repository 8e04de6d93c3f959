import { expect, test } from 'vitest'
import { inOrder } from '../../src/sync/in-order.ts'
import { Given, settled } from '../transfer/tools.ts'

test('results come in the order of the items, with so much at once and no more', async () => {
  let running = 0
  let most = 0
  const items = new Given(Array.from({ length: 100 }, (_, i) => i))
  const results: number[] = []
  for await (const result of inOrder(items, { limit: 7, ahead: 20 }, async (item) => {
    most = Math.max(most, ++running)
    for (let turns = (item * 7) % 11; turns > 0; turns--) await settled()
    running--
    return item
  }))
    results.push(result)
  expect(results).toEqual(Array.from({ length: 100 }, (_, i) => i))
  expect(most).toBe(7)
})

test('an item that takes long holds back no more than so many results', async () => {
  const items = new Given(Array.from({ length: 100 }, (_, i) => i))
  const first = Promise.withResolvers<void>()
  const results = inOrder(items, { limit: 2, ahead: 10 }, async (item) => {
    if (item === 0) await first.promise
  })
  const next = results.next()
  await settled()
  await settled()
  expect(items.given).toBeGreaterThan(8)
  expect(items.given).toBeLessThan(14)
  first.resolve()
  await next
  await results.return(undefined)
  expect(items.closed).toBe(true)
})

test('a failure of the work, or of the items, comes in its turn', async () => {
  const seen: number[] = []
  const run = async (items: AsyncIterable<number>): Promise<void> => {
    for await (const item of inOrder(items, { limit: 3, ahead: 9 }, async (each) => {
      if (each === 2) throw new Error('two')
      return each
    }))
      seen.push(item)
  }
  await expect(run(new Given([0, 1, 2, 3, 4]))).rejects.toThrow('two')
  expect(seen.splice(0)).toEqual([0, 1])
  await expect(run(broken())).rejects.toThrow('items')
  expect(seen).toEqual([1])
})

async function* broken(): AsyncGenerator<number> {
  yield 1
  throw new Error('items')
}
