import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import {
  checkHeaderValue,
  decodeHeaderText,
  encodeHeaderText,
} from '../../../src/serve/operations/header-text.ts'
import { encodeValue } from '../../../src/stores/s3/metadata.ts'
import { decodeWords } from '../../../src/wire/encoded-words.ts'
import { refusedCode } from './refused.ts'

test.each([
  ['plain  text', 'plain  text'],
  ['', ''],
  ['=?UTF-8?B?w6k=?=', 'é'],
  ['=?utf-8?Q?caf=C3=A9_au_lait?=', 'café au lait'],
  ['=?UTF-8?B?w6?= =?UTF-8?B?qQ==?=', 'é'],
  ['=?ISO-8859-1?Q?caf=E9?=', '=?ISO-8859-1?Q?caf=E9?='],
  ['=?UTF-8?Q?=FF?=', '=?UTF-8?Q?=FF?='],
  ['a =? b', 'a =? b'],
])('%j is stored as %j', (header, text) => {
  expect(decodeHeaderText(header)).toBe(text)
})

test('UTF-8 that comes as it is', () => {
  expect(decodeHeaderText(Buffer.from('café').toString('latin1'))).toBe('café')
  expect(decodeHeaderText('caf\u00e9')).toBe('café') // Latin-1
  expect(decodeHeaderText('中é')).toBe('中é') // decoded already, in a form
})

test('ASCII is returned as it is', () => {
  for (const text of ['', 'a', 'a  b', '"quoted"', 'a =? b', '~'])
    expect(encodeHeaderText(text)).toBe(text)
})

test('what no header can hold is encoded', () => {
  for (const text of ['é', ' a', 'a ', 'a\nb', 'a\0', '=?UTF-8?B?w6k=?='])
    expect(encodeHeaderText(text)).toMatch(/^=\?UTF-8\?B\?[\w+/=]+\?=$/)
})

test('all text comes back from the way through a client of this project', () => {
  assert(
    property(string({ unit: 'grapheme' }), (text) => {
      const stored = decodeHeaderText(encodeValue(text))
      expect(stored).toBe(text)
      expect(decodeWords(encodeHeaderText(stored))).toBe(text)
    }),
  )
})

test('a value that is no header is refused', () => {
  expect(checkHeaderValue('x', 'caf\u00e9\t')).toBe('caf\u00e9\t')
  expect(refusedCode(() => checkHeaderValue('x', 'a\r\nb: c'))).toBe('InvalidArgument')
  expect(refusedCode(() => checkHeaderValue('x', '中'))).toBe('InvalidArgument')
})
