// `.gitignore` files of a source, beside git itself.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeFilter } from '../../src/filter/filter.ts'
import { filesOf, hidden, isProtected, withDirectories } from './tools.ts'

// Longer than any run of `?` here: to git that is a byte.
const smile = '\u{1f600}'.repeat(4)
const files = [
  '.hidden',
  'a',
  'a-',
  'b.o',
  'c[1]/*/a',
  'c[1]/*/b.o',
  'c[1]/a',
  'd/a',
  'd/b.o',
  'd/e/a',
  'd/e/b.o',
  'd/e/f/a',
  'd/e/f/b.o',
  'd/f/e/a',
  'éééééé/a',
  'f/a/a',
  'f/ x /a',
  'f/\\/a',
  'x\ny/a',
  `${smile}/#a`,
  `${smile}/!a`,
]
const places = ['', 'c[1]/', 'c[1]/*/', 'd/', 'd/e/', 'f/', 'f/ x /', 'f/\\/', 'x\ny/', `${smile}/`]

describe('git', () => {
  let folder: string
  const git = async (args: readonly string[], input = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
      const child = execFile('git', args, { cwd: folder, env }, (error, stdout) => {
        // 1: none is ignored.
        if (error && error.code !== 1) reject(error)
        else resolve(stdout)
      })
      // One that reads nothing may be gone already.
      if (input !== '') child.stdin?.end(input)
    })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-git-'))
    await git(['init', '-q'])
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), '')
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const line = fc.oneof(
    fc.constantFrom(
      'a',
      '*.o',
      '!*.o',
      '!a',
      '/a',
      'd/',
      '/d/*',
      '!/d/e/',
      '!e/',
      '!f',
      '**/e',
      'e/**',
      'd/**/a',
      'f/e',
      '*',
      '!*/',
      '#a',
      '\\#a',
      '\\!a',
      '! x /',
      ' x ',
      ' x \\ ',
      'a ',
      '\\\\',
      'c[[]1]',
      'c?1]',
      '\\*',
      '/',
      '',
      '!',
      '/**',
      '.*',
      '!/.hidden',
      'a\r',
    ),
    fc
      .array(fc.constantFrom('a', 'd', 'e', 'f', '*', '**', '/', '/', '?', '[a-e]', '.o', '-'), {
        minLength: 1,
        maxLength: 5,
      })
      // Beside other characters `**` is `*`, but git mistakes it for itself after literal ones.
      .filter((parts) => !/[^/]\*\*|\*\*[^/]/.test(parts.join('')))
      .chain((parts) => fc.constantFrom('', '', '!').map((not) => not + parts.join(''))),
  )
  const ignoreFiles = fc.dictionary(
    fc.constantFrom(...places),
    fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n')),
    { maxKeys: 3, noNullPrototype: true },
  )

  test('ignores the same in random trees', async () => {
    await fc.assert(
      fc.asyncProperty(ignoreFiles, async (texts) => {
        const named = Object.fromEntries(
          Object.entries(texts).map(([place, text]) => [`${place}.gitignore`, text]),
        )
        for (const [path, text] of Object.entries(named)) writeFileSync(join(folder, path), text)
        const names = withDirectories([...files, ...Object.keys(named)])
        // Without the slash: git looks what is there.
        const paths = names.map((name) => name.replace(/\/$/, ''))
        const output = await git(['check-ignore', '-z', '--stdin'], `${paths.join('\0')}\0`)
        for (const path of Object.keys(named)) rmSync(join(folder, path))
        const ignored = new Set(output.split('\0'))
        const expected = names.filter((_, i) => ignored.has(paths[i] ?? ''))
        expect(await hidden({ gitignore: true }, names, filesOf(named))).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })
})

const names = withDirectories([
  '.git/config',
  'a/.git',
  'a/b/c',
  'a/b/d.o',
  'a/keep.o',
  'x.o',
  'agit',
])

test('a repository is left out, and all that its files say', async () => {
  const read = filesOf({ '.gitignore': '*.o\n', 'a/.gitignore': '!keep.o\n/b/\n' })
  const left = ['.git/', '.git/config', 'a/.git', 'a/b/', 'a/b/c', 'a/b/d.o', 'x.o']
  expect(await hidden({ gitignore: true }, names, read)).toEqual(left)
  expect(await isProtected({ gitignore: true }, ['.git/x', 'a/.git/y'])).toHaveLength(2)
  expect(await isProtected({ gitignore: true, deleteExcluded: true }, names)).toEqual([])
})

test('names that git cannot have', async () => {
  const odd = ['../x', './x', '/x', 'a//x', 'a/./x', 'a/../x', '//', '.', '..', '/']
  expect(await hidden({ gitignore: true }, odd, filesOf({ '.gitignore': '*\n!a/\n' }))).toEqual([])
})

test('each file is read once, when its directory is entered, by whoever comes first', async () => {
  const read: string[] = []
  const filter = makeFilter({ gitignore: true }, async (key) => {
    read.push(key)
    return key === '.gitignore' ? 'out/\n' : undefined
  })
  for (const name of withDirectories(['a/b/c', 'out/x/y', 'z'])) {
    if (name.endsWith('/')) {
      await filter?.enters(name, 'source')
      await filter?.enters(name, 'target')
    }
    await filter?.judge(name, undefined, undefined)
  }
  expect(read).toEqual(['.gitignore', 'a/.gitignore', 'a/b/.gitignore'])
  expect(await filter?.enters('out/', 'source')).toBe(false)
  expect(await filter?.enters('out/x/', 'target')).toBe(false)
  expect(await filter?.enters('zz/', 'source')).toBe(true)
})

test('a file that cannot be read fails the name, and is read again', async () => {
  let broken = true
  const filter = makeFilter({ gitignore: true }, async () => {
    if (broken) throw new Error('unreadable')
    return 'a'
  })
  await expect(filter?.judge('a', undefined, undefined)).rejects.toThrow('unreadable')
  broken = false
  expect(await filter?.judge('a', undefined, undefined)).toMatchObject({ hidden: true })
})

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

test('nothing is kept of names that went by', { timeout: 120_000 }, async () => {
  const filter = makeFilter({ gitignore: true }, filesOf({ '.gitignore': '*.o\n/x/*/y\n' }))
  const judge = async (from: number, to: number): Promise<number> => {
    for (let i = from; i < to; i++) {
      const directory = `directory-${Math.floor(i / 50)}`.padStart(100, 'x')
      await filter?.judge(`${directory}/${String(i).padStart(100, 'f')}`, undefined, undefined)
    }
    if (typeof collectGarbage === 'function') collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = await judge(0, 20_000)
  const after = await judge(20_000, 120_000)
  // 100,000 names of 200 characters would be more than 20 MB.
  expect(after - before).toBeLessThan(15e6)
})
