import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openState } from '../../../src/state/state.ts'
import { row } from '../../state/fixtures.ts'
import { commandIn, records } from './tools.ts'

let root: string
let hawser: Awaited<ReturnType<typeof commandIn>>['hawser']

beforeEach(async () => {
  const files = { 'tree/a': 'a', 'tree/b': 'bb', 'tree/c': 'ccc', 'tree/d\t"': 'd', 'tree/e': 'e' }
  ;({ root, hawser } = await commandIn(files))
})

async function change(): Promise<void> {
  await hawser(['sync', '@/tree', '@/copy'])
  writeFileSync(join(root, 'tree/a'), 'changed')
  renameSync(join(root, 'tree/b'), join(root, 'tree/z'))
  rmSync(join(root, 'tree/c'))
  renameSync(join(root, 'tree/d\t"'), join(root, 'tree/d\n'))
  writeFileSync(join(root, 'tree/new'), 'new')
}

test('status tells people what changed, and what that comes to', async () => {
  await change()
  expect(await hawser(['status', '@/tree'])).toEqual({
    code: 0,
    err: '',
    out: `${root}/tree -> ${root}/copy
  changed   a
  removed   c
  renamed   d\\t" -> d\\n
  new       new
  renamed   b -> z
1 new, 1 changed, 2 renamed, 1 removed, 1 unchanged; 10 B new or changed
`,
  })
  expect((await hawser(['-q', 'status', '@/tree', '@/copy'])).out).toMatch(/^ {2}changed {3}a\n/)
})

test('status of a directory in one that was synced tells of that part, and of what it became', async () => {
  const synced = join(root, 'all')
  mkdirSync(join(synced, 'sub'), { recursive: true })
  writeFileSync(join(synced, 'sub/a'), 'a')
  await hawser(['sync', '@/all', '@/copy'])
  writeFileSync(join(synced, 'sub/b'), 'bb')
  const told = `${root}/all/sub -> ${root}/copy/sub\n  new       b\n1 new, 1 unchanged; 2 B new or changed\n`
  for (const to of [[], ['@/copy/sub'], ['@/copy/sub/']])
    expect(await hawser(['status', '@/all/sub', ...to])).toEqual({ code: 0, err: '', out: told })
  expect(await hawser(['status', '@/all/sub', '@/copy'])).toMatchObject({ code: 4, out: '' })
})

test('status --porcelain is one line for each name, quoted where that is needed', async () => {
  await change()
  const { out } = await hawser(['status', '--porcelain', '@/tree'])
  expect(out).toBe(
    [
      `##\t${root}/tree\t${root}/copy`,
      'M.\ta',
      'D.\tc',
      String.raw`R.${'\t'}"d\n"${'\t'}"d\t\""`,
      'N.\tnew',
      'R.\tz\tb',
      '',
    ].join('\n'),
  )
  const whole = await hawser(['status', '--porcelain', '-0', '@/tree'])
  const names = ['M.\ta', 'D.\tc', 'R.\td\n', 'd\t"', 'N.\tnew', 'R.\tz', 'b', '']
  expect(whole.out).toBe([`##\t${root}/tree`, `${root}/copy`, ...names].join('\0'))
})

test('status --json gives records, totals last', async () => {
  await change()
  const found = records(await hawser(['status', '--json', '@/tree']))
  expect(found).toHaveLength(6)
  const to = `${root}/copy`
  expect(found[4]).toEqual({
    type: 'status',
    to,
    name: 'z',
    change: 'renamed',
    old: 'b',
    size: 2,
    archived: false,
    conflicting: false,
  })
  expect(found.at(-1)).toEqual({
    type: 'status-totals',
    from: `${root}/tree`,
    to,
    new: 1,
    changed: 1,
    renamed: 2,
    removed: 1,
    archived: 0,
    conflicting: 0,
    unchanged: 1,
    bytes: 10,
  })
})

