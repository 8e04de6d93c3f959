import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { framing, MAX_HEAD, parseHead } from '../../../src/stores/s3/head.ts'

const tokenCharacters = Array.from("azAZ09!#$%&'*+-.^_`|~")
const parse = (text: string) => parseHead(Buffer.from(text, 'latin1'))

describe('parseHead', () => {
  test('reads status, fields and where the body begins', () => {
    const text = 'HTTP/1.1 206 Partial Content\r\nContent-Length:5\r\nETag: \t"x"\t \r\n\r\n'
    const head = parse(`${text}hello`)
    expect(head).toEqual({
      status: 206,
      persistent: true,
      bytes: text.length,
      headers: new Map([
        ['content-length', '5'],
        ['etag', '"x"'],
      ]),
    })
  })

  test.each([
    ['a status line without a reason', 'HTTP/1.1 200\r\n\r\n'],
    ['an empty reason', 'HTTP/1.1 200 \r\n\r\n'],
    ['bytes above ASCII', 'HTTP/1.1 200 \xe9\r\nx: \xff\r\n\r\n'],
    ['an empty value', 'HTTP/1.1 200 OK\r\nx:\r\n\r\n'],
  ])('takes %s', (_, text) => {
    expect(parse(text)?.status).toBe(200)
  })

  test.each([
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['another version', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['a lower-case protocol', 'http/1.1 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status above 599', 'HTTP/1.1 600 OK\r\n\r\n'],
    ['two spaces', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['an empty first line', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nx\r\n\r\n'],
    ['an empty name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nx : y\r\n\r\n'],
    ['a name that is no token', 'HTTP/1.1 200 OK\r\nx(y): z\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx: y\r\n z: 1\r\n\r\n'],
    ['a folded line with a tab', 'HTTP/1.1 200 OK\r\nx: y\r\n\tz\r\n\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nx: y\nz: 1\r\n\r\n'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nx: y\rz: 1\r\n\r\n'],
    ['a null byte', 'HTTP/1.1 200 OK\r\nx: \0\r\n\r\n'],
    ['a delete character', 'HTTP/1.1 200 OK\r\nx: \x7f\r\n\r\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'MalformedHead' }))
  })

  test('takes a head of the largest size, and refuses what has no end by then', () => {
    const start = 'HTTP/1.1 200 OK\r\nx: '
    const filler = 'a'.repeat(MAX_HEAD - start.length - 4)
    expect(parse(`${start}${filler}\r\n\r\n`)?.bytes).toBe(MAX_HEAD)
    expect(() => parse(`${start}${filler}a\r\n\r\n`)).toThrow('a head of more than')
    expect(parse(`${start}${filler}`)).toBeUndefined()
  })

  test('is not slow with white space', () => {
    expect(parse(`HTTP/1.1 200 OK\r\nx: a${' \t'.repeat(30_000)}b\r\n\r\n`)?.status).toBe(200)
  })

  test.each([
    ['HTTP/1.1 200 OK\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: x\r\nconnection: close\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n', false],
  ])('knows whether the connection lives on: %j', (text, persistent) => {
    expect(parse(text)?.persistent).toBe(persistent)
  })

  test('reads what it is given, and needs all of it', () => {
    const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1 })
    const value = fc
      .string({
        unit: fc
          .nat({ max: 255 })
          .filter(isText)
          .map((c) => String.fromCodePoint(c)),
      })
      .map((text) => text.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    const blanks = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 })
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.array(fc.tuple(token, blanks, value, blanks), { maxLength: 8 }),
        fc.uint8Array({ maxLength: 40 }),
        (status, fields, body) => {
          const lines = fields.map(
            ([name, before, text, after]) => `${name}:${before}${text}${after}\r\n`,
          )
          const text = `HTTP/1.1 ${status} reason\r\n${lines.join('')}\r\n`
          const bytes = Buffer.concat([Buffer.from(text, 'latin1'), body])
          const expected = new Map<string, string>()
          for (const [name, , content] of fields) {
            const earlier = expected.get(name.toLowerCase())
            expected.set(
              name.toLowerCase(),
              earlier === undefined ? content : `${earlier}, ${content}`,
            )
          }
          const head = parseHead(bytes)
          expect(head?.status).toBe(status)
          expect(head?.bytes).toBe(text.length)
          expect(head?.headers).toEqual(expected)
          for (const cut of [0, 1, text.length >> 1, text.length - 1])
            expect(parseHead(bytes.subarray(0, cut))).toBeUndefined()
        },
      ),
    )
  })

  test('never does anything but answer or refuse', () => {
    const unit = fc.oneof(
      fc.constantFrom('HTTP/1.1 ', '200', ' OK', '\r\n', '\r', '\n', ':', ' ', '\t', '\0'),
      fc.constantFrom('Content-Length', 'Transfer-Encoding', 'chunked', ',', '5', '-1', '1e3'),
      fc.nat({ max: 255 }).map((code) => String.fromCodePoint(code)),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 60 }), fc.boolean(), (pieces, prefixed) => {
        const text = `${prefixed ? 'HTTP/1.1 200 OK\r\n' : ''}${pieces.join('')}\r\n\r\n`
        try {
          const head = parse(text)
          expect(head?.bytes).toBeLessThanOrEqual(text.length)
          const found = head && framing(head)
          if (found?.kind === 'length') expect(Number.isSafeInteger(found.length)).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ name: 'MalformedHead' })
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function isText(code: number): boolean {
  return code === 9 || (code >= 32 && code !== 127)
}

function frame(status: number, fields: string) {
  const head = parse(`HTTP/1.1 ${status} x\r\n${fields}\r\n`)
  if (!head) throw new Error('no head')
  return framing(head)
}

describe('framing', () => {
  test.each([
    ['content-length: 5\r\n', 5],
    ['content-length: 005\r\n', 5],
    ['content-length: 5\r\nContent-Length: 5\r\n', 5],
    ['content-length: 5, 5\r\n', 5],
  ])('%j is a length', (fields, length) => {
    expect(frame(200, fields)).toEqual({ kind: 'length', length })
  })

  test.each([
    '',
    'transfer-encoding: chunked\r\n',
    'transfer-encoding: gzip\r\ncontent-length: 5\r\n',
  ])('%j is for a full client', (fields) => {
    expect(frame(200, fields)).toEqual({ kind: 'other' })
  })

  test.each(['5, 6', '-1', '+5', '5.0', '0x5', '1e3', '', '5,', '9007199254740992', 'five', '5 5'])(
    'refuses the length %j',
    (value) => {
      expect(() => frame(200, `content-length: ${value}\r\n`)).toThrow('Content-Length')
    },
  )

  test('refuses two lengths that differ', () => {
    expect(() => frame(200, 'content-length: 5\r\ncontent-length: 6\r\n')).toThrow('Content-Length')
  })

  test.each([204, 304])('%i has no body', (status) => {
    expect(frame(status, 'content-length: 5\r\n')).toEqual({ kind: 'length', length: 0 })
  })
})
