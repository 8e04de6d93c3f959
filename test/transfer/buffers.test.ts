import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import { BufferPool, type TransferBuffer } from '../../src/transfer/buffers.ts'
import { failure } from '../conformance/tools.ts'
import { KiB, settled } from './tools.ts'

const unit = 64 * KiB

test('a buffer is as long as was asked for, and tells the CRC of what is in it', async () => {
  const pool = new BufferPool(4 * unit, unit)
  using buffer = await pool.acquire(9)
  buffer.bytes.set(Buffer.from('123456789'))
  expect(buffer.bytes.length).toBe(9)
  expect(buffer.crc64nvme(9)).toBe(0xae8b14860a799888n)
  expect(buffer.crc64nvme(4)).toBe(crc64nvme(Buffer.from('1234')))
  using empty = await pool.acquire(0)
  expect(empty.bytes.length).toBe(0)
})

test('a buffer that was given back is used again for its class', async () => {
  const pool = new BufferPool(4 * unit, 2 * unit)
  const first = await pool.acquire(unit)
  const memory = first.bytes.buffer
  first[Symbol.dispose]()
  // Twice is once.
  first[Symbol.dispose]()
  using again = await pool.acquire(10)
  expect(again.bytes.buffer).toBe(memory)
  using other = await pool.acquire(10)
  expect(other.bytes.buffer).not.toBe(memory)
  using bigger = await pool.acquire(unit + 1)
  expect(bigger.bytes.buffer).not.toBe(memory)
})

test('idle buffers of other classes make room', async () => {
  const pool = new BufferPool(8 * unit, 2 * unit)
  const acquire = async (count: number, size: number): Promise<Set<unknown>> => {
    const held = await Promise.all(Array.from({ length: count }, () => pool.acquire(size)))
    for (const buffer of held) buffer[Symbol.dispose]()
    return new Set(held.map(({ bytes }) => bytes.buffer))
  }
  const small = await acquire(8, unit)
  expect(await acquire(8, unit)).toEqual(small)
  await acquire(4, 2 * unit)
  // What is idle beyond the budget is one of the largest buffers at most.
  const left = [...(await acquire(8, unit))].filter((memory) => small.has(memory))
  expect(left.length).toBeLessThanOrEqual(2)
})

test('what does not fit into the budget waits', async () => {
  const pool = new BufferPool(4 * unit, 4 * unit)
  const held = await pool.acquire(unit)
  let arrived = false
  const waiting = pool.acquire(4 * unit).then((buffer) => {
    arrived = true
    return buffer
  })
  await settled()
  expect(arrived).toBe(false)
  held[Symbol.dispose]()
  using buffer = await waiting
  expect(buffer.bytes.length).toBe(4 * unit)
})

test('an abort while waiting takes no room', async () => {
  const pool = new BufferPool(2 * unit, 2 * unit)
  const controller = new AbortController()
  const held = await pool.acquire(unit)
  const waiting = failure(pool.acquire(2 * unit, controller.signal), 'interrupted')
  controller.abort()
  await waiting
  held[Symbol.dispose]()
  using whole = await pool.acquire(2 * unit)
  expect(whole.bytes.length).toBe(2 * unit)
})

test('more than the largest buffer is refused, because it would wait for ever', async () => {
  const pool = new BufferPool(100 * unit, 2 * unit)
  await expect(pool.acquire(2 * unit + 1)).rejects.toThrow(RangeError)
  using largest = await pool.acquire(pool.largest)
  expect(largest.bytes.length).toBe(2 * unit)
})

test('a budget below the largest buffer is raised to it', async () => {
  using buffer = await new BufferPool(1, 3 * unit).acquire(3 * unit)
  expect(buffer.bytes.length).toBe(3 * unit)
})

/** Lets grants arrive. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 4; turns++) await Promise.resolve()
}

test('whatever is acquired and released, the budget holds and nobody waits for ever', async () => {
  const step = fc.oneof(
    fc.record({ acquire: fc.integer({ min: 0, max: 4 * unit }) }),
    fc.record({ release: fc.nat() }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const budget = 6 * unit
      const pool = new BufferPool(budget, 4 * unit)
      const held: TransferBuffer[] = []
      const capacity = (): number =>
        held.reduce((sum, { bytes }) => sum + bytes.buffer.byteLength, 0)
      const waiting: Promise<unknown>[] = []
      // Beside its data, a buffer's memory holds the kernel's tables.
      const overhead = (): number => held.length * 2 * unit
      for (const one of steps) {
        if ('acquire' in one)
          waiting.push(pool.acquire(one.acquire).then((buffer) => held.push(buffer)))
        else held.splice(one.release % (held.length || 1), 1)[0]?.[Symbol.dispose]()
        await settle()
        expect(capacity() - overhead()).toBeLessThanOrEqual(budget)
        expect(new Set(held.map(({ bytes }) => bytes.buffer)).size).toBe(held.length)
      }
      const arrived: unknown[] = []
      const all = Promise.all(waiting.map((one) => one.then((count) => arrived.push(count))))
      for (let rounds = 0; arrived.length < waiting.length && rounds < 100; rounds++) {
        held.shift()?.[Symbol.dispose]()
        await settle()
      }
      await all
    }),
    { numRuns: 40 },
  )
})
