import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checksumAlgorithms,
  checksumOf,
  createHasher,
  defaultType,
  isChecksum,
  objectChecksum,
  supportsType,
} from '../../src/kernels/checksums.ts'
import { someBytes } from './crc32-suite.ts'

const digits = new TextEncoder().encode('123456789')
const hex = (value: string): string => Buffer.from(value, 'base64').toString('hex')

test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
] as const)('%s of "123456789", whole and in pieces', (algorithm, value) => {
  expect(hex(checksumOf(algorithm, digits))).toBe(value)
  const hasher = createHasher(algorithm)
  for (const digit of digits) hasher.update(Uint8Array.of(digit))
  expect(hasher.digest().toString('hex')).toBe(value)
})

test('only the base64 of as many bytes as there must be is a checksum', () => {
  for (const algorithm of checksumAlgorithms) {
    const value = checksumOf(algorithm, digits)
    expect(isChecksum(algorithm, value)).toBe(true)
    for (const wrong of ['', `${value}A`, value.slice(1), value.replace(/=+$/, ''), ` ${value}`]) {
      expect(isChecksum(algorithm, wrong) && wrong !== value).toBe(false)
    }
  }
  expect(isChecksum('CRC32', 'AAAAAB==')).toBe(false)
  expect(isChecksum('CRC32', '__8_-Q==')).toBe(false)
})

test('the types of objects in parts are those of S3', () => {
  const table = checksumAlgorithms.map((algorithm) => [
    algorithm,
    supportsType(algorithm, 'COMPOSITE'),
    supportsType(algorithm, 'FULL_OBJECT'),
    defaultType(algorithm),
  ])
  expect(table).toEqual([
    ['CRC32', true, true, 'COMPOSITE'],
    ['CRC32C', true, true, 'COMPOSITE'],
    ['CRC64NVME', false, true, 'FULL_OBJECT'],
    ['SHA1', true, false, 'COMPOSITE'],
    ['SHA256', true, false, 'COMPOSITE'],
  ])
})

describe('an object in parts', () => {
  const input = someBytes(50_000)
  const parts = [input.subarray(0, 20_000), input.subarray(20_000, 20_001), input.subarray(20_001)]

  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    'has the %s of the whole, however it was cut',
    (algorithm) => {
      fc.assert(
        fc.property(fc.array(fc.nat(9000), { maxLength: 8 }), (sizes) => {
          let at = 0
          const pieces = sizes.map((size) => input.subarray(at, (at = Math.min(at + size, 50_000))))
          const whole = objectChecksum(
            algorithm,
            'FULL_OBJECT',
            pieces.map((piece) => ({ size: piece.length, value: checksumOf(algorithm, piece) })),
          )
          const value = checksumOf(algorithm, input.subarray(0, at))
          expect(whole).toEqual({ algorithm, type: 'FULL_OBJECT', value })
        }),
      )
    },
  )

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
    'has the %s of the checksums of its parts',
    (algorithm) => {
      const values = parts.map((part) => checksumOf(algorithm, part))
      const joined = Buffer.concat(values.map((value) => Buffer.from(value, 'base64')))
      expect(
        objectChecksum(
          algorithm,
          'COMPOSITE',
          values.map((value) => ({ size: 1, value })),
        ),
      ).toEqual({ algorithm, type: 'COMPOSITE', value: `${checksumOf(algorithm, joined)}-3` })
    },
  )

  test('has no checksum of a type that there is not', () => {
    expect(() => objectChecksum('SHA256', 'FULL_OBJECT', [])).toThrow(RangeError)
    expect(() => objectChecksum('CRC64NVME', 'COMPOSITE', [])).toThrow(RangeError)
  })
})
