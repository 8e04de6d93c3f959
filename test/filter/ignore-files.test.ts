// Files of patterns for the whole tree, in git's form and in Docker's.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeFilter } from '../../src/filter/filter.ts'
import { hidden, isProtected, noFiles, withDirectories } from './tools.ts'

const docker = async (text: string, names: readonly string[]): Promise<string[]> =>
  hidden({ ignoreFiles: [{ name: 'sub/.dockerignore', text }] }, names)
const git = async (text: string, names: readonly string[]): Promise<string[]> =>
  hidden({ ignoreFiles: [{ name: 'my.ignore', text }] }, names)

describe("Docker's published examples", () => {
  test.each<[text: string, out: string[], kept: string[]]>([
    [
      '# comment\n*/temp*\n*/*/temp*\ntemp?\n',
      [
        'somedir/temporary.txt',
        'somedir/temp/',
        'somedir/temp/x',
        'somedir/subdir/temporary.txt',
        'tempa',
        'tempb',
      ],
      ['temp', 'tempab', 'a/b/c/temp', '# comment'],
    ],
    ['**/*.go\n', ['a.go', 'a/b/c.go'], ['a.gox', 'ago']],
    ['*.md\n!README.md\n', ['CHANGES.md'], ['README.md', 'docs/CHANGES.md']],
    [
      '*.md\n!README*.md\nREADME-secret.md\n',
      ['a.md', 'README-secret.md'],
      ['README.md', 'README-x.md'],
    ],
    ['*.md\nREADME-secret.md\n!README*.md\n', ['a.md'], ['README.md', 'README-secret.md']],
    ['/foo/bar/\n', ['foo/bar', 'foo/bar/x'], ['x/foo/bar', 'foo/barx']],
    // Anchored; exceptions below what is left out count; the rest of the tree stays out.
    ['*\n!a/keep\n', ['b', 'a/', 'a/b', 'a/b/keep'], ['a/keep']],
    ['foo', ['foo', 'foo/x/y'], ['a/foo']],
    // What would mean something in a regular expression, and in an object's prototype.
    ['file(1)+{a}|^$.txt\n', ['file(1)+{a}|^$.txt'], ['file1', 'file(1)+{a}|^$xtxt']],
    ['\\*\\d\\(x', ['*d(x'], ['ad(x', '*1(x']],
    ['[a-c]x', ['bx'], ['dx']],
    ['*', ['constructor', '__proto__', 'toString', '.hidden'], []],
    ['CASE\r\n\ufeffx', ['CASE'], ['case']],
  ])('%j', async (text, out, kept) => {
    expect(await docker(text, out)).toEqual(out)
    expect(await docker(text, kept)).toEqual([])
  })
})

