import { expect, test } from 'vitest'
import { averageOf, chunkSizesFor, defaultAverage } from '../../src/delta/sizes.ts'
import { largestAverage, smallestAverage } from '../../src/kernels/averages.ts'
import { MiB } from '../conformance/tools.ts'

const TiB = MiB ** 2

test.each([
  ['an empty object', 0, MiB],
  ['as many chunks as there may be', 100_000 * MiB, MiB],
  ['one byte more', 100_000 * MiB + 1, 2 * MiB],
  ['5 TiB', 5 * TiB, 64 * MiB],
  ['more than any average is enough for', 190 * TiB, 64 * MiB],
])('the average for %s', (_, size, average) => {
  expect(chunkSizesFor(size)).toEqual({
    min: average / 4,
    average,
    max: average * 4,
  })
})

test('a wanted average is where the doubling begins', () => {
  expect(chunkSizesFor(0, { average: smallestAverage }).average).toBe(smallestAverage)
  expect(chunkSizesFor(100_000 * smallestAverage + 1, { average: smallestAverage }).average).toBe(
    2 * smallestAverage,
  )
  expect(chunkSizesFor(0, { average: largestAverage }).average).toBe(largestAverage)
})

test.each([
  [64 * 1024, 64 * 1024],
  [64 * 1024 - 1, undefined],
  [5120 * 1024, 4 * MiB],
  [64 * MiB, 64 * MiB],
  [64 * MiB + 1, undefined],
  [MiB, defaultAverage],
  [2 * MiB - 1, MiB],
  [Number.NaN, undefined],
])('a block size of %d', (blockSize, average) => {
  expect(averageOf(blockSize)).toBe(average)
})
