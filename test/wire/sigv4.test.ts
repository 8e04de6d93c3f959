import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalQuery, encodeKey } from '../../src/wire/sigv4.ts'

describe('encodeKey', () => {
  test.each([
    ['a//b', 'a//b'],
    ['../x', '../x'],
    ['.', '.'],
    ['a b+c', 'a%20b%2Bc'],
    ["!'()*~", '%21%27%28%29%2A~'],
    ['100%25', '100%2525'],
    ['ü/\n', '%C3%BC/%0A'],
    ['a?b#c', 'a%3Fb%23c'],
  ])('encodes %j once, and normalises nothing', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded)
  })

  test('encodes every byte but the unreserved ones and the slash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        let expected = ''
        for (const byte of Buffer.from(key)) {
          const character = String.fromCodePoint(byte)
          expected += /[A-Za-z0-9\-._~/]/.test(character)
            ? character
            : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
        }
        expect(encodeKey(key)).toBe(expected)
      }),
    )
  })

  test('refuses what no UTF-8 exists for', () => {
    expect(() => encodeKey('\uD800')).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
  })
})

test('canonicalQuery sorts by name as encoded, and encodes slashes', () => {
  expect(canonicalQuery({ prefix: 'a/b c', 'list-type': '2', a: '', 'a-b': '=&', é: 'x' })).toBe(
    '%C3%A9=x&a=&a-b=%3D%26&list-type=2&prefix=a%2Fb%20c',
  )
  expect(canonicalQuery({})).toBe('')
})
