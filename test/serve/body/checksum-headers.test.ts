import { describe, expect, test } from 'vitest'
import {
  completedChecksum,
  statedChecksum,
  wantedChecksum,
} from '../../../src/serve/body/checksum-headers.ts'

const crc32 = 'y/Q5Jg=='
const crc64 = 'rosUhgp5mIg='

const refusal = (message: string): object =>
  expect.objectContaining({ code: 'InvalidRequest', status: 400, message })

describe('of a body', () => {
  test('is the one that a header holds', () => {
    expect(statedChecksum({})).toBeUndefined()
    const stated = { algorithm: 'CRC32', value: crc32 }
    expect(statedChecksum({ 'x-amz-checksum-crc32': crc32 })).toEqual(stated)
    expect(
      statedChecksum({
        'x-amz-checksum-crc32': crc32,
        'x-amz-sdk-checksum-algorithm': 'crc32',
        'x-amz-checksum-algorithm': 'SHA256',
        'x-amz-checksum-type': 'FULL_OBJECT',
        'x-amz-checksum-mode': 'ENABLED',
      }),
    ).toEqual(stated)
  })

  test('or comes in the trailer', () => {
    const headers = { 'x-amz-trailer': 'X-Amz-Checksum-CRC64NVME' }
    const stated = { algorithm: 'CRC64NVME', value: undefined }
    expect(statedChecksum(headers)).toEqual(stated)
    const sdk = { ...headers, 'x-amz-sdk-checksum-algorithm': 'CRC64NVME' }
    expect(statedChecksum(sdk)).toEqual(stated)
  })

  const single =
    'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.'
  const sdk = 'Value for x-amz-sdk-checksum-algorithm header is invalid.'
  test.each([
    [{ 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-sha1': '' }, single],
    [{ 'x-amz-checksum-crc32': crc32, 'x-amz-trailer': 'x-amz-checksum-crc32' }, single],
    [{ 'x-amz-checksum-crc32': '' }, 'Value for x-amz-checksum-crc32 header is invalid.'],
    [{ 'x-amz-checksum-sha1': crc32 }, 'Value for x-amz-checksum-sha1 header is invalid.'],
    [
      { 'x-amz-checksum-crc16': 'AAA=' },
      'The algorithm type you specified in x-amz-checksum- header is invalid.',
    ],
    [
      { 'x-amz-trailer': 'x-amz-meta-a' },
      'The value specified in the x-amz-trailer header is not supported',
    ],
    [{ 'x-amz-sdk-checksum-algorithm': 'MD4', 'x-amz-checksum-crc32': crc32 }, sdk],
    [{ 'x-amz-sdk-checksum-algorithm': 'CRC32C', 'x-amz-checksum-crc32': crc32 }, sdk],
    [
      { 'x-amz-sdk-checksum-algorithm': 'CRC32' },
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    ],
  ])('is not %j', (headers, message) => {
    expect(() => statedChecksum(headers)).toThrow(refusal(message))
  })
})

describe('of an upload', () => {
  test('is the one that is asked for', () => {
    expect(wantedChecksum({})).toBeUndefined()
    expect(wantedChecksum({ 'x-amz-checksum-algorithm': 'crc32c' })).toEqual({
      algorithm: 'CRC32C',
      type: 'COMPOSITE',
    })
    expect(wantedChecksum({ 'x-amz-checksum-algorithm': 'CRC64NVME' })).toEqual({
      algorithm: 'CRC64NVME',
      type: 'FULL_OBJECT',
    })
    expect(
      wantedChecksum({
        'x-amz-checksum-algorithm': 'CRC32',
        'x-amz-checksum-type': 'full_object',
      }),
    ).toEqual({ algorithm: 'CRC32', type: 'FULL_OBJECT' })
  })

  test.each([
    [
      'MD5',
      undefined,
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    ],
    [
      undefined,
      'COMPOSITE',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    ],
    ['CRC32', 'WHOLE', 'Value for x-amz-checksum-type header is invalid.'],
    [
      'CRC64NVME',
      'COMPOSITE',
      'The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.',
    ],
    [
      'SHA256',
      'FULL_OBJECT',
      'The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.',
    ],
  ])('is not %s, %s', (algorithm, type, message) => {
    const headers = { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type }
    expect(() => wantedChecksum(headers)).toThrow(refusal(message))
  })
})

describe('of a completed object', () => {
  test('is that of the whole, or of the parts', () => {
    expect(completedChecksum({})).toBeUndefined()
    expect(completedChecksum({ 'x-amz-checksum-crc64nvme': crc64 })).toEqual({
      algorithm: 'CRC64NVME',
      type: 'FULL_OBJECT',
      value: crc64,
    })
    expect(completedChecksum({ 'x-amz-checksum-crc32': `${crc32}-12` })).toEqual({
      algorithm: 'CRC32',
      type: 'COMPOSITE',
      value: `${crc32}-12`,
    })
    expect(
      completedChecksum({ 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'COMPOSITE' }),
    ).toEqual({ algorithm: 'CRC32', type: 'COMPOSITE', value: crc32 })
  })

  test.each([
    { 'x-amz-checksum-crc32': crc64 },
    { 'x-amz-checksum-crc32': `${crc32}-` },
    { 'x-amz-checksum-crc32': `${crc32}-2`, 'x-amz-checksum-type': 'FULL_OBJECT' },
    { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-crc64nvme': crc64 },
  ])('is not %j', (headers) => {
    expect(() => completedChecksum(headers)).toThrow(
      expect.objectContaining({ code: 'InvalidRequest' }),
    )
  })
})
