import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCustomerKey } from '../../src/config/customer-key.ts'

test('bytes, base64 and hex are one key, with a line break or without', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const bytes = Buffer.from(key)
      const base64 = bytes.toString('base64')
      const hex = bytes.toString('hex')
      expect(parseCustomerKey(key, 'file').reveal()).toBe(base64)
      for (const text of [base64, `${base64}\n`, hex, hex.toUpperCase(), `${hex}\r\n`])
        expect(parseCustomerKey(Buffer.from(text), 'file').reveal()).toBe(base64)
    }),
  )
})

const base64 = Buffer.alloc(32, 250).toString('base64')

test.each([
  '',
  'x'.repeat(31),
  'x'.repeat(33),
  base64.slice(0, -1),
  `${base64.slice(0, -2)}7=`, // bits behind the last byte
  base64.replaceAll('+', '-'),
  ` ${base64}`,
  `${base64}\n\n`,
  'g'.repeat(64),
  'a'.repeat(63),
])('%j is none, and is not shown', (text) => {
  expect(() => parseCustomerKey(Buffer.from(text), 'the file key.txt')).toThrow(
    expect.objectContaining({
      code: 'invalid-config',
      message: 'no key for encryption is in the file key.txt',
      hint: expect.stringContaining('openssl rand'),
    }),
  )
})
