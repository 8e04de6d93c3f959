import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeValue, metadataFrom, metadataHeaders } from '../../../src/stores/s3/metadata.ts'
import { decodeWords } from '../../../src/wire/encoded-words.ts'

test('any value comes back, by way of a header', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), (value) => {
      const written = encodeValue(value)
      expect(written).toMatch(/^[ -~]*$/)
      expect(written).toBe(written.trim().replaceAll(/ +/g, ' '))
      expect(decodeWords(written)).toBe(value)
    }),
  )
})

test('plain text is left as it is', () => {
  for (const value of ['', 'two words', 'a=b; c', '50%']) expect(encodeValue(value)).toBe(value)
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
