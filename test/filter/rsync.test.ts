// The same rules given to rsync, where it is installed: what it would send, and what it would delete.
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseRule } from '../../src/filter/rule.ts'
import { withDirectories, verdicts } from './tools.ts'

const run = promisify(execFile)

function isInstalled(): boolean {
  try {
    execFileSync('rsync', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const files = [
  'a',
  'b',
  'a.o',
  'a*b',
  '[a',
  'a]',
  'ab/a',
  'ab/b',
  'ab/ab/a',
  'ab/ab/b/a',
  'ab/ab/b/ab',
  'ba/a',
  'ba/ab/b/a',
  'ba/b/b/b',
  'ba/a-b',
  'c/1',
  'c/a/b/c/a',
  'c/a\\b',
  'd/a',
  'd/b/a.o',
]

const names = withDirectories(files)

const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  'c',
  '*',
  '*',
  '**',
  '***',
  '/',
  '/',
  '?',
  '[ab]',
  '[!a]',
  '[]a]',
  '[a/b]',
  '[[:alpha:]]',
  '[b-a',
  '\\',
  '.',
  '-',
)
const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
const rule = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(fc.constantFrom('-', '-', '-', '+', 'H', 'S', 'P', 'R', 'exclude', 'include'), pattern)
      .map((both) => both.join(' ')),
  },
  { weight: 1, arbitrary: fc.constant('!') },
)

function isRefused(text: string): boolean {
  try {
    parseRule(text)
    return false
  } catch {
    return true
  }
}

describe.skipIf(!isInstalled())('rsync', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-rsync-'))
    for (const file of files) {
      mkdirSync(dirname(join(folder, 'tree', file)), { recursive: true })
      writeFileSync(join(folder, 'tree', file), '')
    }
    mkdirSync(join(folder, 'empty'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function says(from: string, to: string, options: readonly string[]): Promise<string[]> {
    const all = [
      '-rn',
      '--ignore-errors',
      ...options,
      `${join(folder, from)}/`,
      `${join(folder, to)}/`,
    ]
    const { stdout } = await run('rsync', all)
    return stdout.split('\n')
  }

  test('sends what is not hidden, and keeps what is protected', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (rules, deleteExcluded) => {
          const filters = rules.map((text) => `-f${text}`)
          const removal = deleteExcluded ? '--delete-excluded' : '--delete'
          const [sent, removed] = await Promise.all([
            says('tree', 'empty', ['--out-format=%n', ...filters]),
            says('empty', 'tree', ['--out-format=%i %n', removal, ...filters]),
          ])
          // What is refused here fits nothing there.
          const taken = rules.filter((text) => !isRefused(text))
          const found = await verdicts({ rules: taken, deleteExcluded }, names)
          const listed = (side: 'hidden' | 'protected'): string[] =>
            names.filter((name) => !found.get(name)?.[side])
          expect(sent.filter((name) => names.includes(name)).toSorted()).toEqual(
            listed('hidden').toSorted(),
          )
          // It also says that it removes directories that are not empty, and then cannot.
          const gone = removed.flatMap((line) => /^\*deleting +(.*[^/])$/.exec(line)?.[1] ?? [])
          expect(gone.toSorted()).toEqual(
            listed('protected')
              .filter((name) => !name.endsWith('/'))
              .toSorted(),
          )
        },
      ),
      { numRuns: 40 },
    )
  })
})
