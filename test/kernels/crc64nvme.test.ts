import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  combineCrc64Nvme,
  Crc64Nvme,
  crc64nvme,
  kernelBuffer,
} from '../../src/kernels/crc64nvme.ts'
import { pseudoRandom } from './bytes.ts'

/** The CRC by its definition: one bit a step, most significant first, over bit-reversed bytes. */
function bitwise(bytes: Uint8Array): bigint {
  let high = -1
  let low = -1
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const over = (high >>> 31) ^ ((byte >>> bit) & 1)
      high = ((high << 1) | (low >>> 31)) ^ (over ? 0xad93d235 : 0)
      low = (low << 1) ^ (over ? 0x94c93659 : 0)
    }
  }
  let reversed = 0n
  for (let bit = 0; bit < 64; bit++) {
    const word = bit < 32 ? high : low
    reversed |= BigInt((~word >>> (31 - (bit % 32))) & 1) << BigInt(bit)
  }
  return reversed
}

function inPieces(bytes: Uint8Array, size: number): bigint {
  const crc = new Crc64Nvme()
  for (let at = 0; at < bytes.length; at += size) crc.update(bytes.subarray(at, at + size))
  return crc.digest()
}

const MIB = 1 << 20
const input = pseudoRandom(MIB + 3)
const buffer = kernelBuffer(input.length)
buffer.bytes.set(input)

const goldens: [size: number, crc: bigint][] = [
  [0, 0x0000000000000000n],
  [1, 0x815a29ee636d1eean],
  [7, 0x5ab4e75eb5334c12n],
  [8, 0x50e09161ac6571a2n],
  [31, 0x8fbd2444c0c8b8e1n],
  [32, 0x1f6a637ac68441aan],
  [11_673, 0x2de31e33e55183adn],
  [11_674, 0x99f523eb5974a5e2n],
  [11_675, 0x1d159931cfacd291n],
  [16_383, 0xb22fe7fb7bde3deen],
  [16_384, 0x3f7603a6f9fed429n],
  [65_535, 0x15b67a6438590176n],
  [65_536, 0x519b4adac5b08c7cn],
  [1_048_579, 0x2d330b6c4bff775bn],
]

test('has the check value of the CRC catalogue', () => {
  const digits = new TextEncoder().encode('123456789')
  expect(crc64nvme(digits)).toBe(0xae8b14860a799888n)
  expect(bitwise(digits)).toBe(0xae8b14860a799888n)
})

describe.each(goldens)('%i pseudo-random bytes', (size, golden) => {
  const bytes = input.subarray(0, size)

  test('have their golden CRC, whole and by the definition', () => {
    expect(crc64nvme(bytes)).toBe(golden)
    expect(bitwise(bytes)).toBe(golden)
  })

  test.each([1, 37, 255, 262_145])('have it in pieces of %i', (piece) => {
    expect(inPieces(bytes, piece)).toBe(golden)
  })

  test('have it in place', () => {
    expect(buffer.crc64nvme(0, size)).toBe(golden)
  })
})

describe('Crc64Nvme', () => {
  test('goes on after a digest, beside other streams', () => {
    const first = new Crc64Nvme()
    const second = new Crc64Nvme()
    first.update(input.subarray(0, 40_000))
    second.update(input.subarray(7, 20))
    expect(first.digest()).toBe(crc64nvme(input.subarray(0, 40_000)))
    expect(first.update(input.subarray(40_000)).digest()).toBe(crc64nvme(input))
    expect(second.digest()).toBe(crc64nvme(input.subarray(7, 20)))
  })

  test('does not care how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(70_000), { maxLength: 12 }), (sizes) => {
        const crc = new Crc64Nvme()
        let at = 0
        for (const size of sizes) crc.update(input.subarray(at, (at += size)))
        expect(crc.digest()).toBe(buffer.crc64nvme(0, at))
      }),
    )
  })
})

