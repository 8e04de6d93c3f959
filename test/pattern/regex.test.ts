import { expect, test } from 'vitest'
import { regexPattern } from '../../src/pattern/regex.ts'
import { failure } from '../conformance/tools.ts'

test.each([
  ['model.pt', 'model.pt', 'xmodel.pt'],
  ['a|b', 'b', 'ab'],
  ['^a$', 'a', 'a\n'],
  ['.', '😀', 'ab'],
  ['.*', 'a/b\nc', ''],
  ['.*/step-\\d+', 'run/x/step-10', 'run/step-10/x'],
  ['(?<year>\\d{4})-\\k<year>', '2026-2026', '2026-2025'],
  ['(?i:a)', 'A', 'b'],
])('%s fits %j, and not %j', (text, yes, no) => {
  expect(regexPattern(text).matches(yes)).toBe(true)
  expect(regexPattern(text).matches(no)).toBe(false)
})

test.each(['(', '*', 'a)|(b', '[', '\\', '(?<a>x)(?<a>y)', '\\-'])(
  '%s is refused',
  async (text) => {
    const compiling = async (): Promise<unknown> => regexPattern(text)
    const error = await failure(compiling(), 'invalid-argument')
    expect(error.message).toBe(`not a regular expression: ${text}`)
    expect(error.hint).toMatch(/^\S.*\. For a shell's pattern leave --regex out\.$/)
  },
)
