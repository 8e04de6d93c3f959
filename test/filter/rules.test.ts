// Rules in their order: which side each is for, what is in a directory that is left out, what is refused.
import { describe, expect, test } from 'vitest'
import { parseRule } from '../../src/filter/rule.ts'
import { hidden, isProtected, withDirectories } from './tools.ts'

const names = withDirectories([
  'a.o',
  'b',
  'd/a.o',
  'd/b',
  'd/e/b',
  'x/y/file',
  'x/y/zzz',
  'x/z/file',
])

describe('the first that fits decides', () => {
  test.each([
    [['- *.o'], ['a.o', 'd/a.o']],
    [['+ /a.o', '- *.o'], ['d/a.o']],
    [
      ['- *.o', '+ /a.o'],
      ['a.o', 'd/a.o'],
    ],
    [
      ['- *', '!', '- b'],
      ['b', 'd/b', 'd/e/b'],
    ],
    [['- *', 'clear'], []],
    [['exclude d/'], ['d/', 'd/a.o', 'd/b', 'd/e/', 'd/e/b']],
    // What is in a directory that is left out cannot come back.
    [
      ['+ /d/b', '- d/'],
      ['d/', 'd/a.o', 'd/b', 'd/e/', 'd/e/b'],
    ],
    [['+ d/', '+ d/b', '- *'], names.filter((name) => name !== 'd/' && name !== 'd/b')],
    [
      ['+ */', '+ *.o', '- *'],
      ['b', 'd/b', 'd/e/b', 'x/y/file', 'x/y/zzz', 'x/z/file'],
    ],
    // The manual's example of a tree.
    [
      ['+ x/', '+ x/y/', '+ x/y/file', '- *'],
      names.filter((name) => !['x/', 'x/y/', 'x/y/file'].includes(name)),
    ],
  ])('%j', async (rules, expected) => {
    expect(await hidden({ rules }, names)).toEqual(expected)
    expect(await isProtected({ rules }, names)).toEqual(expected)
  })
})

describe('each side has its own', () => {
  test.each<[rules: string[], source: string[], target: string[]]>([
    [['H *.o'], ['a.o', 'd/a.o'], []],
    [['hide *.o'], ['a.o', 'd/a.o'], []],
    [['P *.o'], [], ['a.o', 'd/a.o']],
    [['protect *.o'], [], ['a.o', 'd/a.o']],
    [['S /a.o', '- *.o'], ['d/a.o'], ['a.o', 'd/a.o']],
    [['R /a.o', '- *.o'], ['a.o', 'd/a.o'], ['d/a.o']],
    [['show_/a.o', 'risk_/d/a.o', '-_*.o'], ['d/a.o'], ['a.o']],
    [['P d/e/', 'H d/b'], ['d/b'], ['d/e/', 'd/e/b']],
  ])('%j', async (rules, hiddenNames, protectedNames) => {
    expect(await hidden({ rules }, names)).toEqual(hiddenNames)
    expect(await isProtected({ rules }, names)).toEqual(protectedNames)
  })

  test('with deleteExcluded only protect and risk are for the destination', async () => {
    const rules = ['R /a.o', 'P /*.o', '- *.o']
    expect(await hidden({ rules, deleteExcluded: true }, names)).toEqual(['a.o', 'd/a.o'])
    expect(await isProtected({ rules, deleteExcluded: true }, names)).toEqual([])
    const other = ['P d/', '- *.o', 'P b']
    expect(await isProtected({ rules: other, deleteExcluded: true }, names)).toEqual(
      names.filter((name) => name.startsWith('d/') || name === 'b'),
    )
  })
})

test('names of an object store: only keys, of any form', async () => {
  const keys = ['/a/b', 'a//b', 'a/b/', 'b/a/c', 'c/../a', '\n/a', '\u{1f600}/a/b', 'a']
  expect(await hidden({ rules: ['- a/'] }, keys)).toEqual(
    expect.arrayContaining(['/a/b', 'a//b', 'a/b/', 'b/a/c', '\u{1f600}/a/b']),
  )
  expect(await hidden({ rules: ['- /\u{1f600}/'] }, keys)).toEqual(['\u{1f600}/a/b'])
  expect(await hidden({ rules: ['- ?/'] }, ['\u{1f600}/a', 'é/a', 'e\u0301/a'])).toHaveLength(2)
})

describe('refused, and said what is accepted', () => {
  test.each([
    ['foo', 'not a filter rule'],
    ['', 'not a filter rule'],
    [' - foo', 'not a filter rule'],
    ['Q foo', 'not a filter rule'],
    ['delete foo', 'not a filter rule'],
    ['+foo', 'modifiers'],
    ['-! foo', 'modifiers'],
    ['-,s foo', 'modifiers'],
    ['hide,p foo', 'modifiers'],
    ['-', 'no pattern'],
    ['- ', 'no pattern'],
    ['exclude', 'no pattern'],
    ['! foo', 'takes no pattern'],
    ['clear foo', 'takes no pattern'],
    ['. file', 'cannot be merged'],
    [': .rules', 'cannot be merged'],
    ['merge file', 'cannot be merged'],
    ['dir-merge .rules', 'cannot be merged'],
  ])('%j', (text, reason) => {
    expect(() => parseRule(text)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringContaining(reason),
        hint: expect.stringContaining('+ - P R H S'),
      }),
    )
  })
})
