import * as fc from 'fast-check'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { compareKeys } from '../../src/core/key.ts'
import { collect, temporaryDirectory, temporaryState } from './fixtures.ts'

test('items come back by the bytes of their order, either way, each kind apart', async () => {
  const state = await temporaryState()
  const unit = fc.constantFrom('\0', 'a', '/', '\u{FFFF}', '😀')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit, maxLength: 3 })), async (orders) => {
      const spool = await state.spool()
      const items = orders.map((order, i) => ({ order, payload: `${i}\0` }))
      for (const { order, payload } of items) {
        await spool.push('one', order, payload)
        await spool.push('two', order, 'other')
      }
      // The sort is stable, as the spool is.
      const sorted = items.toSorted((a, b) => compareKeys(a.order, b.order))
      expect(await collect(spool.read('one', 'ascending'))).toEqual(sorted)
      expect(await collect(spool.read('one', 'descending'))).toEqual(sorted.toReversed())
      expect(await spool.count('two')).toBe(orders.length)
      expect(await spool.count('three')).toBe(0)
      for (const prefix of [...orders.map(([first = '']) => first), 'a', ''])
        expect(await spool.holds('one', prefix)).toBe(
          orders.some((order) => order.startsWith(prefix)),
        )
      expect(await spool.holds('three', '')).toBe(false)
      await spool[Symbol.asyncDispose]()
    }),
    { numRuns: 30 },
  )
})

test('more than a page comes back whole', async () => {
  const state = await temporaryState()
  const spool = await state.spool()
  for (let i = 0; i < 2_500; i++) await spool.push('k', String(i % 3), String(i))
  const payloads = (await collect(spool.read('k', 'ascending'))).map(({ payload }) => +payload)
  const numbers = Array.from({ length: 2_500 }, (_, i) => i)
  expect(payloads).toEqual(numbers.toSorted((a, b) => (a % 3) - (b % 3)))
})

test('it is empty at first, leaves nothing in the directory, and is gone when disposed', async () => {
  const directory = await temporaryDirectory()
  const state = await temporaryState(directory)
  const spool = await state.spool()
  const other = await state.spool()
  await spool.push('k', 'a', 'x')
  expect(await collect(other.read('k', 'ascending'))).toEqual([])
  await spool.push('k', 'b', 'not written yet')
  await spool[Symbol.asyncDispose]()
  await expect(collect(spool.read('k', 'ascending'))).rejects.toMatchObject({ code: 'internal' })
  expect(await readdir(directory)).toEqual([])
})

test('an item is found by its order, and taken once', async () => {
  const spool = await (await temporaryState()).spool()
  await spool.push('k', 'a\0', 'first\0')
  await spool.push('k', 'a\0', 'second')
  await spool.push('other', 'a\0', 'apart')
  expect(await spool.get('k', 'a')).toBeUndefined()
  expect(await spool.get('k', 'a\0')).toBe('first\0')
  const taken = await Promise.all([1, 2, 3].map(() => spool.take('k', 'a\0')))
  expect(taken).toEqual(['first\0', 'second', undefined])
  expect(await spool.count('k')).toBe(0)
  expect(await spool.get('other', 'a\0')).toBe('apart')
})
