// What holds for every 32-bit CRC here.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

export interface Crc32Kind {
  /** Bit-reflected. */
  readonly polynomial: number
  /** The CRC of "123456789". */
  readonly check: number
  /** Of the first bytes of the input below: sizes, and golden values. */
  readonly goldens: readonly (readonly [size: number, crc: number])[]
  readonly create: () => { update(bytes: Uint8Array): { digest(): number }; digest(): number }
  readonly combine: (first: number, second: number, secondLength: number) => number
}

/** The CRC by its definition, a bit at a time. */
function bitwise(bytes: Uint8Array, polynomial: number): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
  }
  return ~crc >>> 0
}

/** Reproducible, and no pattern: a linear congruential generator's high bytes. */
export function someBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let state = 42
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

const input = someBytes((1 << 19) + 3)

export function describeCrc32({ polynomial, check, goldens, create, combine }: Crc32Kind): void {
  const crcOf = (bytes: Uint8Array): number => create().update(bytes).digest()

  test('has the check value of the CRC catalogue', () => {
    const digits = new TextEncoder().encode('123456789')
    expect(crcOf(digits)).toBe(check)
    expect(bitwise(digits, polynomial)).toBe(check)
    expect(create().digest()).toBe(0)
  })

  describe.each(goldens)('%i bytes', (size, golden) => {
    const bytes = input.subarray(0, size)

    test('have their golden CRC, whole and by the definition', () => {
      expect(crcOf(bytes)).toBe(golden)
      expect(bitwise(bytes, polynomial)).toBe(golden)
    })

    test.each([1, 37, 255, 8193, 262_145])('have it in pieces of %i', (piece) => {
      const crc = create()
      for (let at = 0; at < size; at += piece) crc.update(bytes.subarray(at, at + piece))
      expect(crc.digest()).toBe(golden)
    })
  })

  test('is exact around the lengths at which ways of computing change', () => {
    for (const size of [5328, 8192, 13_520, 21_712, 24_576, 65_536]) {
      for (let end = size - 33; end <= size + 33; end++) {
        expect(crcOf(input.subarray(1, end))).toBe(bitwise(input.subarray(1, end), polynomial))
      }
    }
  })

  test('does not care how the bytes are cut, and goes on after a digest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40_000), { maxLength: 12 }), (sizes) => {
        const crc = create()
        const other = create()
        let at = 0
        for (const size of sizes) {
          crc.update(input.subarray(at, (at += size))).digest()
          other.update(input.subarray(0, 7))
        }
        expect(crc.digest()).toBe(crcOf(input.subarray(0, at)))
      }),
    )
  })

  describe('combined', () => {
    const value = fc.nat(2 ** 32 - 1)
    const length = fc.nat(5 * 2 ** 40)

    test('is the CRC of the whole', () => {
      fc.assert(
        fc.property(fc.nat(input.length), fc.nat(input.length), (size, at) => {
          const split = Math.min(at, size)
          const first = crcOf(input.subarray(0, split))
          const second = crcOf(input.subarray(split, size))
          expect(combine(first, second, size - split)).toBe(crcOf(input.subarray(0, size)))
        }),
      )
    })

    test('with nothing is the same', () => {
      fc.assert(
        fc.property(value, length, (crc, size) => {
          expect(combine(crc, 0, 0)).toBe(crc)
          expect(combine(0, crc, size)).toBe(crc)
        }),
      )
    })

    test('is associative at lengths up to 5 TiB', () => {
      fc.assert(
        fc.property(value, value, value, length, length, (a, b, c, sizeB, sizeC) => {
          const left = combine(combine(a, b, sizeB), c, sizeC)
          expect(left).toBe(combine(a, combine(b, c, sizeC), sizeB + sizeC))
        }),
      )
    })

    test.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses a length of %d', (size) => {
      expect(() => combine(1, 2, size)).toThrow(RangeError)
    })
  })
}
