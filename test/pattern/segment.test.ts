import { expect, test } from 'vitest'
import { parseSegment } from '../../src/pattern/segment.ts'

function fits(text: string, name: string): boolean {
  const segment = parseSegment(text)
  if (segment.kind === 'name') return segment.name === name
  return segment.kind === 'wild' && segment.expression.test(name)
}

test.each([
  // Everything else is what it is.
  ['f(1)*.txt', 'f(1) .txt', 'f1.txt'],
  ['a|b*', 'a|b', 'a'],
  ['a+*', 'a+', 'aa'],
  ['a.b*', 'a.b', 'axb'],
  ['"a"*', '"a"', 'a'],
  ['^a$*', '^a$', 'a'],
  ['!a*', '!a', 'b'],
  ['@(a)*', '@(a)', 'a'],
  // Wildcards.
  ['*', '\n', ''],
  ['?', '😀', 'ab'],
  ['?', 'é', 'e\u0301'],
  ['*a*', 'bab', 'bbb'],
  ['a*a', 'aa', 'a'],
  ['*ab*ba*', 'abba', 'aba'],
  ['*.*', '.', 'a'],
  ['***', 'a', ''],
  // Sets.
  ['[a-c]', 'b', 'd'],
  ['[!a-c]', 'd', 'b'],
  ['[^a]', '\n', 'a'],
  ['[]]', ']', '['],
  ['[!]a]', 'b', ']'],
  ['[a-]', '-', 'b'],
  ['[\\]]', ']', '\\'],
  ['[\\-a]', '-', 'b'],
  ['[z-a]*', '', 'z'],
  ['[😀-😂]', '😁', '\ud83d'],
  ['[[:digit:]x]', 'x', 'd'],
  ['[![:space:]]', 'a', ' '],
  ['[[:none:]a]', 'a', 'n'],
  ['[[:a]', ':', 'b'],
  ['[[]', '[', ']'],
  ['[.]', '.', 'a'],
  ['[\\d]', 'd', '1'],
  ['[a', '[a', 'a'],
  ['[', '[', ''],
  ['[!', '[!', 'a'],
  // Escapes.
  ['\\*', '*', 'a'],
  ['\\\\*', '\\a', 'a'],
  ['a\\?*', 'a?', 'ab'],
  ['*\\', 'a\\', 'a'],
])('%j fits %j, and not %j', (text, yes, no) => {
  if (text !== '[z-a]*') expect(fits(text, yes)).toBe(true)
  expect(fits(text, no)).toBe(false)
})

test('a name is found by how it begins', () => {
  expect(parseSegment('20\\[*')).toMatchObject({ kind: 'wild', beginning: '20[' })
  expect(parseSegment('*')).toMatchObject({ beginning: '' })
  expect(parseSegment('a[b]')).toMatchObject({ beginning: 'a' })
  expect(parseSegment('a\\*[')).toEqual({ kind: 'name', name: 'a*[' })
  expect(parseSegment('**')).toEqual({ kind: 'deep' })
  expect(parseSegment('')).toEqual({ kind: 'name', name: '' })
})
