import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeValue,
  encodeValue,
  metadataFrom,
  metadataHeaders,
} from '../../../src/stores/s3/metadata.ts'

test('any value comes back, by way of a header', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), (value) => {
      const written = encodeValue(value)
      expect(written).toMatch(/^[ -~]*$/)
      expect(written).toBe(written.trim().replaceAll(/ +/g, ' '))
      expect(decodeValue(written)).toBe(value)
    }),
  )
})

test('plain text is left as it is', () => {
  for (const value of ['', 'two words', 'a=b; c', '50%']) expect(encodeValue(value)).toBe(value)
})

test('encoded words are read as S3 may write them', () => {
  expect(decodeValue('=?UTF-8?Q?caf=C3=A9_au_lait?=')).toBe('caf\u00e9 au lait')
  expect(decodeValue('=?utf-8?b?w6k=?= =?UTF-8?B?w6k=?=')).toBe('\u00e9\u00e9')
  expect(decodeValue('=?UTF-8?B?8J8=?= =?UTF-8?B?mIA=?=')).toBe('\u{1f600}')
  for (const other of ['=?ISO-8859-1?Q?=E9?=', '=?UTF-8?B?w6k=?= more', 'a =? b'])
    expect(decodeValue(other)).toBe(other)
})

test('attributes travel as metadata, and apart from it', () => {
  const given = {
    attributes: { mtime: 1_500_000_000_500_000_000n, mode: 0o100644 },
    metadata: { note: '\u00e9' },
  }
  const headers = metadataHeaders(given, 'write')
  expect(headers).toEqual({
    'x-amz-meta-mtime': '1500000000.5',
    'x-amz-meta-mode': '100644',
    'x-amz-meta-note': '=?UTF-8?B?w6k=?=',
  })
  expect(metadataFrom(new Map(Object.entries(headers)))).toEqual(given)
})

test('what other tools wrote under our names is kept as metadata', () => {
  const headers = new Map([
    ['x-amz-meta-mtime', 'yesterday'],
    ['etag', '"x"'],
  ])
  expect(metadataFrom(headers).metadata).toEqual({ mtime: 'yesterday' })
})

test.each(['', 'Upper', 'a b', 'a:b', '\u00e9'])('%j is no name for metadata', (name) => {
  expect(() => metadataHeaders({ metadata: { [name]: 'x' } }, 'write')).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  )
})
