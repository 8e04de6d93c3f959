import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scanner } from '../../src/delta/scanner.ts'
import { SegmentScanner, Segments, type Run, type Segment } from '../../src/delta/segments.ts'
import { hostile, pseudoRandom, repeated, written } from '../kernels/bytes.ts'

const average = 64 * 1024
const size = 3 * 1024 * 1024 + 11

const inputs: readonly [name: string, bytes: Uint8Array][] = [
  ['random', pseudoRandom(size)],
  ['zero', new Uint8Array(size)],
  ['zero behind a few others', Buffer.concat([pseudoRandom(100_001), new Uint8Array(size)])],
  ['periodic', repeated(pseudoRandom(100_003), size)],
  ['random and zero in turns', pseudoRandom(size).fill(0, 500_000, 1_700_000)],
  ['candidates', repeated(hostile(1), size)],
  [
    'candidates behind a few others',
    Buffer.concat([pseudoRandom(70_001), repeated(hostile(17), size)]),
  ],
  ['of two letters', written('01', size)],
]

interface Work {
  read: number
  runs: number
}

function runOf(segment: Segment, bytes: Uint8Array, piece: number, work: Work): Run {
  const scanner = new SegmentScanner(average, segment, bytes.length)
  for (;;) {
    const { start, end } = scanner.wanted
    if (start === end) return scanner.run()
    const next = bytes.subarray(start, Math.min(end, start + piece))
    work.read += next.length
    scanner.update(next)
  }
}

/** By as many at once, which are done in the order that `chosen` says. */
function inSegments(
  bytes: Uint8Array,
  length: number,
  { workers = 1, piece = 2 ** 20, chosen = [0] },
): { segments: Segments; work: Work } {
  const segments = new Segments(average, bytes.length, length)
  const work: Work = { read: 0, runs: 0 }
  const taken: Segment[] = []
  for (;;) {
    while (taken.length < workers) {
      const segment = segments.take()
      if (!segment) break
      taken.push(segment)
    }
    const [segment] = taken.splice((chosen[work.runs % chosen.length] ?? 0) % taken.length, 1)
    if (!segment) return { segments, work }
    work.runs++
    segments.add(runOf(segment, bytes, piece, work))
  }
}

test.each(inputs)('the scan in segments is that of the whole: %s', (_name, bytes) => {
  const expected = new Scanner(average).update(bytes).finish()
  fc.assert(
    fc.property(
      fc.integer({ min: 20_000, max: 700_000 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 10_000, max: 400_000 }),
      fc.array(fc.nat(10), { minLength: 1 }),
      (length, workers, piece, chosen) => {
        const { segments } = inSegments(bytes, length, { workers, piece, chosen })
        expect(segments.scan).toEqual(expected)
      },
    ),
    { numRuns: 20 },
  )
})

test('an object of no bytes has no segments', () => {
  const segments = new Segments(average, 0, 1000)
  expect(segments.take()).toBeUndefined()
  expect(segments.scan?.chunks.count).toBe(0)
})

test('in random bytes a segment is scanned on for some chunks only', () => {
  const bytes = pseudoRandom(16 * 2 ** 20)
  const { work } = inSegments(bytes, 2 ** 20, { piece: 4096 })
  expect(work.runs).toBe(16)
  expect(work.read - bytes.length).toBeLessThan(15 * 6 * average)
})

test.each(inputs)('the work is bounded: %s', (_name, bytes) => {
  const length = 16 * average
  const { work } = inSegments(bytes, length, { workers: 3 })
  expect(work.read).toBeLessThanOrEqual(4 * bytes.length)
})
