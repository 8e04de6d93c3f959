import { expect, test } from 'vitest'
import { displayWidth, escapeControls, fitEnd, fitStart } from '../../../src/cli/report/text.ts'

test.each([
  ['plain', 'plain'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u001b[31mred\u0007', '\\x1b[31mred\\x07'],
  ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
  ['a\u202eb\u2066c\u200fd', 'a\\u202eb\\u2066c\\u200fd'],
  ['你好 é', '你好 é'],
])('%j is shown as %s', (text, shown) => {
  expect(escapeControls(text)).toBe(shown)
})

test.each([
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['你好', 4],
  ['한글', 4],
  ['ｆ', 2],
  ['🚀', 2],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['a\u200bb', 2],
])('%s takes %d columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns)
})

test('what does not fit is cut at whole characters', () => {
  expect(fitStart('abcdef', 6)).toBe('abcdef')
  expect(fitStart('abcdef', 4)).toBe('abc…')
  expect(fitEnd('abcdef', 4)).toBe('…def')
  expect(fitEnd('a你好', 4)).toBe('…好')
  expect(fitStart('你好a', 2)).toBe('…')
  expect(fitStart('abc', 0)).toBe('')
})
