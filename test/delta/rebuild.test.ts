import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Chunks } from '../../src/delta/chunks.ts'
import { planRebuild } from '../../src/delta/rebuild.ts'
import { isCopied, lengthOf, type Run } from '../../src/delta/runs.ts'

const KiB = 1024
const sizes = { fetched: 1000 * KiB, copied: 4000 * KiB }

type Made = readonly [length: number, from?: number]

/** Chunks of these lengths in KiB; those that are copied are where the second number says, in KiB. */
function madeOf(...made: readonly Made[]): {
  readonly runs: Run[]
  readonly chunks: Chunks
} {
  const runs: Run[] = []
  let start = 0
  for (const [length, from] of made) {
    const end = start + length * KiB
    runs.push({ start, end, from: from === undefined ? undefined : from * KiB })
    start = end
  }
  const ends = Float64Array.from(runs, ({ end }) => end)
  return { runs, chunks: { count: ends.length, ends, digests: new Uint8Array(0) } }
}

function planned(...made: readonly Made[]): Made[] {
  const { runs, chunks } = madeOf(...made)
  return planRebuild(runs, chunks, sizes).map((piece) =>
    piece.from === undefined ? [lengthOf(piece) / KiB] : [lengthOf(piece) / KiB, piece.from / KiB],
  )
}

test('a little between two fetched ranges is fetched with them', () => {
  expect(planned([300], [128, 5], [300])).toEqual([[728]])
  expect(planned([300], [129, 5], [300])).toEqual([[300], [129, 5], [300]])
  expect(planned([300], [100, 5], [300], [100, 9], [20])).toEqual([[820]])
})

test('a little at an end, or beside what is copied from elsewhere, is copied', () => {
  expect(planned([100, 5], [300], [100, 9])).toEqual([[100, 5], [300], [100, 9]])
  expect(planned([300], [100, 5], [100, 300], [300])).toEqual([[300], [100, 5], [100, 300], [300]])
})

test('pieces are as many whole chunks as fit, or one that does not', () => {
  expect(planned([2500], [100, 7])).toEqual([[2500], [100, 7]])
  expect(planned([5000, 7])).toEqual([[5000, 7]])
  const { chunks } = madeOf([600], [300], [200], [1500], [100], [900])
  const end = 3600 * KiB
  const lengths = (runs: readonly Run[]): number[] =>
    planRebuild(runs, chunks, sizes).map((piece) => lengthOf(piece) / KiB)
  expect(lengths([{ start: 0, end, from: undefined }])).toEqual([900, 200, 1500, 1000])
  expect(lengths([{ start: 0, end, from: 0 }])).toEqual([3600])
})

test('nothing is planned for nothing', () => {
  expect(
    planRebuild([], { count: 0, ends: new Float64Array(0), digests: new Uint8Array(0) }, sizes),
  ).toEqual([])
})

test('pieces are end to end, begin where chunks do, and copy what was to be copied', () => {
  const lengths = fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 1500 }), from: fc.option(fc.nat(9999)) }),
  )
  fc.assert(
    fc.property(lengths, (made) => {
      const { runs, chunks } = madeOf(
        ...made.map(({ length, from }) =>
          from === null ? ([length] as const) : ([length, from] as const),
        ),
      )
      const pieces = planRebuild(runs, chunks, sizes)
      const starts = new Set([0, ...chunks.ends])
      let at = 0
      for (const piece of pieces) {
        expect(piece.start).toBe(at)
        expect(piece.end).toBeGreaterThan(at)
        expect(starts).toContain(piece.start)
        at = piece.end
      }
      expect(at).toBe(runs.at(-1)?.end ?? 0)
      for (const piece of pieces.filter(isCopied)) {
        const run = runs.find(({ start }) => start === piece.start)
        expect(run?.from).toBe(piece.from)
      }
    }),
  )
})
