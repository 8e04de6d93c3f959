import { expect, test } from 'vitest'
import { parseMaxDelete } from '../../../src/cli/commands/sync.ts'

test.each([
  ['0', 0],
  ['100', 100],
  ['10%', '10%'],
  ['100%', '100%'],
  ['101%', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['many', undefined],
])('--max-delete %s', (text, value) => {
  expect(parseMaxDelete(text)).toBe(value)
})