describe("what Docker's own matcher is asked", () => {
  test.each<[text: string, out: string[], kept: string[]]>([
    ['**', ['file', 'dir/file', 'dir/'], []],
    ['**/', ['file', 'dir/file'], []],
    ['**/**', ['dir/file'], []],
    ['dir/**', ['dir/file', 'dir/dir2/file', 'dir/dir2/'], ['dir/', 'dirx/file']],
    ['**/dir', ['dir', 'dir/file', 'x/dir/file'], ['xdir']],
    ['**/dir2/*', ['dir/dir2/file', 'dir/dir2/file/x'], ['dir/dir2/']],
    ['**/dir2/**', ['dir/dir2/dir3/file'], ['dir/dir2/', 'dir/file']],
    ['**file', ['file', 'dir/file', 'dir/dir/file', 'x/myfile'], ['file.txt']],
    ['**/file*txt', ['dir/dir/file.txt'], ['dir/xfile.txt']],
    ['**/file*.txt*', ['dir/dir/file.txt', 'file.txt.gz'], ['file/x']],
    ['**/**/*.txt', ['dir/dir/file.txt', 'file.txt'], ['file.txt2']],
    ['a**/*.txt', ['a/file.txt', 'a/dir/file.txt', 'ab/dir/dir/file.txt', 'ax.txt'], ['b/a.txt']],
    ['a/*.txt', ['a/file.txt'], ['a/dir/file.txt']],
    ['a/*.txt**', ['a/file.txt', 'a/file.txt.gz/x'], ['a/file']],
    ['a*c**b', ['acb', 'acxcb', 'ac/x/b', 'axc/c/b'], ['acxb', 'a/cb', 'ac/xb']],
    ['**a**b**c', ['abc', 'x/ab/c', 'ax/b/y/c', 'y/abc/z'], ['xabc', 'a/b/xc', 'ac']],
    ['a[b-d]e', ['ace'], ['ae', 'aae']],
    ['a[^b-d]e', ['aze'], ['ace', 'a/e']],
    ['[!a]', ['!', 'a'], ['b']],
    ['[\\]a]', [']', 'a'], ['\\']],
    ['[x\\-]', ['x', '-'], ['z']],
    ['[a-\u03b6]*', ['\u03b1'], ['A']],
    ['a?b', ['a\u263ab'], ['a/b', 'ab']],
    ['.*', ['.foo'], ['foo']],
    ['abc.def', ['abc.def'], ['abcdef', 'abcZdef']],
    ['a*b*c*d*e*/f', ['axbxcxdxe/f', 'axbxcxdxexxx/f'], ['axbxcxdxe/xxx/f']],
    ['a*b?c*x', ['abxbbxdbxebxczzx'], ['abxbbxdbxebxczzy']],
    ['a\\*b', ['a*b'], ['ab']],
    ['a\\\\', ['a\\'], ['a']],
    ['**\n!util/web', ['util/x'], ['util/web/foo']],
    ['**\n!util/web\nutil/web/foo', ['util/web/foo'], ['util/web/x']],
    // Names and patterns are taken as paths; a `!` may have spaces after it.
    ['./a/../b//c/', ['b/c', 'b/c/d'], ['a', 'b']],
    ['*\n! /x/y', ['z', 'x/z'], ['x/y']],
    ['.\n/\n..\n../x', [], ['a', 'x', 'x/y']],
  ])('%j', async (text, out, kept) => {
    expect(await docker(text, out)).toEqual(out)
    expect(await docker(text, kept)).toEqual([])
  })

  const loose = 'a**'.repeat(5)
  test.each([
    '[b',
    '[',
    '[]',
    '[]a]',
    '[-]',
    '[x-]',
    '[-x]',
    '[a-b-c]',
    '[^',
    '[^]',
    'a\\',
    '!',
    '[[:x:]]',
    `${loose}b`,
  ])('refuses %j', (line) => {
    const ignoreFiles = [{ name: '.dockerignore', text: `a\n${line}\n` }]
    expect(() => makeFilter({ ignoreFiles }, noFiles)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: `.dockerignore has a pattern that is not valid: ${JSON.stringify(line)}`,
      }),
    )
  })
})

/** As Docker translates a pattern: simple, and as slow as can be. */
function translated(parts: readonly string[]): RegExp {
  const sources = parts.map((part, i) => {
    if (part.startsWith('**')) return i === parts.length - 1 ? '.*' : '(.*/)?'
    if (part === '*') return '[^/]*'
    return part === '?' ? '[^/]' : part
  })
  return new RegExp(`^${sources.join('')}(/.*)?$`, 'su')
}

