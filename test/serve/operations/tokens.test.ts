import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { readToken, writeToken } from '../../../src/serve/operations/tokens.ts'
import { refusedCode } from './refused.ts'

test('a token holds any name', () => {
  assert(
    property(string({ unit: 'grapheme', minLength: 1 }), (name) => {
      const token = writeToken(name)
      expect(token).toMatch(/^[\w-]+$/)
      expect(readToken(token)).toBe(name)
    }),
  )
})

test.each(['', '!', 'YQ==', 'Y', '_w'])('%j is no token', (token) => {
  expect(refusedCode(() => readToken(token))).toBe('InvalidArgument')
})
