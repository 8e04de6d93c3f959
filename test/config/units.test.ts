import { expect, test } from 'vitest'
import { parseDuration, parseRate, parseSize } from '../../src/config/units.ts'

test.each([
  ['0', 0],
  ['1234', 1234],
  ['12B', 12],
  ['1K', 1024],
  ['1k', 1024],
  ['1KiB', 1024],
  ['1KB', 1000],
  ['8M', 8 * 1024 ** 2],
  ['8MiB', 8 * 1024 ** 2],
  ['8MB', 8_000_000],
  ['1.5G', 1.5 * 1024 ** 3],
  ['1.5 GiB', 1.5 * 1024 ** 3],
  ['2T', 2 * 1024 ** 4],
  ['2TB', 2e12],
  ['1P', 1024 ** 5],
  ['0.1K', 102],
])('%s is a size of %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', '-1', '1X', 'M', '1.M', '1,5G', '1iB', '1e3', '0x10', '9999P', '1 000', 'NaN'])(
  '%j is no size',
  (text) => {
    expect(parseSize(text)).toBeUndefined()
  },
)

test('a rate is a size, with or without /s', () => {
  expect(parseRate('10M')).toBe(10 * 1024 ** 2)
  expect(parseRate('10MB/s')).toBe(10_000_000)
  expect(parseRate('08:00,512K')).toBeUndefined()
})

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['90', 90_000],
])('%s is a duration of %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each(['', 's', '5x', '-5s', '5 m', '1h 30m', '1m30'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