test('each place has a part; filters apply to all', async () => {
  await hawser(['sync', '@/tree', '@/copy'])
  writeFileSync(join(root, 'tree/x.tmp'), '')
  await hawser(['sync', '@/tree', '@/other'])
  const { out } = await hawser(['status', '@/tree'])
  expect(out).toBe(
    `${root}/tree -> ${root}/copy\n  new       x.tmp\n1 new, 5 unchanged\n\n${root}/tree -> ${root}/other\n6 unchanged\n`,
  )
  const quiet = await hawser(['-q', 'status', '@/tree'])
  expect(quiet.out).toBe(
    `${root}/tree -> ${root}/copy\n  new       x.tmp\n\n${root}/tree -> ${root}/other\n`,
  )
  const filtered = await hawser(['status', '--exclude', '*.tmp', '@/tree', '@/copy/'])
  expect(filtered.out).toBe(`${root}/tree -> ${root}/copy\n5 unchanged\n`)
})

test('what was never synced is told what to do; wrong input is refused', async () => {
  const never = await hawser(['status', '@/tree'])
  expect(never).toMatchObject({ code: 4, out: '' })
  expect(never.err).toContain('was never synced anywhere from here\n')
  expect(never.err).toContain('hawser sync -n ')
  await hawser(['sync', '@/tree', '@/copy'])
  const back = await hawser(['status', '@/copy'])
  expect(back).toMatchObject({ code: 4, out: '' })
  expect(back.err).toContain(
    `to here would do is told by: hawser sync -n ${root}/tree ${root}/copy\n`,
  )
  await hawser(['sync', '@/tree', '@/a copy'])
  const odd = await hawser(['status', '@/a copy'])
  expect(odd.err).toContain(`hawser sync -n ${root}/tree '${root}/a copy'\n`)
  const other = await hawser(['status', '@/tree', '@/other'])
  expect(other).toMatchObject({ code: 4, out: '' })
  expect(other.err).toMatch(/was never synced to .*\/other from here/)
  expect(await hawser(['status', 's3://bucket/a'])).toMatchObject({ code: 2 })
  expect(await hawser(['status', '-0', '@/tree'])).toMatchObject({ code: 2 })
  expect(await hawser(['status', '--porcelain', '--json', '@/tree'])).toMatchObject({ code: 2 })
  expect(await hawser(['status', '@/tree/a'])).toMatchObject({ code: 4 })
})

test('a place in a store is known by its address, without credentials', async () => {
  await hawser(['sync', '@/tree', '@/copy'])
  const state = await openState(join(root, '.state'))
  for (const bucket of ['bucket/models', 'bucket/models-2', 'bucket'])
    await state.pairs.put(
      {
        source: JSON.stringify(['file', '', join(root, 'tree')]),
        target: JSON.stringify(['s3', 'https://s3.example', bucket]),
      },
      row('a'),
    )
  await state[Symbol.asyncDispose]()
  const one = await hawser(['status', '@/tree', 's3://bucket/models/'])
  expect(one).toMatchObject({ code: 0, err: '' })
  expect(one.out).toMatch(/^.*\/tree -> s3:\/\/bucket\/models\/\n {2}changed {3}a\n/)
  expect((await hawser(['status', '@/tree', 's3://bucket'])).out).toContain('-> s3://bucket/\n')
  expect(await hawser(['status', '@/tree', 's3://other'])).toMatchObject({ code: 4 })
  expect((await hawser(['status', '@/tree'])).out.match(/ -> /g)).toHaveLength(4)
})

test('status changes nothing', async () => {
  await hawser(['sync', '@/tree', '@/copy'])
  const file = join(root, '.state/state.sqlite')
  const before = statSync(file)
  await hawser(['status', '@/tree'])
  const after = statSync(file)
  expect([after.mtimeMs, after.size]).toEqual([before.mtimeMs, before.size])
})