test('random patterns fit what Docker makes of them', async () => {
  const part = fc.constantFrom('a', 'b', '*', '?', '/', '[ab]')
  const pattern = fc
    .array(fc.oneof(part, part, part, fc.constant('**'), fc.constant('**/')), {
      minLength: 1,
      maxLength: 8,
    })
    .filter((parts) => {
      const text = parts.join('')
      // Others are other stars, or other paths; one with nothing else after its `**` means another thing.
      return (
        !/\*{3}|\*\*?\/\/|\/\/|^\/|\/$|^\*\*[^*?[/][^*?[]*$/.test(text) &&
        !parts.some((one, i) => one === '**' && parts[i + 1] === '/') &&
        !parts.some((one, i) => one.endsWith('*') && parts[i + 1]?.startsWith('*'))
      )
    })
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aab'), { minLength: 1, maxLength: 5 })
    .map((all) => all.join('/'))
  await fc.assert(
    fc.asyncProperty(
      pattern,
      fc.array(path, { minLength: 1, maxLength: 8 }),
      async (parts, names) => {
        const text = parts.join('')
        const reference = translated(parts)
        const expected = names.filter((name) => reference.test(name))
        expect(await docker(text, names), text).toEqual(expected)
      },
    ),
    { numRuns: 2_000 },
  )
})

describe('hostile patterns take no time', () => {
  const names = ['a'.repeat(4_000), 'a/'.repeat(2_000) + 'c', `${'a'.repeat(1_000)}/`.repeat(4)]
  test.each<[file: string, text: string]>([
    ['.dockerignore', '*a'.repeat(60)],
    ['.dockerignore', `${'*a'.repeat(60)}b`],
    ['.dockerignore', `${'**/a*/'.repeat(40)}b`],
    ['.dockerignore', `${'**/'.repeat(60)}b`],
    ['.dockerignore', '**a**a**a**a**b'],
    ['.dockerignore', `${'[^b]*?'.repeat(60)}!`],
    ['x', `${'*a'.repeat(60)}b`],
    ['x', `${'**/a*/'.repeat(40)}b`],
    ['x', `${'**/'.repeat(60)}b`],
    ['x', `/${'*a'.repeat(60)}/**/${'?*'.repeat(60)}b`],
    ['x', `${'[!b]*?'.repeat(60)}!`],
  ])('%s %s', (name, text) => {
    const filter = makeFilter({ ignoreFiles: [{ name, text }] }, noFiles)
    for (const long of names) {
      const start = performance.now()
      void filter?.judge(long, undefined, undefined)
      expect(performance.now() - start, `${long.length}`).toBeLessThan(5_000)
    }
  })
})

test("other files are of git's form, and hold for the whole tree", async () => {
  const names = withDirectories(['a.o', 'd/a.o', 'd/keep.o', 'out/keep.o', 'd/out/x', 'x/Out/y'])
  expect(await git('*.o\n!keep.o\nout/\n', names)).toEqual(
    names.filter((name) => name.endsWith('/a.o') || name === 'a.o' || /(^|\/)out\//.test(name)),
  )
  expect(await git('# nothing\n\n', names)).toEqual([])
  // Several are one list; a `.dockerignore` is a list of its own.
  const ignoreFiles = [
    { name: 'one', text: '*.o' },
    { name: '.dockerignore', text: 'd/keep.o' },
    { name: 'two', text: '!keep.o' },
  ]
  expect(await hidden({ ignoreFiles }, ['a.o', 'd/keep.o', 'out/keep.o'])).toEqual([
    'a.o',
    'd/keep.o',
  ])
  expect(await isProtected({ ignoreFiles }, ['a.o'])).toEqual(['a.o'])
  expect(await isProtected({ ignoreFiles, deleteExcluded: true }, ['a.o'])).toEqual([])
})

test('names that only object stores have are not left out, and nothing throws', async () => {
  const odd = ['../x', './x', '/x', 'y//x', 'y/../x', '//', '.', '..', '/', '/..']
  expect(await docker('*\n**', odd)).toEqual([])
  expect(await git('x\n*\n!y/', odd)).toEqual([])
})

function enters(name: string, text: string): unknown {
  const filter = makeFilter({ ignoreFiles: [{ name, text }] }, noFiles)
  return [filter?.enters('d/', 'source'), filter?.enters('d/', 'target')]
}

test('a walk goes where something may be in again', () => {
  expect(enters('.dockerignore', 'd\n')).toEqual([false, false])
  expect(enters('.dockerignore', 'd\n!d/x\n')).toEqual([true, true])
  expect(enters('ignore', 'd/\n!d/x\n')).toEqual([false, false])
})
