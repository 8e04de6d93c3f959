import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import {
  canonicalHeaders,
  canonicalQuery,
  encodeKey,
  parseTimestamp,
  signatureOf,
  signingKey,
  timestamp,
} from '../../src/wire/sigv4.ts'

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

test('header values are signed without white space around, and with one space inside', () => {
  const headers = { host: 'a', 'x-amz-meta-b': '  c   d ', x: undefined }
  expect(canonicalHeaders(['host', 'toString', 'x', 'x-amz-meta-b'], headers)).toEqual({
    lines: 'host:a\ntoString:\nx:\nx-amz-meta-b:c d\n',
    names: 'host;toString;x;x-amz-meta-b',
  })
})

test('times are read back as they are written, and nothing else is read', () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date(0),
        max: new Date('9999-12-31T23:59:59Z'),
        noInvalidDate: true,
      }),
      (date) => {
        const text = timestamp(date)
        expect(text).toMatch(/^\d{8}T\d{6}Z$/)
        expect(parseTimestamp(text)).toBe(Math.floor(date.getTime() / 1000) * 1000)
      },
    ),
  )
  for (const text of ['', '20130524', '20130524T000000', '20131324T000000Z', '20130524T250000Z'])
    expect(parseTimestamp(text)).toBeUndefined()
})

const sign = (...key: Parameters<typeof signingKey>): string =>
  signatureOf(signingKey(...key), 'text').toString('hex')

test('a signing key is kept, and belongs to its secret, day and region', () => {
  const secret = new Secret('one')
  expect(signingKey(secret, '20130524', 'a')).toBe(signingKey(secret, '20130524', 'a'))
  const first = sign(secret, '20130524', 'a')
  expect(sign(new Secret('one'), '20130524', 'a')).toBe(first)
  const others = [
    sign(new Secret('two'), '20130524', 'a'),
    sign(secret, '20130525', 'a'),
    sign(secret, '20130524', 'b'),
  ]
  expect(new Set([first, ...others]).size).toBe(4)
  for (let day = 0; day < 100; day++) signingKey(secret, `${20130600 + day}`, 'a')
  expect(sign(secret, '20130524', 'a')).toBe(first)
})
