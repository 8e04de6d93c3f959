import { expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  isoTime,
} from '../../../src/cli/report/format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1536, '1.50 KiB'],
  [10 * 1024, '10.0 KiB'],
  [312 * 1024 ** 2, '312 MiB'],
  [1.2 * 1024 ** 3, '1.20 GiB'],
  [5000 * 1024 ** 5, '5000 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('counts have separators', () => {
  expect([0, 999, 1000, 20_134, 1_234_567].map(formatCount)).toEqual([
    '0',
    '999',
    '1,000',
    '20,134',
    '1,234,567',
  ])
})

test.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [1234, '1.2 s'],
  [14_000, '14 s'],
  [59_600, '1 min 0 s'],
  [303_000, '5 min 3 s'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})

test('times keep all their precision', () => {
  expect(isoTime(0n)).toBe('1970-01-01T00:00:00Z')
  expect(isoTime(1_700_000_000_123_456_789n)).toBe('2023-11-14T22:13:20.123456789Z')
  expect(isoTime(1_700_000_000_500_000_000n)).toBe('2023-11-14T22:13:20.5Z')
  expect(isoTime(-1n)).toBe('1969-12-31T23:59:59.999999999Z')
})
