import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyKey } from '../../src/core/key.ts'
import type { PartLimits } from '../../src/core/store.ts'
import {
  checkPartSize,
  defaultPartSize,
  partCount,
  partSizeFor,
  partsOf,
} from '../../src/transfer/parts.ts'
import { failure, MiB } from '../conformance/tools.ts'

const s3: PartLimits = {
  minPart: 5 * MiB,
  maxPart: 5 * 1024 * MiB,
  maxParts: 10_000,
  maxObject: 5 * 1024 * 1024 * MiB,
  maxWrite: 5 * 1024 * MiB,
}

test('5 TiB go in no more than 10,000 parts, each within the limits', () => {
  const partSize = partSizeFor(s3.maxObject, s3)
  expect(partSize).toBe(525 * MiB)
  let covered = 0
  let parts = 0
  for (const { number, offset, size } of partsOf(s3.maxObject, partSize)) {
    expect(number).toBe(++parts)
    expect(offset).toBe(covered)
    expect(size).toBeLessThanOrEqual(s3.maxPart)
    covered += size
  }
  expect(covered).toBe(s3.maxObject)
  expect(parts).toBeLessThanOrEqual(10_000)
  expect(parts).toBe(partCount(s3.maxObject, partSize))
})

test.each([
  ['an empty object', 0, undefined, 8 * MiB],
  ['one byte', 1, undefined, 8 * MiB],
  ['as many parts of the usual size as there may be', 80_000 * MiB, undefined, 8 * MiB],
  ['one byte more than that', 80_000 * MiB + 1, undefined, 9 * MiB],
  ['the wanted size', 100 * MiB, 64 * MiB, 64 * MiB],
  ['a wanted size that is too small for the store', 100 * MiB, MiB, 5 * MiB],
  ['a wanted size that is too small for the object', 100_000 * MiB, 5 * MiB, 10 * MiB],
  ['a wanted size that is too big for the store', 10_000 * MiB, 6_000 * MiB, 5 * 1024 * MiB],
])('the part size of %s', (_, size, wanted, expected) => {
  expect(partSizeFor(size, s3, wanted)).toBe(expected)
})

test('an object that is too big for the store is refused', async () => {
  const error = await failure((async () => partSizeFor(s3.maxObject + 1, s3))(), 'unsupported')
  expect(error.message).toContain(String(s3.maxObject + 1))
})

test('a part size that the store does not take is refused', async () => {
  const where = {
    location: { scheme: 'memory', endpoint: undefined, root: 'x' },
    key: emptyKey,
  }
  expect(() => checkPartSize(s3.minPart, s3, where)).not.toThrow()
  expect(() => checkPartSize(s3.maxPart, s3, where)).not.toThrow()
  for (const wrong of [s3.minPart - 1, s3.maxPart + 1])
    await failure((async () => checkPartSize(wrong, s3, where))(), 'invalid-argument')
})

test('an empty object is one empty part', () => {
  expect([...partsOf(0, defaultPartSize)]).toEqual([{ number: 1, offset: 0, size: 0 }])
})

test.each([
  [10, 10, [10]],
  [11, 10, [10, 1]],
  [20, 10, [10, 10]],
  [9, 10, [9]],
])('%i bytes in parts of %i', (size, partSize, expected) => {
  expect([...partsOf(size, partSize)].map((part) => part.size)).toEqual(expected)
})

test('parts cover the object exactly, within the limits', () => {
  const limits = fc.record({
    minPart: fc.integer({ min: 1, max: 1000 }),
    maxParts: fc.integer({ min: 1, max: 50 }),
  })
  fc.assert(
    fc.property(limits, fc.nat(), fc.integer({ min: 1, max: 5000 }), (some, seed, wanted) => {
      const maxPart = 4 * MiB
      const maxObject = some.maxParts * maxPart
      const size = seed % (maxObject + 1)
      const partSize = partSizeFor(size, { ...some, maxPart, maxObject, maxWrite: maxPart }, wanted)
      const parts = partsOf(size, partSize)
      let end = 0
      let count = 0
      let last = partSize
      for (const part of parts) {
        if (part.offset !== end || last !== partSize || part.number !== ++count) return false
        last = part.size
        end += part.size
        if (count > some.maxParts || part.size > maxPart) return false
      }
      return end === size && partSize >= some.minPart && count === partCount(size, partSize)
    }),
  )
})
