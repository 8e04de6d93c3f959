import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitGlob } from '../../src/pattern/glob.ts'
import { glob, globText, tree } from './tools.ts'

test.each([
  // What is no pattern is what it is, backslashes included.
  ['a/b', 'a/b', undefined],
  ['a\\b', 'a\\b', undefined],
  ['', '', undefined],
  ['a[1', 'a[1', undefined],
  ['a{1}', 'a{1}', undefined],
  // With wildcards in it, a backslash escapes.
  ['a\\*b/c\\\\', 'a*b/c\\', undefined],
  ['a\\{b,c}/', 'a{b,c}/', undefined],
  // The base is the directory in front.
  ['*', '', '*'],
  ['a*', '', 'a*'],
  ['a/b*', 'a/', 'b*'],
  ['a/b/**', 'a/b/', '**'],
  ['a/\\*/*/c', 'a/*/', '*/c'],
  ['/x*', '/', 'x*'],
  ['a//b*', 'a//', 'b*'],
  ['../a/*', '../a/', '*'],
  ['a/{b,c}/d', 'a/', '{b,c}/d'],
  ['a/{b,b/*}', 'a/', '{b,b/*}'],
  ['{a,a}/b*', 'a/', '{a,a}/b*'],
  ['[a/b]*', '[a/', 'b]*'],
  ['x/{a/b,a/c}', 'x/a/', 'x/{a/b,a/c}'],
])('%s is at %j', (text, base, below) => {
  const split = splitGlob(text)
  expect([split.base, split.pattern?.text]).toEqual([base, below])
})

const cases: [pattern: string, yes: string[], no: string[]][] = [
  ['*', ['a', '.a', '..', 'a/'], ['', 'a/b', '/']],
  ['*/', ['a/', '.a/'], ['a', 'a/b/']],
  ['**', ['a', 'a/', 'a/b/c', 'a//b', '/a'], ['']],
  ['**/', ['a/', 'a/b/'], ['a', 'a/b']],
  ['a*/**', ['a/', 'ab/c', 'ab/c/d/'], ['b', 'c/a', 'ab']],
  ['*/**/b', ['a/b', 'a/c/b', 'a/c/d/b', 'a/b/'], ['b', 'ab', 'a/bc']],
  ['**/**/b', ['b', 'a/b'], ['a']],
  ['**/a/**/b', ['a/b', 'x/a/y/b', 'a/a/b'], ['a', 'b/a']],
  ['**b', ['b', 'ab'], ['a/b']],
  ['*//b', ['a//b'], ['a/b', 'a/x/b']],
  ['*/b', ['a/b', '../b'], ['/b', 'a//b']],
  ['{a,b/*}', ['a', 'b/x'], ['b', 'a/x', '{a,b/*}']],
  ['*.tar.gz', ['x.tar.gz', '.tar.gz'], ['x.tar.gz.bak', 'x.tarxgz']],
]
test.each(cases)('%s', (text, yes, no) => {
  const pattern = glob(text)
  for (const name of yes) expect(pattern.matches(name), name).toBe(true)
  for (const name of no) expect(pattern.matches(name), name).toBe(false)
})

test('what a directory that matches holds is covered', () => {
  const pattern = glob('*/run-*')
  for (const name of ['a/run-1', 'a/run-1/', 'a/run-1/x', 'a/run-1/x/y/'])
    expect(pattern.covers(name), name).toBe(true)
  for (const name of ['a', 'a/', 'run-1/x', 'a/x/run-1', ''])
    expect(pattern.covers(name)).toBe(false)
  expect(glob('*a/').covers('a')).toBe(false)
  expect(glob('*a/').covers('a/b')).toBe(true)
})

describe('how it is listed', () => {
  test('what names begin with, where', () => {
    const pattern = glob('{logs/20*/[ab],logs/21/x,lo*,models/**/z,a}')
    expect(pattern.beginnings('')).toEqual(['a', 'lo', 'models/'])
    expect(pattern.beginnings('logs/')).toEqual(['20', '21/'])
    expect(pattern.beginnings('logs/2026/')).toEqual([''])
    expect(pattern.beginnings('logs/21/')).toEqual(['x'])
    expect(pattern.beginnings('a/')).toEqual([])
  })

  test('names above U+FFFF come after all others', () => {
    expect(glob('{😀,\uffee,a}*').beginnings('')).toEqual(['a', '\uffee', '😀'])
  })

  test('as a whole only from where ** stands', () => {
    const pattern = glob('*/b/**/c')
    const [deep, below] = ['needsAllBelow', 'mayMatchBelow'] as const
    expect(['', 'a/', 'a/b/', 'a/b/x/'].map((name) => pattern[deep](name))).toEqual([
      false,
      false,
      true,
      true,
    ])
    expect(['', 'a/', 'a/c/', 'a/b/x/'].map((name) => pattern[below](name))).toEqual([
      true,
      true,
      false,
      true,
    ])
    expect(glob('*/b').mayMatchBelow('a/b/')).toBe(false)
  })

  test('nothing that matches is passed by', () => {
    fc.assert(
      fc.property(globText, tree, (text, names) => {
        const { base, pattern } = splitGlob(text)
        if (!pattern || base !== '') return
        for (const name of names) {
          if (!pattern.covers(name)) continue
          const above = [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index + 1))
          const first = [...above, name].find((one) => pattern.matches(one)) ?? ''
          for (const directory of ['', ...above.filter((one) => one.length < first.length)]) {
            expect(pattern.mayMatchBelow(directory)).toBe(true)
            const rest = first.slice(directory.length)
            const begins = pattern.beginnings(directory).some((begin) => rest.startsWith(begin))
            expect(begins || pattern.needsAllBelow(directory)).toBe(true)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

// What tries every way takes minutes for the first of them.
test('no pattern takes long', () => {
  const name = 'a'.repeat(1024)
  const deep = 'a/'.repeat(511) + 'a'
  for (const [text, tested] of [
    ['*a'.repeat(2000) + '*b', name],
    ['*?'.repeat(2000) + '[b]', name],
    ['a*'.repeat(2000) + 'b', name],
    ['*[a-z]'.repeat(500) + '*b', name],
    ['**/a/'.repeat(800) + 'b', deep],
    ['**/*a*/'.repeat(500) + 'b', deep],
    ['{a,b}*'.repeat(9) + 'c', name],
  ] as const) {
    const { pattern } = splitGlob(text)
    expect(pattern?.matches(tested)).toBe(false)
    expect(pattern?.covers(tested)).toBe(false)
  }
})

test('what is too long is refused', () => {
  expect(() => splitGlob('*'.repeat(4097))).toThrow('at most 4096 characters')
  expect(splitGlob('a'.repeat(5000)).pattern).toBeUndefined()
})
