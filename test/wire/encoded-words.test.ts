import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeWords, encodeWord, isEncodedWords } from '../../src/wire/encoded-words.ts'

test('encoded words are read as S3 may write them', () => {
  expect(decodeWords('=?UTF-8?Q?caf=C3=A9_au_lait?=')).toBe('caf\u00e9 au lait')
  expect(decodeWords('=?utf-8?b?w6k=?= =?UTF-8?B?w6k=?=')).toBe('\u00e9\u00e9')
  expect(decodeWords('=?UTF-8?B?8J8=?= =?UTF-8?B?mIA=?=')).toBe('\u{1f600}')
  for (const other of [
    '=?ISO-8859-1?Q?=E9?=',
    '=?UTF-8?B?w6k=?= more',
    'a =? b',
    '=?UTF-8?Q?=FF?=',
  ])
    expect(decodeWords(other)).toBe(other)
})

test('any text comes back from an encoded word', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(isEncodedWords(encodeWord(text))).toBe(true)
      expect(decodeWords(encodeWord(text))).toBe(text)
    }),
  )
})
