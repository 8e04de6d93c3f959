import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandBraces } from '../../src/pattern/braces.ts'

test.each([
  ['a{b,c}d', ['abd', 'acd']],
  ['{a,b}{c,d}', ['ac', 'ad', 'bc', 'bd']],
  ['{a,{b,c}/d,}x', ['ax', 'b/dx', 'c/dx', 'x']],
  ['{a}', ['{a}']],
  ['{{a,b}}', ['{a}', '{b}']],
  ['{a,b', ['{a,b']],
  ['{a,{b,c}', ['{a,b', '{a,c']],
  ['a,b}', ['a,b}']],
  ['{a},b}', ['a}', 'b']],
  ['{{a},c},d}', ['{a},d}', 'c,d}']],
  ['{a}{b,c}', ['{a}b', '{a}c']],
  ['\\{a,b}', ['\\{a,b}']],
  ['{a\\,b}', ['{a\\,b}']],
  ['{a,b\\}', ['{a,b\\}']],
  ['{a,a}', ['a']],
  ['{1..3}', ['{1..3}']],
  ['', ['']],
])('%s', (text, expected) => {
  expect(expandBraces(text)).toEqual(expected)
})

test('as bash does', () => {
  const text = fc
    .array(fc.constantFrom('{', '}', ',', 'a', 'b', '\\\\', '\\{', '\\,', '\\}', '[', ']'), {
      minLength: 1,
      maxLength: 12,
    })
    .map((pieces) => pieces.join(''))
    // Which bash leaves alone, for find.
    .filter((one) => !one.includes('{}'))
  fc.assert(
    fc.property(fc.array(text, { minLength: 50, maxLength: 50 }), (texts) => {
      // The x keeps words from being empty, which bash would leave out.
      const script = texts.map((one) => `printf '%s\\0' x${one}; printf '\\n'`).join('\n')
      const said = execFileSync('bash', ['-c', `set -f\n${script}`]).toString()
      const words = said.split('\n').slice(0, -1)
      for (const [i, one] of texts.entries()) {
        const expected = (words[i] ?? '').split('\0').slice(0, -1)
        const ours = expandBraces(`x${one}`).map((word) => word.replace(/\\(.)/g, '$1'))
        expect(ours, one).toEqual([...new Set(expected)])
      }
    }),
    { numRuns: 10 },
  )
})

test('what stands for too many is refused, and at once', () => {
  expect(expandBraces('{a,b}'.repeat(9)).length).toBe(512)
  for (const text of [
    '{a,b}'.repeat(800),
    `${'{a,'.repeat(10)}${'{b,c}'.repeat(10)}${'}'.repeat(10)}`,
  ])
    expect(() => expandBraces(text)).toThrow('more than 1000')
  expect(expandBraces('{'.repeat(4000)).length).toBe(1)
  expect(expandBraces(`${'{'.repeat(2000)}${'}'.repeat(2000)}`).length).toBe(1)
  const nested = `${'{a,'.repeat(900)}${'}'.repeat(900)}`
  expect(expandBraces(nested)).toEqual(['a', ''])
})
