// Files of patterns for the whole tree, in git's form and in Docker's.
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

test('a pattern that Docker refuses is refused', () => {
  const ignoreFiles = [{ name: '.dockerignore', text: 'a\n[b\n' }]
  expect(() => makeFilter({ ignoreFiles }, noFiles)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: '.dockerignore has a pattern that is not valid: "[b"',
    }),
  )
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
