import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeValue,
  type GivenMetadata,
  metadataFrom,
  metadataHeaders,
} from '../../../src/stores/s3/metadata.ts'
import { decodeWords } from '../../../src/wire/encoded-words.ts'

const details = { op: 'write' }

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
    attributes: {
      mtime: 1_500_000_000_500_000_000n,
      mode: 0o100644,
      uid: 1000,
      gid: 100,
      owner: 'zo\u00eb',
      group: 'users',
      xattrs: {
        mime_type: new TextEncoder().encode('text/plain'),
        'b=n': new Uint8Array([0, 255]),
      },
    },
    metadata: { note: '\u00e9' },
  }
  const headers = metadataHeaders(given, details)
  expect(headers).toEqual({
    'x-amz-meta-mtime': '1500000000.5',
    'x-amz-meta-mode': '100644',
    'x-amz-meta-uid': '1000',
    'x-amz-meta-gid': '100',
    'x-amz-meta-uname': '=?UTF-8?B?em/Dqw==?=',
    'x-amz-meta-gname': 'users',
    'x-amz-meta-xattrs': 'b%3Dn=%00%FF&mime_type=text/plain',
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
  expect(() => metadataHeaders({ metadata: { [name]: 'x' } }, details)).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  )
})

function failing(given: GivenMetadata): unknown {
  try {
    return metadataHeaders(given, details)
  } catch (error) {
    return error
  }
}

test('what S3 does not keep is refused, with the way out', () => {
  const fits = { note: 'x'.repeat(2048 - 'note'.length) }
  expect(failing({ metadata: fits })).toHaveProperty(['x-amz-meta-note'])
  expect(failing({ metadata: { ...fits, b: '' } })).toMatchObject({
    code: 'invalid-argument',
    message: 'the metadata takes 2049 bytes',
  })
  expect(failing({ attributes: { xattrs: { big: Buffer.alloc(1000) } } })).toMatchObject({
    code: 'invalid-argument',
    hint: expect.stringContaining('leave out the extended attributes'),
  })
})
