import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareKeys, type Key, toKey } from '../../src/core/key.ts'
import { RunMeter } from '../../src/core/meter.ts'
import type { Entry, ListOptions, Store } from '../../src/core/store.ts'
import { splitGlob } from '../../src/pattern/glob.ts'
import { listMatching, type MatchingOptions, someMatching } from '../../src/pattern/list.ts'
import { regexPattern } from '../../src/pattern/regex.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { failure } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { fill, place } from '../sync/tools.ts'
import { temporaryDirectory } from '../transfer/tools.ts'
import { bashGlobs } from './bash.ts'
import { globText, tree } from './tools.ts'

async function matching(store: Store, text: string, options?: MatchingOptions): Promise<string[]> {
  const { base, pattern } = splitGlob(text)
  if (!pattern) throw new Error(`${text} is no pattern`)
  const found = await Array.fromAsync(listMatching(place(store, base), pattern, options))
  return found.map(({ key }) => key)
}

const keys = [
  'a.txt',
  'b.txt',
  'b.bin',
  'logs/2025/01/x.gz',
  'logs/2026/01/x.gz',
  'logs/2026/02/x.gz',
  'logs/2026/02/y',
  'logs/2026/readme',
  'logs-old/2026/x.gz',
  'm/a/z',
  'm/b/z',
  'm/z',
]

function suite(open: () => Promise<Store>): void {
  test('objects, or directories too, or all that is in them', async () => {
    await using store = await open()
    await fill(store, ...keys)
    expect(await matching(store, '*')).toEqual(['a.txt', 'b.bin', 'b.txt'])
    expect(await matching(store, '*', { directories: true })).toEqual([
      'a.txt',
      'b.bin',
      'b.txt',
      'logs-old/',
      'logs/',
      'm/',
    ])
    expect(await matching(store, '*/', { directories: true })).toEqual(['logs-old/', 'logs/', 'm/'])
    expect(await matching(store, 'logs/20{25,26}/01', { recursive: true })).toEqual([
      'logs/2025/01/x.gz',
      'logs/2026/01/x.gz',
    ])
    expect(await matching(store, '*', { recursive: true })).toEqual(keys.toSorted(compareKeys))
    expect(await matching(store, '{b,a}.txt')).toEqual(['a.txt', 'b.txt'])
    expect(await matching(store, 'm/{,*/}z')).toEqual(['m/a/z', 'm/b/z', 'm/z'])
  })

  test('at any depth', async () => {
    await using store = await open()
    await fill(store, ...keys)
    expect(await matching(store, 'logs/**/*.gz')).toEqual([
      'logs/2025/01/x.gz',
      'logs/2026/01/x.gz',
      'logs/2026/02/x.gz',
    ])
    expect(await matching(store, '**/z')).toEqual(['m/a/z', 'm/b/z', 'm/z'])
    expect(await matching(store, '**/0?', { directories: true })).toEqual([
      'logs/2025/01/',
      'logs/2026/01/',
      'logs/2026/02/',
    ])
    expect(await matching(store, '**/02', { recursive: true })).toEqual([
      'logs/2026/02/x.gz',
      'logs/2026/02/y',
    ])
    expect(await matching(store, 'logs/**', { after: toKey('logs/2026/02/x.gz') })).toEqual([
      'logs/2026/02/y',
      'logs/2026/readme',
    ])
  })

  test('by an expression, below the address', async () => {
    await using store = await open()
    await fill(store, ...keys)
    const list = (prefix: string, text: string): Promise<string[]> =>
      Array.fromAsync(listMatching(place(store, prefix), regexPattern(text)), ({ key }) => key)
    expect(await list('logs', '\\d+/02/.')).toEqual(['logs/2026/02/y'])
    expect(await list('', '.*/z')).toEqual(['m/a/z', 'm/b/z', 'm/z'])
    expect(await list('m/', 'z')).toEqual(['m/z'])
  })

  test('where nothing matches', async () => {
    await using store = await open()
    await fill(store, 'a/b')
    const { pattern } = splitGlob('x*')
    if (!pattern) throw new Error('no pattern')
    const listing = Array.fromAsync(someMatching('list', place(store), pattern))
    const error = await failure(listing, 'not-found')
    expect(error.message).toBe('nothing matches x*')
    expect(error.hint).toContain('--literal')
    for (const text of ['none/*', '*/none/*', '*/../*', '*/./b', '*//b'])
      expect(await matching(store, text)).toEqual([])
  })
}

describe('memory', () => suite(async () => memoryStore()))
describe('local', () => suite(async () => localStore(await temporaryDirectory())))
describeS3('S3', (endpoint) => {
  suite(async () => openBucket(endpoint))

  test('requests: nothing is listed that cannot match', async () => {
    await using store = await openBucket(endpoint)
    const many = Array.from({ length: 5 }, (_, i) => `deep/${i}/x/y.txt`)
    await fill(store, ...keys, ...many)
    const requests = async (text: string): Promise<number | undefined> => {
      const meter = new RunMeter()
      await matching(store, text, { meter })
      return meter.totals().requests.list
    }
    expect(await requests('*.txt')).toBe(1)
    expect(await requests('**/*.txt')).toBe(1)
    expect(await requests('deep/*/x/*.txt')).toBe(6)
    // Whether x is a directory is asked, too.
    expect(await requests('deep/*/x/**')).toBe(11)
    expect(await requests('{deep/3,deep/4/x,m}/*')).toBe(3)
    expect(await requests('logs/2026/*/x.gz')).toBe(3)
  })
})

