import { mkdir, readdir, readFile, readlink, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandIn, records } from './tools.ts'

test('a file to a name, into a directory, over another one', async () => {
  const { root, hawser } = await commandIn({ a: 'A', b: 'B', 'dir/x': 'X' })
  const { ino } = await stat(join(root, 'a'))
  const first = await hawser(['mv', '-v', '@/a', '@/dir'])
  expect(first.err).toContain(`moved ${root}/dir/a (1 B)\nmoved 1 object (1 B) in `)
  expect(first).toMatchObject({ code: 0, out: '' })
  expect((await stat(join(root, 'dir/a'))).ino).toBe(ino)
  expect(await hawser(['mv', '@/b', '@/dir/a'])).toMatchObject({ code: 0 })
  expect(await readFile(join(root, 'dir/a'), 'utf8')).toBe('B')
  expect(await hawser(['mv', '@/dir/a', '@/dir/x', '@/'])).toMatchObject({ code: 0 })
  expect((await readdir(root)).filter((name) => !name.startsWith('.'))).toEqual(['a', 'dir', 'x'])
  expect(await readdir(join(root, 'dir'))).toEqual([])
})

test('a tree, and a link as what it is', async () => {
  const { root, hawser } = await commandIn({ 'tree/a': 'a', 'tree/sub/b': 'b', 'real/c': 'c' })
  await symlink('real', join(root, 'link'))
  expect(await hawser(['mv', '@/tree', '@/new'])).toMatchObject({ code: 2 })
  const dry = await hawser(['mv', '-rn', '@/tree', '@/new'])
  expect(dry.out).toBe(`would move ${root}/new/a (1 B)\nwould move ${root}/new/sub/b (1 B)\n`)
  const moved = await hawser(['mv', '-r', '--json', '@/tree', '@/new'])
  expect(records(moved).at(-1)).toMatchObject({ type: 'summary', summary: { moved: 2, failed: 0 } })
  expect(await hawser(['mv', '@/link', '@/other'])).toMatchObject({ code: 0 })
  expect(await readlink(join(root, 'other'))).toBe('real')
  expect((await readdir(root)).filter((name) => !name.startsWith('.'))).toEqual([
    'new',
    'other',
    'real',
  ])
  expect(await hawser(['mv', '@/new/a', '@/other'])).toMatchObject({ code: 0 })
  expect((await readdir(join(root, 'real'))).toSorted()).toEqual(['a', 'c'])
})

test('what is refused changes nothing', async () => {
  const { root, hawser } = await commandIn({ 'a/x': 'x', 'b/x': 'y', c: 'c' })
  await mkdir(join(root, 'empty'))
  for (const [argv, code] of [
    [['mv', '@/c', '@/c'], 2],
    [['mv', '@/a/x', '@/a/'], 2],
    [['mv', '@/none', '@/d'], 4],
    [['mv', '-r', '@/a', '@/a/b'], 2],
    [['mv', '@/a/x', '@/b/x', '@/d/'], 2],
    [['mv', '-', '@/d'], 2],
    [['mv', '@/c'], 2],
  ] as const)
    expect([argv, (await hawser(argv)).code]).toEqual([argv, code])
  expect((await readdir(root)).filter((name) => !name.startsWith('.'))).toEqual([
    'a',
    'b',
    'c',
    'empty',
  ])
})
