import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseMaxDelete } from '../../../src/cli/syncing.ts'
import { commandIn } from './tools.ts'

test.each([
  ['0', 0],
  ['100', 100],
  ['10%', '10%'],
  ['100%', '100%'],
  ['101%', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['many', undefined],
])('--max-delete %s', (text, value) => {
  expect(parseMaxDelete(text)).toBe(value)
})

test.each<[string[], number, string]>([
  [['--exclude', ''], 2, 'this rule has no pattern'],
  [['--filter', 'leave a'], 2, 'not a filter rule: "leave a"'],
  [['--filter-from', '@/none'], 9, 'cannot read'],
  [['--files-from', '@/none'], 9, 'cannot read'],
  [['--ignore-file', '@/none'], 9, 'cannot read'],
  [['--max-delete', 'x'], 2, '--max-delete takes a number of objects'],
  [['--newer-than', 'yesterday'], 2, '--newer-than takes a time ago, such as 7d'],
  [['--modify-window', 'x'], 2, '--modify-window takes a time'],
  [['--links', 'foo'], 2, '--links takes skip, copy or preserve, not "foo"'],
  [['--metadata', 'x'], 2, '--metadata takes NAME=VALUE'],
  [['--xattrs'], 2, '--xattrs goes with -a'],
  [['--numeric-ids'], 2, '--numeric-ids goes with -a'],
  [['--size-only', '-c'], 2, '--size-only and --checksum exclude each other'],
  [['--size-only', '--exact-timestamps'], 2, '--size-only and --exact-timestamps exclude'],
  [['--size-only', '--compare-metadata'], 2, '--size-only and --compare-metadata exclude'],
  [['--from0'], 2, '--from0 goes with --files-from'],
  [['--delete-missing-args'], 2, '--delete-missing-args goes with --files-from'],
  [['--report', '@/none/report'], 9, 'the report cannot be written: its directory does not exist'],
  [['--metadata', 'mtime=3'], 2, 'metadata of the name mtime'],
  [['--acl', 'private'], 2, 'a file system keeps no properties of objects'],
])('%j is refused, and nothing is done', async (options, code, says) => {
  const { root, hawser } = await commandIn({ 'src/a': 'x', 'src/b': 'y' })
  for (const dry of [['-n'], []]) {
    const result = await hawser(['sync', ...dry, ...options, '@/src', '@/dst'])
    expect(result.code).toBe(code)
    expect(result.err.split(says).length).toBe(2)
    expect(existsSync(join(root, 'dst/a'))).toBe(false)
  }
})

test('names that are not there do not make a source empty', async () => {
  const { hawser } = await commandIn({ 'src/a': 'x', 'dst/gone': 'y', list: 'gone\n' })
  const options = ['--files-from', '@/list', '--delete-missing-args']
  const { code, err } = await hawser(['sync', ...options, '@/src', '@/dst'])
  expect(code).toBe(0)
  expect(err).toMatch(/^removed 1 object in /)
})
