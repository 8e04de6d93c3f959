import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kernelBuffer } from '../../src/kernels/crc64nvme.ts'
import { Cutter } from '../../src/kernels/cuts.ts'
import { cutsByDefinition } from './cuts-by-definition.ts'
import { hostile, pseudoRandom, repeated, written } from './bytes.ts'

const KIB = 1 << 10
const MIB = 1 << 20
const input = pseudoRandom(8 * MIB + 5)
const buffer = kernelBuffer(input.length)

function cutsOf(bytes: Uint8Array, average: number): number[] {
  return new Cutter(average).update(bytes)
}

function cutsInPieces(bytes: Uint8Array, average: number, sizes: readonly number[]): number[] {
  const cutter = new Cutter(average)
  const cuts: number[] = []
  let turn = 0
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + (sizes[turn++ % sizes.length] ?? 1))
    for (const cut of cutter.update(piece)) cuts.push(at + cut)
    at += piece.length
  }
  return cuts
}

const inputs: readonly [name: string, bytes: Uint8Array<ArrayBuffer>][] = [
  ['random', input.slice(0, 2 * MIB + 77)],
  ['zero', new Uint8Array(MIB)],
  ['all alike, candidates', repeated(hostile(1), MIB)],
  ['periodic, a candidate in 17', repeated(hostile(17), MIB)],
  ['periodic, a candidate in 20', repeated(hostile(20), MIB)],
  [
    'random behind candidates',
    Buffer.concat([repeated(hostile(17), 100_000), input.slice(0, MIB)]),
  ],
  ['of two letters', written('01', MIB)],
  ['of four letters', written('ACGT', MIB)],
]

describe.each(inputs)('bytes that are %s', (_name, bytes) => {
  const expected = cutsByDefinition(bytes, 64 * KIB)

  test('are cut by the definition', () => {
    expect(cutsOf(bytes, 64 * KIB)).toEqual(expected)
  })

  test('are cut alike in place, and stay as they are', () => {
    const place = buffer.bytes.subarray(3, 3 + bytes.length)
    place.set(bytes)
    expect(cutsOf(place, 64 * KIB)).toEqual(expected)
    expect(Buffer.compare(place, bytes)).toBe(0)
  })

  test.each([1, 63, 64, 65, 255, 4096, 65_537, 300_000])(
    'are cut alike in pieces of %i',
    (size) => {
      expect(cutsInPieces(bytes, 64 * KIB, [size])).toEqual(expected)
    },
  )
})

test('cuts do not depend on the pieces, in place or not', () => {
  buffer.bytes.set(input)
  const expected = cutsOf(input, 64 * KIB)
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: MIB })),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  fc.assert(
    fc.property(sizes, fc.boolean(), (pieces, inPlace) => {
      const cuts = cutsInPieces(inPlace ? buffer.bytes : input, 64 * KIB, [...pieces, 70_001])
      expect(cuts).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

test('a buffer is read in place up to its last byte', () => {
  for (const size of [512 * KIB - 19 * 4096, 512 * KIB - 19 * 4096 - 1]) {
    const { bytes } = kernelBuffer(size) // of the first, no byte of its memory is behind it but what the kernel asks for
    bytes.set(input.subarray(0, size))
    expect(cutsOf(bytes, 64 * KIB)).toEqual(cutsOf(input.subarray(0, size), 64 * KIB))
  }
})

test.each([0, 1, 32 * KIB, 65_535, 96 * KIB, 128 * MIB, Number.NaN])(
  'refuses an average of %d',
  (average) => {
    expect(() => new Cutter(average)).toThrow(RangeError)
  },
)

describe.each([
  ['random', pseudoRandom(64 * MIB, 7)],
  ['of two letters', written('01', 32 * MIB)],
  ['of two other letters', written('x.', 32 * MIB)],
  ['of four letters', written('ACGT', 32 * MIB)],
  ['digits', written('0123456789', 32 * MIB)],
])('chunks of bytes that are %s', (_name, bytes) => {
  const cuts = cutsOf(bytes, 64 * KIB)
  const sizes = cuts.map((cut, index) => cut - (cuts[index - 1] ?? 0))

  test('are of 1.14 averages in the mean', () => {
    // 0.25 + 4 (1 - e^(-3/16)) + e^(-3/16) / 4; the standard deviation of a size is about half an average.
    const mean = bytes.length / sizes.length / (64 * KIB)
    expect(Math.abs(mean - 1.141)).toBeLessThan((4 * 0.5) / Math.sqrt(sizes.length))
  })

  test('are below the average as often as the odds are', () => {
    const share = sizes.filter((size) => size < 64 * KIB).length / sizes.length
    expect(share).toBeGreaterThan(0.171 - 0.06) // 1 - e^(-3/16)
    expect(share).toBeLessThan(0.171 + 0.06)
  })

  test('reach the maximum hardly ever', () => {
    expect(sizes.filter((size) => size === 256 * KIB).length).toBeLessThanOrEqual(1) // e^-12 of them
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(16 * KIB)
  })
})

test('cuts are found again behind inserted and removed bytes', () => {
  const cuts = new Set(cutsOf(input, 64 * KIB))
  const edit = fc.record({
    at: fc.nat(4 * MIB),
    removed: fc.nat(300),
    inserted: fc.nat(300),
  })
  const distances: number[] = []
  fc.assert(
    fc.property(edit, ({ at, removed, inserted }) => {
      const edited = Buffer.concat([
        input.subarray(0, at),
        pseudoRandom(inserted, 99),
        input.subarray(at + removed),
      ])
      const moved = inserted - removed
      const after = cutsOf(edited, 64 * KIB).filter((cut) => cut > at + inserted)
      const met = after.findIndex((cut) => cuts.has(cut - moved))
      expect(met).toBeGreaterThanOrEqual(0)
      expect(after.slice(met).every((cut) => cuts.has(cut - moved))).toBe(true)
      distances.push((after[met] ?? 0) - at)
    }),
    { numRuns: 100, seed: 1 },
  )
  distances.sort((a, b) => a - b)
  expect(distances[50]).toBeLessThan(2 * 64 * KIB)
  expect(distances.at(-1)).toBeLessThan(12 * 64 * KIB)
})
