// Trees whose links are what they point to.
import { mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { isHawserError } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Store } from '../../../src/core/store.ts'
import { followed } from '../../../src/stores/local/followed.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { failure, getText, put, remove } from '../../conformance/tools.ts'
import { contents, pair } from '../../sync/tools.ts'
import { temporaryDirectory } from '../../transfer/tools.ts'

let directory: string
let outside: string
let tree: Store

beforeEach(async () => {
  directory = await temporaryDirectory()
  outside = await temporaryDirectory()
  tree = followed(localStore(directory), localStore('/'))
  await mkdir(join(directory, 'd'))
  await mkdir(join(outside, 'x'))
  await writeFile(join(directory, 'd/file'), 'inside')
  await writeFile(join(outside, 'x/deep'), 'outside')
})

const link = (target: string, name: string): Promise<void> => symlink(target, join(directory, name))

async function keys(problems: string[] = []): Promise<string[]> {
  const listed = tree.list(toKey(''), {
    onProblem: (error) => problems.push(isHawserError(error) ? `${error.key}: ${error.code}` : ''),
  })
  return (await Array.fromAsync(listed)).map(({ key }) => key)
}

test('files and directories behind links, in order', async () => {
  await link('d/file', 'a-file')
  await link(outside, 'd-')
  await link('d', 'e')
  expect(await keys()).toEqual(['a-file', 'd-/x/deep', 'd/file', 'e/file'])
  expect(await getText(tree, 'd-/x/deep')).toBe('outside')
  const { key, kind, size, etag } = await tree.stat(toKey('a-file'))
  expect({ key, kind, size }).toEqual({ key: 'a-file', kind: 'file', size: 6 })
  expect(etag).toBe((await localStore(directory).stat(toKey('d/file'))).etag)
  const target = new Uint8Array(6)
  const read = await tree.readInto(toKey('a-file'), target, 0, { ifMatch: etag })
  expect([Buffer.from(target).toString(), read.info.key]).toEqual(['inside', 'a-file'])
})

test('a file behind a link is lent as it is, unless the link leads elsewhere meanwhile', async () => {
  await link('d/file', 'a-file')
  const { withFile } = tree
  if (!withFile) throw new Error('it has files')
  expect(await withFile(toKey('a-file'), async ({ size }) => size)).toBe(6)
  const turned = withFile(toKey('a-file'), async () => {
    await rm(join(directory, 'a-file'))
    await link(join(outside, 'x/deep'), 'a-file')
  })
  await failure(turned, 'precondition-failed')
})

test('links to nothing, and round', async () => {
  await link('nowhere', 'broken')
  await link('.', 'd/here')
  await link('..', 'd/up')
  await link('loop', 'loop')
  const problems: string[] = []
  expect(await keys(problems)).toEqual(['d/file'])
  expect(problems.toSorted()).toEqual([
    'broken: not-found',
    'd/here/: local-io',
    'd/up/: local-io',
    'loop: conflict',
  ])
  await failure(tree.stat(toKey('broken')), 'not-found')
})

test('it is only read', async () => {
  await failure(put(tree, 'new'), 'unsupported')
  const [removal] = await remove(tree, 'd/file')
  expect(isHawserError(removal?.error) && removal.error.code).toBe('unsupported')
})

describe('a sync', () => {
  test('copies what links point to', async () => {
    await link(outside, 'linked')
    await link('d/file', 'again')
    const { run, to } = await pair(tree, memoryStore())
    expect((await run({ links: 'copy' })).summary).toMatchObject({ copied: 3, failed: 0 })
    expect(await contents(to)).toEqual({
      again: 'inside',
      'd/file': 'inside',
      'linked/x/deep': 'outside',
    })
    expect((await run({ links: 'copy' })).summary).toMatchObject({ copied: 0, unchanged: 3 })
  })

  test('from directory to directory too', async () => {
    await link('d/file', 'again')
    const { run, to } = await pair(tree, localStore(await temporaryDirectory()))
    expect((await run({ links: 'copy' })).summary).toMatchObject({ copied: 2, failed: 0 })
    expect(await contents(to)).toEqual({ again: 'inside', 'd/file': 'inside' })
    expect((await run({ links: 'copy' })).summary).toMatchObject({ copied: 0, unchanged: 2 })
  })

  test('keeps links where that is wanted, and nothing else of -a', async () => {
    await link('d/file', 'again')
    const back = await temporaryDirectory()
    const { run } = await pair(localStore(directory), localStore(back))
    expect((await run({ links: 'preserve' })).summary).toMatchObject({ copied: 2, failed: 0 })
    expect(await readlink(join(back, 'again'))).toBe('d/file')
    const skipping = await run({ archive: true, links: 'skip' })
    expect(skipping.summary).toMatchObject({ copied: 0, skipped: 1, failed: 0 })
  })
})
