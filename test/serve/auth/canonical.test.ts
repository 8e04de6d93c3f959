import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalPath, canonicalRawQuery } from '../../../src/serve/auth/canonical.ts'
import { encodeKey } from '../../../src/wire/sigv4.ts'

test.each([
  ['/', '/'],
  ['/a//b/../c/.', '/a//b/../c/.'],
  ['/a%20b%2bc%2Fd', '/a%20b%2Bc/d'],
  ["/!'()*+$,;=:@&~", '/%21%27%28%29%2A%2B%24%2C%3B%3D%3A%40%26~'],
  ['/%41%7e%C3%A9', '/A~%C3%A9'],
  ['/\u00c3\u00a9', '/%C3%A9'],
  ['/100%', '/100%25'],
  ['/%zz', '/%25zz'],
])('the path %s is signed as %s', (raw, canonical) => {
  expect(canonicalPath(raw)).toBe(canonical)
})

test.each([
  ['', ''],
  ['acl', 'acl='],
  ['b=2&a=1', 'a=1&b=2'],
  ['a=2&a=1&a', 'a=&a=1&a=2'],
  ['a-b=1&a=2&a%21=3', 'a=2&a%21=3&a-b=1'],
  ['p=a+b%2bc/d=e', 'p=a%20b%2Bc%2Fd%3De'],
  ['&&x=%7e', 'x=~'],
])('the query %s is signed as %s', (raw, canonical) => {
  expect(canonicalRawQuery(raw)).toBe(canonical)
})

test('a parameter is left out', () => {
  expect(canonicalRawQuery('b=1&X-Amz-Signature=abc&a=2', 'X-Amz-Signature')).toBe('a=2&b=1')
})

test('whatever way a key is encoded, it is signed in one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.infiniteStream(fc.nat(2)), (key, ways) => {
      let raw = '/'
      for (const byte of Buffer.from(key)) {
        const hex = byte.toString(16).padStart(2, '0')
        const way = ways.next().value
        const character = String.fromCharCode(byte)
        raw +=
          way === 0 && character !== '%'
            ? character
            : `%${way === 1 ? hex.toUpperCase() : hex.toLowerCase()}`
      }
      expect(canonicalPath(raw)).toBe(`/${encodeKey(key)}`)
      expect(canonicalPath(canonicalPath(raw))).toBe(canonicalPath(raw))
    }),
  )
})
