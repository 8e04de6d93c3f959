import { expect, test } from 'vitest'
import { parseRange, resolveRange } from '../../../src/cli/commands/cat.ts'

test.each(['', '-', '5-2', 'a-b', '1', '1-2-3', '-1-2', '1e3-'])('%j is no range', (text) => {
  expect(parseRange(text)).toBeUndefined()
})

test.each([
  ['0-0', 10, { start: 0, end: 1 }],
  ['0-9', 10, { start: 0, end: 10 }],
  ['5-99', 10, { start: 5, end: 10 }],
  ['9-', 10, { start: 9, end: 10 }],
  ['10-', 10, undefined],
  ['-3', 10, { start: 7, end: 10 }],
  ['-99', 10, { start: 0, end: 10 }],
  ['-0', 10, { start: 10, end: 10 }],
  ['0-', 0, { start: 0, end: 0 }],
  ['1-', 0, undefined],
])('%s of %d bytes', (text, size, range) => {
  const wanted = parseRange(text)
  expect(wanted && resolveRange(wanted, size)).toEqual(range)
})
