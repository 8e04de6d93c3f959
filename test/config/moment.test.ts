import { expect, test } from 'vitest'
import { parseMoment } from '../../src/config/moment.ts'

const now = Date.parse('2026-11-21T10:00:00Z')
const at = (text: string): bigint => BigInt(new Date(text).getTime()) * 1_000_000n

test.each([
  ['7d', at('2026-11-14T10:00:00Z')],
  ['1h30m', at('2026-11-21T08:30:00Z')],
  ['2026-11-20', at('2026-11-20T00:00:00')],
  ['2026-11-20T10:30', at('2026-11-20T10:30:00')],
  ['2026-11-20 10:30:15.5', at('2026-11-20T10:30:15.500')],
  ['2026-11-20T10:30Z', at('2026-11-20T10:30:00Z')],
  [' 2026-11-20T10:30:00+02:00 ', at('2026-11-20T08:30:00Z')],
])('%s', (text, expected) => {
  expect(parseMoment(text, now)).toBe(expected)
})

test.each([
  '',
  'yesterday',
  '2026-13-01',
  '2026-11-20T25:00',
  '20261120',
  '90',
  '2026-11-20T10',
  '-5d',
])('not %j', (text) => {
  expect(parseMoment(text, now)).toBeUndefined()
})
