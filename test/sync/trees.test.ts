import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Entry } from '../../src/core/store.ts'
import type { Candidate } from '../../src/sync/decide.ts'
import { withoutImpliedDirectories } from '../../src/sync/trees.ts'

/** `name` is only at the source, `name` after a minus only at the destination. */
async function kept(...names: string[]): Promise<string[]> {
  async function* candidates(): AsyncGenerator<Candidate> {
    for (const text of names) {
      const name = text.replace(/^-/, '')
      const entry = entryOf(name)
      const extraneous = text.startsWith('-')
      yield {
        name,
        source: extraneous ? undefined : entry,
        target: extraneous ? entry : undefined,
        row: undefined,
      }
    }
  }
  const found = await Array.fromAsync(withoutImpliedDirectories(candidates()))
  return found.map(({ name, source }) => (source ? name : `-${name}`))
}

function entryOf(name: string): Entry {
  const kind = name.endsWith('/') ? 'directory' : 'file'
  return { key: toKey(name), kind, size: 0, modified: 0n, etag: undefined }
}

test('a directory that the source has something in is not extraneous, at any depth', async () => {
  expect(await kept('-a/', 'a/x')).toEqual(['a/x'])
  expect(await kept('-a/', '-a/b/', '-a/b/c/', '-a/b/c/old', 'a/b/c/x')).toEqual([
    '-a/b/c/old',
    'a/b/c/x',
  ])
})

test('one that it has nothing in is extraneous', async () => {
  expect(await kept('-a/', '-a/old', 'b')).toEqual(['-a/old', '-a/', 'b'])
  expect(await kept('-a/', '-a/b/', 'a/c', '-d/')).toEqual(['-a/b/', 'a/c', '-d/'])
  expect(await kept('-a/')).toEqual(['-a/'])
})

test('everything else keeps its order', async () => {
  expect(await kept('a/', 'a/b', '-c', 'd')).toEqual(['a/', 'a/b', '-c', 'd'])
})
