import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openState } from '../../../src/state/state.ts'
import { commandIn, records } from './tools.ts'

let root: string
let hawser: Awaited<ReturnType<typeof commandIn>>['hawser']

beforeEach(async () => {
  ;({ root, hawser } = await commandIn({ 'tree/a': 'hello', 'tree/b\u001b[31m': 'b' }))
})

function logs(): string[] {
  return readdirSync(join(root, '.state/logs')).toSorted()
}
const lastLog = (): string => join(root, '.state/logs', logs().at(-1) ?? '')

test('without runs there is nothing to list, and no state is made', async () => {
  expect(await hawser(['runs'])).toEqual({ code: 0, out: '', err: '' })
  const shown = await hawser(['runs', 'show', 'last'])
  expect(shown).toMatchObject({ code: 4, out: '' })
  expect(shown.err).toContain('there is no run yet')
  expect(readdirSync(root)).toEqual(['tree'])
})

test('runs are listed newest first, with what they came to', async () => {
  await hawser(['sync', '@/tree', '@/copy'])
  await hawser(['cp', '@/nope', '@/copy'])
  await hawser(['rm', '-r', '@/copy'])
  const { code, out } = await hawser(['runs'])
  expect(code).toBe(0)
  const when = String.raw`\d{8}T\d{9}-[0-9a-f]{6}  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
  const lines = out.split('\n')
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`^${when}  rm       exit 0, 0 failed$`)),
    expect.stringMatching(/^ {4}2 objects {2}0 B {2}sent 0 B {2}in \d/),
    `    ${root}/copy/`,
    expect.stringMatching(new RegExp(`^${when}  cp       exit 4$`)),
    `    ${root}/nope -> ${root}/copy`,
    expect.stringMatching(new RegExp(`^${when}  sync     exit 0, 0 failed$`)),
    expect.stringMatching(/^ {4}2 objects {2}6 B {2}sent 0 B {2}in \d/),
    `    ${root}/tree -> ${root}/copy`,
    '',
  ])
  expect(
    Math.max(...lines.filter((line) => !line.includes(root)).map((line) => line.length)),
  ).toBeLessThan(80)
  const [removed, ...others] = records(await hawser(['runs', '--json', '--limit', '1']))
  expect(others).toEqual([])
  expect(removed).toMatchObject({
    type: 'run',
    command: 'remove',
    state: 'ended',
    exitCode: 0,
    summary: { removed: 2 },
  })
})

test('a run is shown with each thing that it did, also as records', async () => {
  await hawser(['sync', '-j', '1', '@/tree', '@/copy'])
  writeFileSync(join(root, 'tree/a'), 'changed')
  rmSync(join(root, 'tree/b\u001b[31m'))
  await hawser(['sync', '--delete', '--backup-dir', '@/old', '@/tree', '@/copy'])
  const { code, out } = await hawser(['runs', 'show', 'last'])
  expect(code).toBe(0)
  const [head = '', actions] = out.split('\n\n')
  expect(head).toMatch(/^run {6}\d{8}T\d{9}-/)
  expect(head).toContain(`\nfrom     ${root}/tree\nto       ${root}/copy\n`)
  expect(head).toMatch(/\noptions {2}.*\bdelete\b.*backupDir=.*\/old/)
  expect(head).toMatch(/\nresult {3}exit 0, 0 failed\nnumbers {2}2 objects, 7 B, /)
  expect(head).toMatch(/\nlog {6}.*\.jsonl$/)
  expect(actions).toBe(
    [
      `kept a copy at ${root}/old/a`,
      `copied ${root}/copy/a (7 B)`,
      `kept a copy at ${root}/old/b\\x1b[31m`,
      `removed ${root}/copy/b\\x1b[31m`,
      '',
    ].join('\n'),
  )
  const verbose = await hawser(['runs', 'show', '-v', 'last'])
  expect(verbose.out).toMatch(/copied .*\/copy\/a \(7 B\), was \S+, kept at .*\/old\/a\n/)
  const [run, ...log] = records(await hawser(['runs', 'show', '--json', 'last']))
  expect(run).toMatchObject({ type: 'run', command: 'sync', options: { delete: true } })
  expect(log.at(0)).toMatchObject({ type: 'start', time: expect.any(String) })
  expect(log.at(-1)).toMatchObject({ type: 'summary' })
})

test('a run is found by the beginning of its id', async () => {
  await hawser(['cp', '@/tree/a', '@/x'])
  await hawser(['cp', '@/tree/a', '@/y'])
  const [first = ''] = logs()
  const shown = await hawser(['runs', 'show', first.slice(0, 20)])
  expect(shown.out).toContain(`copied ${root}/x (5 B)\n`)
  const ambiguous = await hawser(['runs', 'show', first.slice(0, 2)])
  expect(ambiguous).toMatchObject({ code: 2, out: '' })
  expect(await hawser(['runs', 'show', '1999'])).toMatchObject({ code: 4, out: '' })
  expect(await hawser(['runs', 'show'])).toMatchObject({ code: 2 })
  expect(await hawser(['runs', 'list'])).toMatchObject({ code: 2 })
})

test('what failed, was passed over or warned of is shown; a line that is cut off is not', async () => {
  await hawser(['sync', '@/nope', '@/copy'])
  appendFileSync(
    lastLog(),
    [
      '{"type":"skip","address":"s3://b/x\\u001b","reason":"archived"}',
      '{"type":"warn","message":"what is odd"}',
      '["no record"]',
      '{"type":"done","action":"blow up","address":"s3://b/y"}',
      '{"type":"done","action":"copy","addr',
    ].join('\n'),
  )
  const { out } = await hawser(['runs', 'show', 'last'])
  expect(out.split('\n\n')[1]).toBe(
    `failed ${root}/nope: no such directory\nskipped s3://b/x\\x1b: archived\nwarning: what is odd\n`,
  )
  expect(records(await hawser(['runs', 'show', '--json', 'last'])).at(-1)).toMatchObject({
    type: 'done',
    action: 'blow up',
  })
})

test('a rename is shown with its old name, once, and a copy says with -v what it was made of', async () => {
  await hawser(['cp', '@/tree/a', '@/x'])
  const [renamed, copied] = ['rename', 'copy'].map((action) =>
    JSON.stringify({ type: 'done', action, from: 's3://b/old\u001b', address: 's3://b/new' }),
  )
  appendFileSync(lastLog(), `${renamed}\n${copied}\n`)
  const { out } = await hawser(['runs', 'show', '-v', 'last'])
  expect(out.split('\n').slice(-3)).toEqual([
    'renamed s3://b/old\\x1b -> s3://b/new',
    'copied s3://b/new (0 B), from s3://b/old\\x1b',
    '',
  ])
})

test('a log that is gone, or elsewhere, is told', async () => {
  await hawser(['--log-dir', '@/here', 'cp', '@/tree/a', '@/x'])
  const { code, out } = await hawser(['runs', 'show', 'last'])
  expect(code).toBe(0)
  expect(out).toMatch(/\nlog {6}none at .*\.state\/logs\/.*jsonl: it is kept for 30 days, or/)
  const there = await hawser(['runs', 'show', 'last', '--log-dir', '@/here'])
  expect(there.out).toContain(`copied ${root}/x (5 B)\n`)
})

test('a run that goes on is told from one that was killed', async () => {
  const start = { command: 'sync', from: 'a', to: 'b', options: {} }
  const state = await openState(join(root, '.state'))
  const id = await state.runs.begin(start)
  expect((await hawser(['runs'])).out).toMatch(/sync {5}running\n {4}a -> b\n$/)
  await state.runs.end(id, {}, 0)
  await state[Symbol.asyncDispose]()
  expect((await hawser(['runs'])).out).toMatch(/sync {5}exit 0\n/)
})
