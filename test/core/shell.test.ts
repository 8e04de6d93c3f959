import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '../../src/core/shell.ts'
import { shellWords } from '../shell-words.ts'

test('a shell reads each word as it is', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom(...'a /~$`\'"\\*?[]{}!#&;|<>()=%\n\t\r\u0007\u0085-'.split('')),
    }),
  )
  const words = fc.array(
    text.filter((word) => !word.includes('\0')),
    { minLength: 1, maxLength: 100 },
  )
  fc.assert(
    fc.property(words, (all) => {
      expect(shellWords(all.map(shellWord).join(' '))).toEqual(all)
    }),
    { numRuns: 30 },
  )
})

test('what needs no quotes has none, and nothing breaks a line', () => {
  expect(shellWord('s3://bucket/data-1/a_b.txt')).toBe('s3://bucket/data-1/a_b.txt')
  expect(shellWord('a b')).toBe("'a b'")
  expect(shellWord("it's")).toBe(String.raw`'it'\''s'`)
  expect(shellWord('a\nb')).toBe(String.raw`$'a\x0ab'`)
})
