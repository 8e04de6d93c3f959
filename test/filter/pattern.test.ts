// Patterns: the cases that people know from rsync, hostile ones, and random ones beside a slow and obvious reference.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../src/filter/pattern.ts'

/** A directory's name ends in `/`. */
function fits(pattern: string, name: string): boolean {
  const isDirectory = name.endsWith('/')
  const path = isDirectory ? name.slice(0, -1) : name
  return compilePattern(pattern)(path, path.slice(path.lastIndexOf('/') + 1), isDirectory)
}

const cases: [pattern: string, yes: string[], no: string[]][] = [
  // The manual's own examples.
  ['*.o', ['a.o', '.o', 'd/a.o', 'a.o/'], ['a.oo', 'a.o/b']],
  ['/foo', ['foo', 'foo/'], ['d/foo', 'foo/foo']],
  ['foo/', ['foo/', 'd/foo/'], ['foo', 'd/foo']],
  ['foo/*/bar', ['foo/x/bar', 'd/foo/x/bar/'], ['foo/bar', 'foo/x/y/bar']],
  ['/foo/**/bar', ['foo/x/bar', 'foo/x/y/bar'], ['foo/bar', 'd/foo/x/bar']],
  ['foo/bar', ['foo/bar', 'd/foo/bar', 'd/foo/bar/'], ['foo', 'bar', 'xfoo/bar', 'foo/bar/x']],
  ['dir_name/***', ['dir_name/', 'dir_name/x', 'd/dir_name/x/y/'], ['dir_name', 'xdir_name/']],
  ['dir/**', ['dir/x', 'dir/x/y', 'd/dir/x'], ['dir/', 'dir']],
  ['*/', ['a/', 'b/c/'], ['a', 'b/c']],
  // Without wildcards a backslash is one; with them it escapes.
  ['foo\\bar', ['foo\\bar'], ['foobar']],
  ['foo\\bar*', ['foobar', 'foobarx'], ['foo\\bar']],
  ['foo\\\\bar*', ['foo\\bar', 'foo\\barx'], ['foobar']],
  ['\\*.c*', ['*.c', '*.cc'], ['a.c']],
  // Anchors and tails.
  ['a', ['a', 'd/a', 'a/'], ['b', 'a/b', 'ba']],
  ['a/b*', ['a/b', 'x/a/bc'], ['xa/b', 'a/x/b']],
  ['/a/*', ['a/b', 'a/b/'], ['a/', 'a/b/c', 'x/a/b']],
  ['/', [], ['a', 'a/']],
  ['/*', ['a', 'a/'], ['a/b']],
  ['**', ['a', 'a/', 'a/b'], []],
  ['**/foo', ['foo', 'a/foo', 'a/b/foo/'], ['xfoo', 'foo/x']],
  ['/**/foo', ['a/foo', 'a/b/foo'], ['foo']],
  ['**foo', ['foo', 'xfoo', 'a/xfoo'], ['foo/x']],
  ['a**', ['a', 'ab', 'a/b', 'x/ab/c'], ['b', 'xa']],
  ['a**b', ['ab', 'a/b', 'x/a/x/b', 'axb'], ['xab', 'ba']],
  ['**/a/**/b', ['a/x/b', 'y/a/x/b'], ['a/b', 'xa/y/b']],
  ['a/**/b/**', ['a/x/b/c', 'z/a/x/y/b/c/d'], ['a/b/c', 'a/x/b']],
  ['***', ['a', 'a/', 'a/b'], []],
  // One character.
  ['?', ['a', 'd/a', '\u{1f600}', 'é'], ['ab', 'e\u0301', '/']],
  ['a?b', ['axb', 'a\nb'], ['a/b', 'ab']],
  ['[abc]', ['a', 'c'], ['d', '[abc]']],
  ['[!a]', ['b', 'é', '\u{1f600}'], ['a', 'bb']],
  ['[^a]', ['b', '^'], ['a']],
  ['[]a]', [']', 'a'], ['b']],
  ['[!]a]', ['b'], [']', 'a']],
  ['[a-c]', ['b'], ['d', '-']],
  ['[a-]', ['a', '-'], ['b']],
  ['[a-c-e]', ['b', '-', 'e'], ['d']],
  ['[c-a]', ['c'], ['a', 'b']],
  ['[\u{1f600}-\u{1f60f}]', ['\u{1f605}'], ['\u{1f610}', '\ud83d']],
  ['[\\]]', [']'], ['\\']],
  ['[a\\-c]', ['a', '-', 'c'], ['b', '\\']],
  ['[[:digit:]x]', ['1', 'x'], ['a', ':', '[']],
  ['[![:upper:]]', ['a', 'é'], ['A']],
  ['[[:a]', ['[', ':', 'a'], ['b']],
  ['/x[!a]y', ['xby'], ['x/y', 'xay']],
  ['/[a/]', ['a'], ['/']],
  // Nothing else means anything.
  ['{a,b}', ['{a,b}'], ['a']],
  ['a.c+(d)$^|*', ['a.c+(d)$^|', 'a.c+(d)$^|x'], ['abc+(d)$^|', 'accd']],
  ['*.\u{1f600}', ['x.\u{1f600}'], ['x.\u{1f601}']],
  ['#*', ['#a'], ['a']],
  [' a ', [' a '], ['a']],
  ['*\n*', ['a\nb', '\n'], ['ab']],
]

