import { describe, expect, test } from 'vitest'
import { excludeRule, includeRule, namesOfFile, rulesOfFile } from '../../src/filter/lines.ts'

test('a pattern of the command line is a rule of its kind, unless it says another', () => {
  expect(['*.o', '+ a', '- a', '!', '!a', '+a', '# a', ' a'].map(excludeRule)).toEqual([
    '- *.o',
    '+ a',
    '- a',
    '!',
    '- !a',
    '- +a',
    '- # a',
    '-  a',
  ])
  expect(['*.o', '- a', 'H a'].map(includeRule)).toEqual(['+ *.o', '- a', '+ H a'])
})

describe('rules of a file', () => {
  test('one a line, without comments', () => {
    const text = '\ufeff# first\n; second\n\n+ a\r\n- #b\r- c \nP  d\n!\n'
    expect(rulesOfFile(text, 'rules')).toEqual(['+ a', '- #b', '- c ', 'P  d', '!'])
    expect(rulesOfFile('', 'rules')).toEqual([])
  })

  test.each(['*.o', 'Q a', ' # no comment', '. other', ' '])(
    '%j is refused with its line',
    (line) => {
      expect(() => rulesOfFile(`+ a\n${line}\n- b`, 'my.rules')).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          message: expect.stringMatching(/^my\.rules, line 2: .*/),
          hint: expect.stringContaining('+ - P R H S'),
        }),
      )
    },
  )
})

function names(text: string, from0 = false): string[] {
  return namesOfFile(text, { file: 'list', from0 })
}

describe('names of a file', () => {
  test('one a line, in the order of bytes, each once', () => {
    const text =
      '\ufeffb\n\u{1f600}\n\ufffd\r\n/a\n./a\n.//./a/b\n# no\n;no\n\na/\n a \n...\n..a\na//b\nb'
    expect(names(text)).toEqual([
      ' a ',
      '...',
      '..a',
      'a',
      'a/',
      'a//b',
      'a/b',
      'b',
      '\ufffd',
      '\u{1f600}',
    ])
  })

  test('or between NULs, where a line end belongs to a name', () => {
    expect(names('b\nc\0a\r\0#no\0;no\0./#yes\0\0', true)).toEqual(['#yes', 'a\r', 'b\nc'])
  })

  test.each(['..', '../a', 'a/../b', 'a/..', '/..', '/', './', '.'])('%j is refused', (name) => {
    expect(() => names(`a\n${name}\n`)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/^list, line 2: a name/),
      }),
    )
    expect(() => names(`a\0${name}\0`, true)).toThrow(/^list, name 2: a name/)
  })
})
