import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedDecoder } from '../../../src/serve/http/chunked.ts'

interface Decoded {
  readonly text: string
  readonly done: boolean
  /** What is behind the body. */
  readonly rest: string
}

/** @param size of the pieces in which it comes */
function decode(text: string, size = Infinity): Decoded {
  const decoder = new ChunkedDecoder()
  const input = Buffer.from(text, 'latin1')
  const parts: Uint8Array[] = []
  let at = 0
  while (at < input.length && !decoder.done) {
    const piece = input.subarray(at, at + size)
    const used = decoder.decode(piece, (bytes) => parts.push(Buffer.from(bytes)))
    at += used
    if (!decoder.done) expect(used).toBe(piece.length)
  }
  return {
    text: Buffer.concat(parts).toString('latin1'),
    done: decoder.done,
    rest: input.toString('latin1', at),
  }
}

test.each([
  ['5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['5\r\nhello\r\n6\r\n\r\n\0 0\r\r\n0\r\n\r\n', 'hello\r\n\0 0\r'],
  ['0\r\n\r\n', ''],
  ['000\r\n\r\n', ''],
  ['5;a=b;c="d e"\r\nhello\r\n0;x\r\n\r\n', 'hello'],
  ['5 ;a\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['A\r\n0123456789\r\n0\r\nTrailer: a\r\nOther:\r\n\r\n', '0123456789'],
])('%j', (text, body) => {
  for (const size of [Infinity, 1, 2, 3]) {
    expect(decode(`${text}GET / HTTP/1.1`, size)).toEqual({
      text: body,
      done: true,
      rest: 'GET / HTTP/1.1',
    })
  }
  for (let end = 0; end < text.length; end++) expect(decode(text.slice(0, end)).done).toBe(false)
})

test.each([
  ['no size', '\r\n'],
  ['no number', 'x\r\n'],
  ['a sign', '+5\r\nhello'],
  ['0x', '0x5\r\nhello'],
  ['a space ahead', ' 5\r\nhello'],
  ['a space behind', '5 \r\nhello'],
  ['an underscore', '1_0\r\nhello'],
  ['too large a size', '10000000000000\r\n'],
  ['a bare LF', '5\nhello'],
  ['a bare CR', '5\rx\r\nhello'],
  ['a bare LF in an extension', '5;a\nb\r\nhello'],
  ['a control character in an extension', '5;a\0b\r\nhello'],
  ['endless extensions', `5;${'a'.repeat(300)}`],
  ['more bytes than it says', '5\r\nhello!\r\n'],
  ['fewer bytes than it says', '5\r\nhell\r\n0\r\n\r\n'],
  ['a bare LF behind the bytes', '5\r\nhello\n'],
  ['a trailer without a name', '0\r\nnonsense\r\n\r\n'],
  ['a trailer that goes on', '0\r\na: b\r\n c\r\n\r\n'],
  ['a space in front of the colon', '0\r\na : b\r\n\r\n'],
  ['a bare LF behind a trailer', '0\r\na: b\n\r\n'],
  ['endless trailers', `0\r\n${'a: b\r\n'.repeat(2000)}`],
])('%s is refused', (_, text) => {
  for (const size of [Infinity, 1])
    expect(() => decode(text, size)).toThrow(expect.objectContaining({ code: 'BadRequest' }))
})

test('chunks of any size, that come in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 300 })),
      fc.integer({ min: 1, max: 50 }),
      (chunks, size) => {
        const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
        const decoded = decode(`${coded.join('')}0\r\n\r\nbehind`, size)
        expect(decoded).toEqual({ text: chunks.join(''), done: true, rest: 'behind' })
      },
    ),
  )
})