describe('kernelBuffer', () => {
  test('gives exactly the bytes asked for, aligned, zero', () => {
    for (const size of [0, 1, 65_536, 100_000]) {
      const { bytes } = kernelBuffer(size)
      expect(bytes.length).toBe(size)
      expect(bytes.byteOffset % 4096).toBe(0)
      expect(bytes.every((byte) => byte === 0)).toBe(true)
    }
  })

  test('reads any range in place', () => {
    fc.assert(
      fc.property(fc.nat(MIB), fc.nat(150_000), (start, size) => {
        const end = Math.min(start + size, input.length)
        expect(buffer.crc64nvme(start, end)).toBe(bitwise(input.subarray(start, end)))
      }),
      { numRuns: 50 },
    )
  })

  test('reads ranges around the kernel’s own limits', () => {
    for (const size of [16_384, 32_160, 52_640, 73_120]) {
      for (let end = size - 33; end <= size + 33; end++) {
        expect(buffer.crc64nvme(1, end)).toBe(bitwise(input.subarray(1, end)))
      }
    }
  })

  test('leaves the bytes as they were', () => {
    buffer.crc64nvme(0, input.length)
    buffer.crc64nvme(3, 50_000)
    expect(Buffer.compare(buffer.bytes, input)).toBe(0)
  })

  test('sees what was written since, and nothing of its neighbours', () => {
    const [one, other] = [kernelBuffer(100_000), kernelBuffer(100_000)]
    other.bytes.fill(0xff)
    Buffer.from(one.bytes.buffer, one.bytes.byteOffset).write('123456789', 50_000)
    expect(one.crc64nvme(50_000, 50_009)).toBe(0xae8b14860a799888n)
    expect(one.crc64nvme(0, 100_000)).toBe(bitwise(one.bytes))
  })

  test.each([
    [-1, 5],
    [0, 101],
    [5, 4],
    [0.5, 5],
    [0, Number.NaN],
  ])('refuses the range %d to %d of 100 bytes', (start, end) => {
    const small = kernelBuffer(100)
    expect(() => small.crc64nvme(start, end)).toThrow(RangeError)
  })

  test.each([-1, 1.5, Number.NaN, 2 ** 32])('refuses a size of %d', (size) => {
    expect(() => kernelBuffer(size)).toThrow(RangeError)
  })
})

describe('combineCrc64Nvme', () => {
  const value = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  const length = fc.nat(5 * 2 ** 40)

  test('of two parts is the CRC of the whole', () => {
    fc.assert(
      fc.property(fc.nat(input.length), fc.nat(input.length), (size, at) => {
        const split = Math.min(at, size)
        const first = buffer.crc64nvme(0, split)
        const second = buffer.crc64nvme(split, size)
        expect(combineCrc64Nvme(first, second, size - split)).toBe(buffer.crc64nvme(0, size))
      }),
    )
  })

  test('with nothing changes nothing', () => {
    fc.assert(
      fc.property(value, length, (crc, size) => {
        expect(combineCrc64Nvme(crc, 0n, 0)).toBe(crc)
        expect(combineCrc64Nvme(0n, crc, size)).toBe(crc)
      }),
    )
  })

  test('is associative at lengths up to 5 TiB', () => {
    fc.assert(
      fc.property(value, value, value, length, length, (a, b, c, sizeB, sizeC) => {
        const left = combineCrc64Nvme(combineCrc64Nvme(a, b, sizeB), c, sizeC)
        const right = combineCrc64Nvme(a, combineCrc64Nvme(b, c, sizeC), sizeB + sizeC)
        expect(left).toBe(right)
      }),
    )
  })

  test('is exact for 5 TiB of zeros, doubled up from five bytes', () => {
    let zeros = crc64nvme(new Uint8Array(5))
    for (let size = 5; size < 5 * 2 ** 40; size *= 2) zeros = combineCrc64Nvme(zeros, zeros, size)
    expect(zeros).toBe(0x93bdf3a6a36c5022n) // by long division of the polynomials
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses a length of %d', (size) => {
    expect(() => combineCrc64Nvme(1n, 2n, size)).toThrow(RangeError)
  })
})
