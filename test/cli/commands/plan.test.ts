import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandIn, records } from './tools.ts'

const files = { 'src/a': 'a', 'src/d/b': 'bb', 'dst/extra': 'extra' }

test('a plan in a file, and what it does', async () => {
  const { root, hawser } = await commandIn(files)
  const made = await hawser(['plan', '--delete', '@/src', '@/dst', '-o', '@/plan'])
  expect(made).toMatchObject({ code: 0 })
  expect(made.out).toContain(`would copy ${root}/dst/a (1 B)\n`)
  expect(made.err).toMatch(/would copy 2 objects \(3 B\), would remove 1 object .* 0 unchanged/)
  const dry = await hawser(['apply', '-n', '@/plan'])
  expect(dry).toMatchObject({ code: 0 })
  expect(dry.out.split('\n').toSorted()).toEqual(made.out.split('\n').toSorted())
  const applied = await hawser(['apply', '--json', '--report', '@/report', '@/plan'])
  expect(applied).toMatchObject({ code: 0, err: '' })
  expect(records(applied)[0]).toMatchObject({ type: 'start', command: 'apply' })
  expect(records(applied).at(-1)).toMatchObject({ summary: { copied: 2, removed: 1 } })
  expect(await readFile(join(root, 'dst/d/b'), 'utf8')).toBe('bb')
  const report: unknown = JSON.parse(await readFile(join(root, 'report'), 'utf8'))
  expect(report).toMatchObject({ command: 'apply', exitCode: 0 })
  const again = await hawser(['apply', '@/plan'])
  expect(again.err).toMatch(/nothing to do in .*, 3 unchanged, 0 failed/)
})

test('a plan on standard output', async () => {
  const { hawser } = await commandIn(files)
  const made = await hawser(['plan', '@/src', '@/dst'])
  expect(made).toMatchObject({ code: 0 })
  const [first, ...others] = records(made)
  expect(first).toMatchObject({ format: 'hawser-plan', version: 1, counts: { copied: 2 } })
  expect(others).toMatchObject([{ name: 'a' }, { name: 'd/b' }, { end: { actions: 2 } }])
  expect(made.err).toMatch(/would copy 2 objects/)
})

test('drift is named, and ends with 6', async () => {
  const { root, hawser } = await commandIn(files)
  await hawser(['plan', '--delete', '@/src', '@/dst', '-o', '@/plan'])
  await writeFile(join(root, 'src/a'), 'changed')
  const applied = await hawser(['apply', '@/plan'])
  expect(applied.code).toBe(6)
  expect(applied.err).toContain(`hawser: ${root}/src/a: the source is not what the plan says\n`)
  expect(applied.err).toMatch(/nothing was removed/)
})

test.each<[string[], number, string]>([
  [['plan', '--json', '@/src', '@/dst'], 2, '--json needs -o'],
  [['plan', '@/src', '@/dst', '-o', '@/none/plan'], 9, 'the plan cannot be written'],
  [['plan', '@/src', '@/dst', '-o', '@/src'], 9, 'the plan cannot be written'],
  [['plan', '@/none', '@/dst', '-o', '@/plan'], 4, 'none'],
  [['apply', '@/none'], 9, 'the plan cannot be read: there is no such file'],
  [['apply', '@/src/a'], 2, 'not a whole plan'],
  [['apply', '@/src'], 2, 'it is not a file'],
])('%j', async (argv, code, message) => {
  const { hawser } = await commandIn(files)
  const said = await hawser(argv)
  expect(said.code).toBe(code)
  expect(said.err).toContain(message)
})

test('where something fails there is none, and the exit code tells', async () => {
  const { root, hawser } = await commandIn({ ...files, names: 'a\nmissing\n' })
  const argv = ['plan', '--files-from', '@/names', '@/src', '@/dst']
  const [shown, kept] = [await hawser(argv), await hawser([...argv, '-o', '@/plan'])]
  expect(shown).toMatchObject({ code: 4, out: '' })
  expect(shown.err).toContain('no plan was written, because 1 failed')
  expect(kept.code).toBe(4)
  await expect(rm(join(root, 'plan'))).rejects.toThrow('ENOENT')
})
