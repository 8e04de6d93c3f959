import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerHead } from '../../../src/serve/http/answer-head.ts'

test('is what goes over the wire', () => {
  expect(answerHead(206, ['Server', 'Hawser', 'x-a', '\xe4'])).toMatch(
    /^HTTP\/1\.1 206 Partial Content\r\nServer: Hawser\r\nx-a: \xe4\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n\r\n$/,
  )
})

test('nothing becomes another header, or the body', () => {
  for (const value of ['a\r\nb: c', 'a\nb', 'a\rb', '\0', '\x7f', '\u010d\u010a', '☃'])
    expect(() => answerHead(200, ['x-a', value])).toThrow('cannot be sent')
  for (const name of ['', 'a b', 'a:', 'a\r\nb', 'ä'])
    expect(() => answerHead(200, [name, 'a'])).toThrow('cannot be sent')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      let head: string
      try {
        head = answerHead(200, ['x-a', value])
      } catch {
        return
      }
      expect(head.split(/[\r\n]+/)).toHaveLength(4)
    }),
  )
})
