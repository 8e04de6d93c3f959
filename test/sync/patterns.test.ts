// Copies and moves of what a pattern means.
import { expect, test } from 'vitest'
import { asTree } from '../../src/core/place.ts'
import type { Store } from '../../src/core/store.ts'
import { splitGlob } from '../../src/pattern/glob.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy, type CopyOptions, type SourcePlace } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import { failure } from '../conformance/tools.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { fill, names, place } from './tools.ts'

function matching(store: Store, text: string): SourcePlace {
  const { base, pattern } = splitGlob(text)
  return { ...asTree(place(store, base)), pattern }
}

async function options(more: Partial<CopyOptions> = {}): Promise<CopyOptions> {
  return { state: await temporaryState(), ...more }
}

const tree = ['logs/a.gz', 'logs/b.txt', 'logs/x/c.gz', 'logs/x/d/e.gz', 'logs/y/f.txt', 'other.gz']

test.each([
  ['logs/*.gz', false, ['a.gz']],
  ['logs/**/*.gz', false, ['a.gz', 'x/c.gz', 'x/d/e.gz']],
  ['logs/*', false, ['a.gz', 'b.txt']],
  ['logs/{x,y}', true, ['x/c.gz', 'x/d/e.gz', 'y/f.txt']],
  ['*.gz', false, ['other.gz']],
])('%s, recursive: %s', async (text, recursive, expected) => {
  for (const from of [memoryStore(), localStore(await temporaryDirectory(), { durable: false })]) {
    const to = memoryStore()
    await fill(from, ...tree)
    const { summary } = await copy(
      [matching(from, text)],
      place(to, 'to'),
      await options({ recursive }),
    )
    expect(summary).toMatchObject({ copied: expected.length, failed: 0 })
    expect(await names(to)).toEqual(expected.map((name) => `to/${name}`))
  }
})

test('what matches nothing is not found, and nothing is done', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await fill(from, ...tree)
  await failure(copy([matching(from, 'logs/*.zip')], place(to), await options()), 'not-found')
  expect(await names(to)).toEqual([])
})

test('a pattern stands alone: names of two sources could be the same', async () => {
  const from = memoryStore()
  await fill(from, ...tree)
  const sources = [matching(from, 'logs/*.gz'), place(from, 'other.gz')]
  await failure(copy(sources, place(memoryStore(), 'to/'), await options()), 'invalid-argument')
})

test('a move takes what matches, and directories that it has emptied', async () => {
  const directory = await temporaryDirectory()
  const from = localStore(directory, { durable: false, keepDirectories: true })
  const to = memoryStore()
  await fill(from, ...tree)
  await move([matching(from, 'logs/*.gz')], place(to, 'to/'), await options())
  expect(await names(to)).toEqual(['to/a.gz'])
  const run = await move(
    [matching(from, 'logs/x')],
    place(to, 'to/'),
    await options({ recursive: true }),
  )
  expect(run.summary).toMatchObject({ moved: 2, failed: 0 })
  expect(await names(from)).toEqual(['logs/b.txt', 'logs/y/f.txt', 'other.gz'])
  const left = from.list(place(from).prefix, { directories: true })
  expect((await Array.fromAsync(left)).map(({ key }) => key)).not.toContain('logs/x/')
})