describe('fits', () => {
  test.each(cases)('%j', (pattern, yes, no) => {
    expect(yes.filter((name) => !fits(pattern, name))).toEqual([])
    expect(no.filter((name) => fits(pattern, name))).toEqual([])
  })
})

test.each([
  '[',
  '[a',
  'x[!',
  '[]',
  '[[:nonsense:]]',
  '[[:digit:',
  'a*\\',
  '[\\',
  'x[/]y',
  '/a/[b',
  '**[',
])('%j, which can fit nothing, is refused', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: `a pattern that fits nothing: ${JSON.stringify(pattern)}`,
    }),
  )
})

test('hostile patterns take no time', () => {
  const long = `${'a'.repeat(1_000)}/`
  const names = ['a'.repeat(4_000), long.repeat(4), 'a/'.repeat(2_000), 'ab'.repeat(2_000)]
  const patterns = [
    '*a'.repeat(60),
    '**a'.repeat(60),
    '*a'.repeat(60) + '**' + '*a'.repeat(60),
    '**/'.repeat(60),
    `x**${'*/'.repeat(40)}**b`,
    'a**'.repeat(60),
    'a*/**'.repeat(40),
    `${'[a-z]*?'.repeat(60)}!`,
    '?**'.repeat(60),
  ]
  for (const body of patterns)
    for (const pattern of [body, `/${body}`, `${body}c`, `a/${body}c`])
      for (const name of names) {
        const start = performance.now()
        fits(pattern, name)
        expect(performance.now() - start, `${pattern} on ${name.length}`).toBeLessThan(2_000)
      }
})

/** What one piece of a pattern means. */
const pieces: Readonly<Record<string, RegExp>> = {
  a: /^a$/,
  b: /^b$/,
  '\\*': /^\*$/,
  '/': /^\/$/,
  '?': /^[^/]$/u,
  '[ab]': /^[ab]$/,
  '[!a-b]': /^[^a-b/]$/u,
  '[[:digit:]-]': /^[0-9-]$/,
}

/** Whether the pieces take up the whole text: tries all ways. */
function takesAll(rest: readonly string[], text: string): boolean {
  const [piece, ...others] = rest
  if (piece === undefined) return text === ''
  if (takesAll(others, text) && piece.startsWith('*')) return true
  const [char] = text
  if (char === undefined) return false
  if (piece.startsWith('*'))
    return (piece.length > 1 || char !== '/') && takesAll(rest, text.slice(char.length))
  return (pieces[piece]?.test(char) ?? false) && takesAll(others, text.slice(char.length))
}

function reference(parts: readonly string[], name: string): boolean {
  const isDirectory = name.endsWith('/')
  const path = isDirectory ? name.slice(0, -1) : name
  if (parts.length > 1 && parts.at(-1) === '/')
    return isDirectory && reference(parts.slice(0, -1), name)
  const text = parts.join('')
  const deep = text.includes('**')
  const whole = isDirectory && deep && text.endsWith('***') ? name : path
  if (parts[0] === '/') return takesAll(parts.slice(1), whole)
  if (text.startsWith('**')) return takesAll(parts, `/${whole}`)
  if (!deep && !text.includes('/')) return takesAll(parts, path.slice(path.lastIndexOf('/') + 1))
  const tails = path.split('/').map((_, i, all) => all.slice(i).join('/'))
  return tails.some((tail) => takesAll(parts, tail + whole.slice(path.length)))
}

test('random patterns fit what the manual says', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '*',
    '**',
    '/',
    '/',
    '?',
    '[ab]',
    '\\*',
    '[!a-b]',
    '[[:digit:]-]',
  )
  const parts = fc
    .array(piece, { minLength: 1, maxLength: 9 })
    .map((all) => (all.at(-1) === '**' && all.length % 2 ? [...all.slice(0, -1), '***'] : all))
    // Stars beside each other are other stars; a slash at the end is taken off once; no wildcard, no escape.
    .filter((all) => {
      const text = all.join('')
      return !/\*{4}|[^*\\]\*\*\*.|^\*\*\*.|\\\*\*|\/\/$/.test(text) && /[*?[]/.test(text)
    })
  const name = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'ba', '*', '1', '-', '\u{1f600}', '\n'), {
      minLength: 1,
      maxLength: 5,
    })
    .chain((all) => fc.boolean().map((directory) => all.join('/') + (directory ? '/' : '')))
  fc.assert(
    fc.property(parts, fc.array(name, { minLength: 1, maxLength: 8 }), (all, names) => {
      // Single stars beside each other mean `**`.
      const merged = all.reduce<string[]>((done, next) => {
        const last = done.at(-1)
        if (next.startsWith('*') && last?.startsWith('*')) done.splice(-1, 1, last + next)
        else done.push(next)
        return done
      }, [])
      for (const one of names)
        expect(fits(all.join(''), one), `${all.join('')} ${one}`).toBe(reference(merged, one))
    }),
    { numRuns: 3_000 },
  )
})
