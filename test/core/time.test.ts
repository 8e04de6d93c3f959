import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime, parseIsoTime } from '../../src/core/time.ts'

/** The last nanosecond of a year that dates can say. */
const last = 8_640_000_000_000_000_000_000n

test.each([
  [0n, '1970-01-01T00:00:00Z'],
  [1n, '1970-01-01T00:00:00.000000001Z'],
  [-1n, '1969-12-31T23:59:59.999999999Z'],
  [1_500_000_000n, '1970-01-01T00:00:01.5Z'],
  [last, '+275760-09-13T00:00:00Z'],
  [-last, '-271821-04-20T00:00:00Z'],
])('%d is %s', (time, text) => {
  expect(isoTime(time)).toBe(text)
  expect(parseIsoTime(text)).toBe(time)
})

test('every time comes back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -last, max: last }), (time) => {
      expect(parseIsoTime(isoTime(time))).toBe(time)
    }),
  )
})

test.each([
  '',
  '2026-11-21',
  '2026-11-21T10:00:00',
  '2026-11-21T10:00:00.Z',
  '2026-11-21T10:00:00.50Z',
  '2026-11-21T10:00:00.0000000001Z',
  '2026-02-30T10:00:00Z',
  '2026-11-21T25:00:00Z',
  '2026-11-21T10:00:00+01:00',
])('%j is none that was written', (text) => {
  expect(parseIsoTime(text)).toBeUndefined()
})