test('a store as a model: what matches, in the order of keys, and by no more than it has to', async () => {
  await fc.assert(
    fc.asyncProperty(globText, tree, fc.boolean(), async (text, names, recursive) => {
      const store = memoryStore()
      await fill(store, ...names)
      const { base, pattern } = splitGlob(text)
      if (!pattern) return
      const wanted = names.filter((name) => {
        if (!name.startsWith(base)) return false
        const below = name.slice(base.length)
        return recursive ? pattern.covers(below) : pattern.matches(below)
      })
      expect(await matching(store, text, { recursive })).toEqual(wanted.toSorted(compareKeys))
    }),
    { numRuns: 300 },
  )
})

test('as bash finds files and directories, on a disk and in a store', async () => {
  await fc.assert(
    fc.asyncProperty(
      tree,
      fc.array(globText, { minLength: 40, maxLength: 40 }),
      async (names, texts) => {
        const root = await temporaryDirectory()
        const memory = memoryStore()
        for (const name of names) {
          await mkdir(dirname(join(root, name)), { recursive: true })
          await writeFile(join(root, name), '')
        }
        await fill(memory, ...names)
        const expected = bashGlobs(root, texts)
        for (const [i, text] of texts.entries()) {
          const { base, pattern } = splitGlob(text)
          if (!pattern) continue
          // `a/**` finds `a/` in bash as well: what is below it is meant.
          const below = expected[i]?.filter((name) => name !== base)
          const options = { directories: true }
          for (const store of [localStore(root), memory]) {
            const found = await matching(store, text, options)
            const sorted = found.toSorted(compareKeys)
            expect(found.toSorted(), text).toEqual(below)
            expect(found, text).toEqual(sorted)
          }
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('on a disk: empty directories, links, and directories nobody wants', async () => {
  const root = await temporaryDirectory()
  for (const name of ['a/empty', 'a/full/x', 'dark'])
    await mkdir(join(root, name), { recursive: true })
  await writeFile(join(root, 'a/full/x/1'), '')
  await writeFile(join(root, 'dark/1'), '')
  await symlink('a', join(root, 'link'))
  const store = localStore(root)
  expect(await matching(store, '*')).toEqual(['link'])
  expect(await matching(store, '*/*', { directories: true })).toEqual([
    'a/empty/',
    'a/full/',
    'dark/1',
  ])
  expect(await matching(store, 'a*', { directories: true, recursive: true })).toEqual([
    'a/',
    'a/empty/',
    'a/full/',
    'a/full/x/',
    'a/full/x/1',
  ])
  expect(await matching(store, '**/x', { recursive: true })).toEqual(['a/full/x/1'])
  const asked: string[] = []
  const enter = (directory: string): boolean => {
    asked.push(directory)
    return directory !== 'dark/'
  }
  expect(await matching(store, '*/1', { enter })).toEqual([])
  expect(asked).toEqual(['a/', 'dark/'])
  asked.length = 0
  expect(await matching(store, 'a/f*/**', { enter })).toEqual(['a/full/x/1'])
  expect(asked).toEqual(['a/full/', 'a/full/x/'])
})

test('keys that no file system has', async () => {
  const store = memoryStore()
  await fill(store, '/x', 'a//b', 'a/', 'a/./b', 'a/../b', '..', 'a/b', 'a')
  expect(await matching(store, '*', { directories: true })).toEqual(['..', 'a', 'a/'])
  expect(await matching(store, '*/b')).toEqual(['a/b'])
  expect(await matching(store, '*/*/b')).toEqual(['a/../b', 'a/./b'])
  expect(await matching(store, 'a/**/b')).toEqual(['a/../b', 'a/./b', 'a//b', 'a/b'])
  expect(await matching(store, '*//b')).toEqual(['a//b'])
  expect(await matching(store, '/*')).toEqual(['/x'])
  expect(await matching(store, '[a]/', { recursive: true })).toContain('a/')
})

test('several directories are listed at once', async () => {
  const store = memoryStore()
  const names = Array.from({ length: 40 }, (_, i) => `${String(i).padStart(2, '0')}/a/x`)
  await fill(store, ...names)
  let under = 0
  let most = 0
  async function* slowly(prefix: Key, options?: ListOptions): AsyncGenerator<Entry> {
    most = Math.max(most, ++under)
    await setImmediate()
    yield* store.list(prefix, options)
    under--
  }
  const slow: Store = { ...store, list: slowly }
  expect(await matching(slow, '*/*/x')).toEqual(names)
  expect(most).toBeGreaterThan(4)
  expect(most).toBeLessThan(20)
})

test('a listing that is aborted ends', async () => {
  const store = memoryStore()
  await fill(store, ...keys)
  const leave = new AbortController()
  const { pattern } = splitGlob('*/*')
  if (!pattern) throw new Error('no pattern')
  const listing = async (): Promise<void> => {
    for await (const _ of listMatching(place(store), pattern, {
      signal: leave.signal,
      directories: true,
    }))
      leave.abort()
  }
  await failure(listing(), 'interrupted')
})
