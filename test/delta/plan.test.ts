import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PartLimits } from '../../src/core/store.ts'
import { matchChunks } from '../../src/delta/match.ts'
import { isWorthwhile, planStitch, type StitchPlan } from '../../src/delta/plan.ts'
import type { Run } from '../../src/delta/runs.ts'
import { failure, MiB } from '../conformance/tools.ts'
import { leastEqualUploads, leastUploads } from './least.ts'
import {
  checkPlan,
  chunksOf,
  limitsOf,
  namedChunks,
  runsOf,
  s3,
  someCases,
  partSizes,
} from './tools.ts'

const GiB = 1024 * MiB
const TiB = 1024 * GiB

const someSizes = fc.record({
  upload: fc.integer({ min: 1, max: 20 }),
  copy: fc.integer({ min: 1, max: 40 }),
})

function equal(limits: PartLimits): PartLimits {
  return { ...limits, equalParts: true }
}

function bytesUpTo(maxLength: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: 255 }), { maxLength })
}

/** A short form: `c` and `u` with the bytes of each part. */
function shape({ parts }: StitchPlan): string {
  return parts.map(({ size, from }) => `${from === undefined ? 'u' : 'c'}${size}`).join(' ')
}

describe('least uploads', () => {
  const limits = limitsOf(5, 1000, 100)
  test.each<[string, Run[], string]>([
    ['nothing', runsOf(), ''],
    ['all copied', runsOf(30), 'c30'],
    ['all fresh', runsOf({ fresh: 30 }), 'u30'],
    ['a short object', runsOf(3), 'c3'],
    ['a short end', runsOf(20, { fresh: 1 }), 'c20 u1'],
    ['a short copy at the end', runsOf({ fresh: 9 }, 1), 'u9 c1'],
    ['the start filled up', runsOf({ fresh: 1 }, 20), 'u5 c16'],
    ['a gap filled from the earlier copy', runsOf(20, { fresh: 1 }, 20), 'c16 u5 c20'],
    ['a gap filled from both', runsOf(7, { fresh: 1 }, 20), 'c5 u5 c18'],
    ['a gap filled from the later copy', runsOf(5, { fresh: 1 }, 20), 'c5 u5 c16'],
    [
      'a copy that is too short to be one',
      runsOf(20, { fresh: 5 }, 4, { fresh: 5 }, 20),
      'c20 u14 c20',
    ],
    [
      'a copy that its neighbours cannot spare',
      runsOf(5, { fresh: 3 }, 6, { fresh: 3 }, 5),
      'c5 u12 c5',
    ],
    ['copies next to each other', runsOf(20, 5, 20), 'c20 c5 c20'],
    ['a short copy between others', runsOf(20, 4, 20), 'c19 u5 c20'],
  ])('%s', (_, runs, expected) => {
    const plan = planStitch(runs, limits, partSizes)
    checkPlan(plan, runs, limits)
    expect(shape(plan)).toBe(expected)
  })

  test('no way to cut the object into parts uploads less', () => {
    fc.assert(
      fc.property(someCases, fc.nat({ max: 20 }), someSizes, ({ runs, minPart }, more, sizes) => {
        const some = limitsOf(minPart, 2 * minPart + more, 60)
        const plan = planStitch(runs, some, sizes)
        checkPlan(plan, runs, some)
        expect(plan.uploaded.bytes).toBe(leastUploads(runs, some).at(-1))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('too many parts', () => {
  test('no more uploads than at best with one part fewer', () => {
    fc.assert(
      fc.property(someCases, fc.integer({ min: 1, max: 12 }), ({ runs, minPart }, maxParts) => {
        const some = limitsOf(minPart, 1000, maxParts)
        const plan = planStitch(runs, some, partSizes)
        checkPlan(plan, runs, some)
        const least = leastUploads(runs, some)
        expect(plan.uploaded.bytes).toBeLessThanOrEqual(least[Math.max(1, maxParts - 1)] ?? 0)
      }),
      { numRuns: 2000 },
    )
  })

  test('parts no longer than the store takes', () => {
    const counts = fc.record({ longer: fc.nat({ max: 20 }), more: fc.nat({ max: 5 }) })
    fc.assert(
      fc.property(someCases, counts, someSizes, ({ runs, minPart }, { longer, more }, sizes) => {
        const maxPart = 2 * minPart + longer
        const needed = Math.ceil((runs.at(-1)?.end ?? 0) / maxPart)
        const some = limitsOf(minPart, maxPart, needed + more)
        checkPlan(planStitch(runs, some, sizes), runs, some)
      }),
      { numRuns: 1000 },
    )
  })

  test('the largest of many copies are kept', () => {
    const lengths = Array.from({ length: 200 }, (_, i) => [{ fresh: 10 }, 10 + ((i * 37) % 200)])
    const runs = runsOf(...lengths.flat())
    const plan = planStitch(runs, limitsOf(5, 1e6, 100), partSizes)
    checkPlan(plan, runs, limitsOf(5, 1e6, 100))
    const kept = plan.parts.filter(({ from }) => from !== undefined).map(({ size }) => size)
    expect(kept).toHaveLength(50)
    expect(Math.min(...kept)).toBe(160)
  })
})

describe('equal parts', () => {
  test.each<[string, Run[], string]>([
    ['nothing', runsOf(), ''],
    ['all copied', runsOf(12), 'c5 c5 c2'],
    ['a byte in front', runsOf({ fresh: 1 }, 20), 'u5 c5 c5 c5 c1'],
    ['a size at which the edit is in one part', runsOf(14, { fresh: 2 }, 14), 'c6 c6 u6 c6 c6'],
  ])('%s', (_, runs, expected) => {
    expect(shape(planStitch(runs, equal(limitsOf(5, 100, 100)), partSizes))).toBe(expected)
  })

  test('no other size up to twice the least uploads less', () => {
    fc.assert(
      fc.property(someCases, fc.integer({ min: 8, max: 100 }), ({ runs, minPart }, maxParts) => {
        const some = equal(limitsOf(minPart, 1000, maxParts))
        const plan = planStitch(runs, some, partSizes)
        checkPlan(plan, runs, some)
        const sizes = new Set(plan.parts.slice(0, -1).map(({ size }) => size))
        expect(sizes.size).toBeLessThanOrEqual(1)
        const least = Math.max(minPart, Math.ceil((runs.at(-1)?.end ?? 0) / maxParts))
        expect(plan.uploaded.bytes).toBe(
          leastEqualUploads(runs, { ...some, maxPart: 2 * least - 1 }),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('5 TiB with edits', () => {
    const runs = runsOf(TiB + 1, { fresh: 1 }, 2 * TiB, { fresh: 7 }, 2 * TiB - 9)
    const plan = planStitch(runs, equal(s3), partSizes)
    checkPlan(plan, runs, s3)
    expect(plan.uploaded.parts).toBe(2)
  })
})

describe('large objects', () => {
  test.each<[string, Run[], number]>([
    ['a byte in front', runsOf({ fresh: 1 }, 10 * GiB), 5 * MiB],
    ['a byte in the middle', runsOf(5 * GiB, { fresh: 1 }, 5 * GiB), 5 * MiB],
    ['an append', runsOf(10 * GiB, { fresh: 100 }), 100],
    ['a megabyte deleted', runsOf(5 * GiB, 5 * GiB - MiB), 0],
    ['5 TiB, all fresh', runsOf({ fresh: 5 * TiB }), 5 * TiB],
    ['5 TiB, all copied', runsOf(5 * TiB), 0],
    ['5 TiB, half fresh', runsOf(2 * TiB, { fresh: 3 * TiB }), 3 * TiB],
    [
      '5 TiB with a change in each 10 GiB',
      runsOf(...Array.from({ length: 512 }, () => [10 * GiB - 1, { fresh: 1 }]).flat()),
      511 * 5 * MiB + 1,
    ],
  ])('%s', (_, runs, uploaded) => {
    const plan = planStitch(runs, s3, partSizes)
    checkPlan(plan, runs, s3)
    expect(plan.uploaded.bytes).toBe(uploaded)
  })

  test('parts are of the sizes that uploads want, where there may be so many', () => {
    const { parts } = planStitch(runsOf(10 * GiB, { fresh: 10 * GiB }), s3, partSizes)
    const [copy, upload] = [parts.at(0)?.size, parts.at(-1)?.size]
    expect([copy, upload]).toEqual([partSizes.copy, partSizes.upload])
  })

  test('parts grow no more than they must', () => {
    const runs = runsOf({ fresh: 5 * TiB })
    expect(planStitch(runs, s3, partSizes).parts.length).toBeGreaterThan(7_500)
  })

  test('40,000 copies, each apart from the others, are too many', () => {
    const runs = runsOf(
      ...Array.from({ length: 40_000 }, () => [64 * MiB, { fresh: 64 * MiB }]).flat(),
    )
    const plan = planStitch(runs, s3, partSizes)
    checkPlan(plan, runs, s3)
    expect(plan.copied.parts).toBeGreaterThanOrEqual(4_500)
    expect(plan.copied.bytes).toBe(plan.copied.parts * 64 * MiB)
  })

  test('copies that all miss some bytes take no time', () => {
    const runs = runsOf(
      ...Array.from({ length: 50_000 }, () => [6 * MiB, { fresh: 4 * MiB - 1 }]).flat(),
    )
    const limits = { ...s3, maxParts: 200_000 }
    const begun = process.cpuUsage()
    const plan = planStitch(runs, limits, partSizes)
    const { user } = process.cpuUsage(begun)
    checkPlan(plan, runs, limits)
    expect(user / 1000).toBeLessThan(2000)
  })

  test('an object that the store does not take is refused', async () => {
    await failure((async () => planStitch(runsOf(5 * TiB + 1), s3, partSizes))(), 'unsupported')
    await failure(
      (async () => planStitch(runsOf(100), limitsOf(1, 9, 11), partSizes))(),
      'unsupported',
    )
  })
})

describe('from edits to the same bytes', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat({ max: 30 }),
    inserted: bytesUpTo(10),
  })

  test('what the plan copies and uploads is the new object', () => {
    fc.assert(
      fc.property(
        fc.oneof(bytesUpTo(600), fc.constant(Array.from({ length: 300 }, () => 0))),
        fc.array(edit, { maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (base, edits, turned, minPart, equalParts) => {
          const next = base.slice()
          if (turned) next.unshift(...next.splice(next.length / 2))
          for (const { at, removed, inserted } of edits)
            next.splice(Math.floor(at * next.length), removed, ...inserted)
          const [old, wanted] = [Uint8Array.from(base), Uint8Array.from(next)]
          const limits = { ...limitsOf(minPart, 1000, 1000), equalParts }
          const runs = matchChunks(chunksOf(wanted, 24), chunksOf(old, 24))
          const plan = planStitch(runs, limits, partSizes)
          checkPlan(plan, runs, limits)
          const parts = plan.parts.map(({ offset, size, from }) =>
            from === undefined
              ? wanted.subarray(offset, offset + size)
              : old.subarray(from, from + size),
          )
          expect(Buffer.concat(parts)).toEqual(Buffer.from(wanted))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('100,000 chunks, with a tenth of them changed', () => {
    const names = Array.from({ length: 100_000 }, (_, i) => i)
    const changed = names.map((i) => (i % 10 === 9 ? -i : i))
    const limits = { ...s3, maxParts: 100_000 }
    const plan = planStitch(
      matchChunks(namedChunks(changed), namedChunks(names)),
      limits,
      partSizes,
    )
    expect(plan.copied.parts).toBe(10_000)
    expect(plan.uploaded.bytes).toBe((9_999 * 5 + 1) * MiB)
  })
})

test.each<[string, Run[], boolean]>([
  ['nothing', runsOf(), false],
  ['all fresh', runsOf({ fresh: 100 * MiB }), false],
  ['all copied', runsOf(100 * MiB), true],
  ['a small share copied', runsOf(49 * MiB, { fresh: 951 * MiB }), false],
  ['enough copied', runsOf(50 * MiB, { fresh: 950 * MiB }), true],
  ['less than a part copied', runsOf(5 * MiB - 1), false],
])('whether it is worth it: %s', (_, runs, expected) => {
  expect(isWorthwhile(planStitch(runs, s3, partSizes), s3)).toBe(expected)
})
