import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyKey, toKey } from '../../../src/core/key.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { byBytes, collect, entries, failure, keys } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'
import { runChild } from './run-child.ts'

async function tree(files: readonly string[]): Promise<string> {
  const directory = await testDirectory()
  for (const file of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true })
    if (!file.endsWith('/')) await writeFile(join(directory, file), '')
    else await mkdir(join(directory, file), { recursive: true })
  }
  return directory
}

test('a random tree is listed like its sorted keys, with any prefix and after', async () => {
  // Names that sort differently as bytes, as UTF-16, and with the slash that a directory gets.
  const name = fc.constantFrom(
    'a',
    'a-',
    'a.',
    'a0',
    'ab',
    'b',
    'B',
    '\ufffd',
    '\u{1f600}',
    '\u{e9}',
    '!',
  )
  const key = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 25 }),
      key,
      key,
      async (wanted, start, after) => {
        // What is a file cannot be a directory.
        const files = wanted.filter((one) => !wanted.some((other) => other.startsWith(`${one}/`)))
        const store = localStore(await tree(files))
        const sorted = files.toSorted(byBytes)
        expect(await keys(store, '')).toEqual(sorted)
        for (const prefix of [start, `${start}/`, start.replace(/.$/u, '')])
          expect((await entries(store, prefix)).map((entry) => entry.key)).toEqual(
            sorted.filter((one) => one.startsWith(prefix)),
          )
        const later = sorted.filter((one) => byBytes(one, after) > 0)
        expect(await keys(store, '', { after: toKey(after) })).toEqual(later)

        const parents = files.flatMap((one) =>
          one.split('/').map((_, i, all) => all.slice(0, i).join('/')),
        )
        const directories = [...new Set(parents)]
          .filter((one) => one !== '')
          .map((one) => `${one}/`)
        expect(await keys(store, '', { directories: true })).toEqual(
          [...files, ...directories].toSorted(byBytes),
        )
        const shallow = new Set(sorted.map((one) => one.replace(/\/.*/s, '/')))
        expect(await keys(store, '', { shallow: true })).toEqual([...shallow])
      },
    ),
    { numRuns: 40 },
  )
})

test('a directory of more names than are read at once', async () => {
  const directory = await testDirectory()
  const names = Array.from({ length: 3_000 }, (_, i) => `${'long-name-'.repeat(4)}${i}`)
  execFileSync('xargs', ['touch'], { cwd: directory, input: names.join('\n') })
  expect(await keys(localStore(directory), '')).toEqual(names.toSorted(byBytes))
})

test('kinds: files, links that are not followed, pipes', async () => {
  const directory = await tree(['dir/file'])
  await symlink('dir', join(directory, 'link'))
  await symlink('/nowhere', join(directory, 'dangling'))
  execFileSync('mkfifo', [join(directory, 'pipe')])
  const found = await entries(localStore(directory), '', { directories: true })
  expect(found.map(({ key, kind, size }) => [key, kind, size])).toEqual([
    ['dangling', 'symlink', 8],
    ['dir/', 'directory', 0],
    ['dir/file', 'file', 0],
    ['link', 'symlink', 3],
    ['pipe', 'special', 0],
  ])
  expect(await keys(localStore(directory), 'link/')).toEqual([])
  expect(await keys(localStore(directory), 'link')).toEqual([''])
})

test('hard links are entries of their own, of one inode', async () => {
  const directory = await tree(['one'])
  execFileSync('ln', [join(directory, 'one'), join(directory, 'two')])
  const [one, two] = await entries(localStore(directory), '')
  expect([one?.key, two?.key]).toEqual(['one', 'two'])
  expect(one?.file?.inode).toBe(two?.file?.inode)
})

test('a name that is not UTF-8 is told, escaped, and is no entry', async () => {
  const directory = await tree(['dir/a', 'dir/\ufffd', 'z'])
  const bad = Buffer.concat([Buffer.from(join(directory, 'dir/caf')), Buffer.from([0xe9, 0x27])])
  await writeFile(bad, '')
  const store = localStore(directory)
  const problems: unknown[] = []
  const found = await keys(store, '', { onProblem: (error) => problems.push(error) })
  expect(found).toEqual(['dir/a', 'dir/\ufffd', 'z'])
  expect(problems).toEqual([expect.objectContaining({ code: 'invalid-argument', key: 'dir/' })])
  expect(String(problems[0])).toContain(String.raw`$'caf\xe9\x27'`)
  await failure(keys(store, ''), 'invalid-argument')
})

test.skipIf(process.platform === 'win32')(
  'what permissions forbid is told, and the rest goes on',
  async () => {
    const directory = await tree(['a', 'shut/file', 'secret', 'z'])
    await chmod(directory, 0o755)
    await chmod(join(directory, 'shut'), 0)
    await chmod(join(directory, 'secret'), 0)
    const told = await runChild('list', directory)
    await chmod(join(directory, 'shut'), 0o755)
    expect(told).toEqual([
      'a',
      'secret',
      { error: 'local-io', key: 'shut/' },
      'z',
      { error: 'local-io', key: 'secret' },
      { error: 'local-io', key: 'shut/new' },
      { error: 'local-io', key: 'shut/file' },
    ])
  },
)

test('unfinished files are never listed', async () => {
  const directory = await tree(['.hawser-0123456789abcdef.part', '.hawser-x', 'a'])
  expect(await keys(localStore(directory), '')).toEqual(['.hawser-x', 'a'])
})

test('a root that is missing, or is a file, is not found', async () => {
  const directory = await tree(['file'])
  for (const name of ['none', 'file', 'file/below'])
    await failure(collect(localStore(join(directory, name)).list(emptyKey)), 'not-found')
})

test('the root may be a link', async () => {
  const directory = await tree(['real/dir/file'])
  await symlink('real', join(directory, 'root'))
  const store = localStore(join(directory, 'root'))
  expect(await keys(store, '')).toEqual(['dir/file'])
  expect(await keys(store, 'dir/')).toEqual(['file'])
})

test('what vanishes while it is listed is not there', async () => {
  const store = localStore(await tree(['a', 'b/c', 'd/e', 'f']))
  const found: string[] = []
  for await (const entry of store.list(emptyKey)) {
    found.push(entry.key)
    if (entry.key === 'a') execFileSync('rm', ['-r', 'b', 'f'], { cwd: store.location.root })
  }
  expect(found).toEqual(['a', 'd/e'])
})

test('a root that is moved away while it is listed has not lost the rest', async () => {
  const directory = await tree(['root/a', 'root/b/c', 'root/d/e'])
  const store = localStore(join(directory, 'root'))
  const found: string[] = []
  const listing = async (): Promise<void> => {
    for await (const entry of store.list(emptyKey)) {
      found.push(entry.key)
      if (entry.key === 'a') await rename(join(directory, 'root'), join(directory, 'elsewhere'))
    }
  }
  await failure(listing(), 'conflict')
  expect(found).toEqual(['a'])
})
