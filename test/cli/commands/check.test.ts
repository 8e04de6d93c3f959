import { readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandIn, records } from './tools.ts'

const files = {
  'a/same': 'same',
  'b/same': 'same',
  'a/size': '1',
  'b/size': '22',
  'a/bytes\u001b': 'aaaa',
  'b/bytes\u001b': 'aaab',
  'a/mine': 'm',
  'b/yours': 'y',
}

test('what differs is named on standard output, totals on standard error', async () => {
  const { root, hawser } = await commandIn(files)
  const { code, out, err } = await hawser(['check', '@/a', '@/b'])
  expect(code).toBe(7)
  expect(out).toBe(
    [
      `differs ${root}/b/bytes\\x1b (the first byte that differs is at 3)`,
      `only in A: ${root}/a/mine`,
      `differs ${root}/b/size (2 bytes, not 1)`,
      `only in B: ${root}/b/yours`,
      '',
    ].join('\n'),
  )
  expect(err).toMatch(
    /^1 object equal \(4 B\), 2 differ, 1 only in A, 1 only in B, 0 failed in \S+ s\n$/,
  )
})

test('equal trees end with 0, also where more is in B and that is no difference', async () => {
  const { root, hawser } = await commandIn({ 'a/x': 'x', 'b/x': 'x', 'c/x': 'x', 'c/y': 'y' })
  await symlink('x', join(root, 'a/link'))
  expect(await hawser(['check', '@/a', '@/b', '-c'])).toMatchObject({ code: 0, out: '' })
  expect(await hawser(['check', '@/a', '@/c'])).toMatchObject({ code: 7 })
  expect(await hawser(['check', '--one-way', '@/a', '@/c'])).toMatchObject({ code: 0, out: '' })
  expect(await hawser(['check', '-q', '@/a', '@/c'])).toEqual({ code: 7, out: '', err: '' })
  const verbose = await hawser(['check', '-v', '@/a', '@/b'])
  expect(verbose.err).toContain(`equal ${root}/b/x (by bytes)\n`)
  expect(verbose.err).toContain(`skipped ${root}/a/link (a symbolic link)\n`)
  expect(verbose.err).toContain('1 skipped')
})

test.each([
  ['--size-only', 0],
  ['--download', 7],
])('%s', async (how, code) => {
  const { hawser } = await commandIn({ 'a/x': 'aaaa', 'b/x': 'aaab' })
  expect(await hawser(['check', how, '@/a', '@/b'])).toMatchObject({ code })
})

test('as JSON', async () => {
  const { hawser } = await commandIn(files)
  const found = records(await hawser(['check', '--json', '@/a', '@/b']))
  expect(found[0]).toMatchObject({ type: 'start', command: 'check', version: 1 })
  expect(found).toContainEqual(
    expect.objectContaining({ type: 'checked', verdict: 'equal', name: 'same', by: 'bytes' }),
  )
  expect(found.at(-1)).toMatchObject({
    type: 'check-summary',
    audit: false,
    totals: { equal: 1, differing: 2 },
  })
})

test('the report names everything, and is not part of what is checked', async () => {
  const { root, hawser } = await commandIn({ 'a/x': 'x', 'a/y': 'y', 'b/x': 'x' })
  const run = await hawser(['check', '@/a', '@/b', '--report', `${root}/a/report`])
  expect(run).toMatchObject({ code: 7, out: `only in A: ${root}/a/y\n` })
  const lines = (await readFile(join(root, 'a/report'), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { format: 'hawser-check', version: 1, a: `${root}/a`, b: `${root}/b`, by: 'digest' },
    { verdict: 'equal', name: 'x' },
    { verdict: 'only-in-a', name: 'y' },
    { totals: { equal: 1, onlyInA: 1 } },
  ])
  expect(await readdir(join(root, 'a'))).toEqual(['report', 'x', 'y'])
  const missing = await hawser(['check', '@/none/', '@/b', '--report', `${root}/other`])
  expect(missing).toMatchObject({ code: 4 })
  expect(await readdir(root)).not.toContain('other')
  const nowhere = await hawser(['check', '@/a', '@/b', '--report', `${root}/none/report`])
  expect(nowhere).toMatchObject({ code: 9, out: '' })
})

test('an audit names what nothing is recorded of', async () => {
  const { root, hawser } = await commandIn({ 'a/x': 'x' })
  const { code, out, err } = await hawser(['check', '@/a'])
  expect([code, out]).toEqual([0, `unproven ${root}/a/x (no digest is recorded)\n`])
  expect(err).toMatch(/^0 objects intact \(0 B\), 0 damaged, 1 without proof, 0 failed in /)
})

test.each([
  [['check', '--size-only', '--download', '@/a', '@/b'], 2],
  [['check', '--one-way', '@/a'], 2],
  [['check', '@/none', '@/a'], 4],
  [['check', '@/none'], 4],
  [['check', '@/a', '@/b', '@/c'], 2],
])('%j ends with %d', async (argv, code) => {
  const { hawser } = await commandIn(files)
  expect(await hawser(argv)).toMatchObject({ code, out: '' })
})
