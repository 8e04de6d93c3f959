import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { optionsIn, optionsOf, shellLines } from '../../docs/page.ts'
import { shellWords } from '../../shell-words.ts'
import { archive } from '../../sync/archive.ts'
import { commandIn, records, type Result } from './tools.ts'

async function commandAt(bulk?: number): Promise<{
  readonly from: Awaited<ReturnType<typeof archive>>
  readonly hawser: (...argv: readonly string[]) => Promise<Result>
}> {
  const from = await archive(bulk)
  const { root, hawser } = await commandIn()
  const environment = {
    AWS_ACCESS_KEY_ID: from.accessKeyId,
    AWS_SECRET_ACCESS_KEY: from.secretAccessKey,
    AWS_REGION: 'us-east-1',
    HAWSER_ENDPOINT: from.url,
  }
  const inRoot = (arg: string): string => arg.replace(/^\.\//, `${root}/`)
  return { from, hawser: (...argv) => hawser(argv.map(inRoot), { environment }) }
}

const page = readFileSync(join(import.meta.dirname, '../../../docs/archives.md'), 'utf8')

test('the examples of docs/archives.md', async () => {
  const { from, hawser } = await commandAt(0)
  await from.put('GLACIER', 'data/1', 'data/2', 'data/3')
  await from.put(undefined, 'data/4')
  const [first, second, ...rest] = shellLines(page).map((line) => line.split(' ').slice(1))
  const left = await hawser('sync', 's3://bucket/data', './data')
  expect(left).toMatchObject({ code: 0, out: '' })
  expect(left.err).toMatch(/copied 1 object .* 3 archived, 0 failed/)
  expect(left.err).toMatch(
    /warning: 3 objects are archived .*data\/1.*: hawser restore --remembered s3:\/\/bucket\/data/,
  )
  const dry = await hawser(...(first ?? []))
  expect(dry.out).toContain('would thaw s3://bucket/data/1\n')
  expect(dry.err).toContain('3 objects (18 B) to thaw, bulk, for 7 days: prices unknown')
  const asked = await hawser(...(second ?? []))
  expect(asked).toMatchObject({ code: 0, out: '' })
  expect(asked.err).toContain('asked to thaw 3 objects (18 B)')
  const status = await hawser(...(rest[0] ?? []))
  expect(status.out).toMatch(
    /^thawed +6 B {2}bulk +\d{4}-.* {2}\d{4}-.* {2}s3:\/\/bucket\/data\/1\n/,
  )
  expect(status.out).toMatch(/3 objects \(18 B\): 0 archived, 0 thawing, 3 thawed, 0 readable\n$/)
  const waited = await hawser(...(rest[1] ?? []))
  expect(waited).toMatchObject({ code: 0 })
  expect(waited.err).toContain('0 failed')
  const brought = await hawser(...(rest[2] ?? []))
  expect(brought.err).toMatch(/copied 3 objects .*, 1 unchanged, 0 failed/)
})

test('the command that a run tells thaws what it left, whatever the address looks like', async () => {
  const { from, hawser } = await commandAt(0)
  const odd = "it's a [x] $HOME/"
  await from.put('GLACIER', `${odd}1`, 'it/2')
  const left = await hawser('cp', '-r', '--literal', `s3://bucket/${odd}`, './odd')
  const [, told = ''] = /To thaw: hawser (.*)\n/.exec(left.err) ?? []
  expect(told).toBe(String.raw`restore --remembered --literal 's3://bucket/it'\''s a [x] $HOME/'`)
  const asked = await hawser(...shellWords(told))
  expect(asked.err).toContain('asked to thaw 1 object ')
})

test('as JSON', async () => {
  const { from, hawser } = await commandAt()
  await from.put('GLACIER', 'a')
  const asked = await hawser('restore', '--json', 's3://bucket/a')
  expect(records(asked)).toMatchObject([
    { type: 'start', command: 'restore' },
    { type: 'restore-plan', objects: 1, bytes: 1, tier: 'bulk', days: 7 },
    { type: 'plan', objects: 1 },
    { type: 'done', action: 'thaw', address: 's3://bucket/a' },
    { type: 'restore-summary', totals: { asked: 1, failed: 0 } },
  ])
  expect(records(await hawser('restore', 'status', '--json', 's3://bucket'))).toMatchObject([
    { type: 'archived', address: 's3://bucket/a', state: 'thawing', tier: 'bulk' },
    { type: 'archives', objects: 1, counts: { thawing: 1 } },
  ])
})

test('a pattern means those of them that match, also of what runs left', async () => {
  const { from, hawser } = await commandAt()
  await from.put('GLACIER', 'data/1', 'data/2', 'data/sub/1')
  await hawser('sync', 's3://bucket/data', './data')
  const asked = await hawser('restore', '--remembered', 's3://bucket/data/*1')
  expect(asked.err).toContain('asked to thaw 1 object (6 B)')
  const { out } = await hawser('restore', 'status', '--remembered', 's3://bucket/data/*')
  expect(out).toContain('3 objects (22 B): 2 archived, 1 thawing')
})

test('the status of nothing is not found, of what is not archived it is that of no object', async () => {
  const { from, hawser } = await commandAt()
  const empty = { code: 0, out: expect.stringContaining('0 objects (0 B): ') }
  expect(await hawser('restore', 'status', 's3://bucket')).toMatchObject(empty)
  await from.put('GLACIER', 'data/1')
  await from.put(undefined, 'warm/2')
  for (const nothing of ['none', 'none/', 'dat', 'x*', 'data/*.gz']) {
    const told = await hawser('restore', 'status', `s3://bucket/${nothing}`)
    expect(told, nothing).toMatchObject({ code: 4, out: '' })
    expect(told.err).toContain('nothing ')
  }
  for (const warm of ['warm', 'warm/', 'warm/2', 'w*/*'])
    expect(await hawser('restore', 'status', `s3://bucket/${warm}`), warm).toMatchObject(empty)
})

test('what is refused', async () => {
  const { hawser } = await commandAt()
  for (const argv of [
    ['s3://bucket'],
    ['s3://bucket/a/'],
    ['status'],
    ['-r', './'],
    ['status', './'],
    ['status', '--wait', 's3://bucket'],
    ['status', '-n', 's3://bucket'],
    ['status', '--days', '7', 's3://bucket'],
    ['status', '--tier', 'bulk', 's3://bucket'],
    ['status', '--max-cost', '1', 's3://bucket'],
    ['status', '--prices', './prices', 's3://bucket'],
    ['--tier', 'fast', 's3://bucket/a'],
    ['--days', '0', 's3://bucket/a'],
    ['--max-cost', '-1', 's3://bucket/a'],
  ])
    expect(await hawser('restore', ...argv), argv.join(' ')).toMatchObject({ code: 2, out: '' })
  const pair = await hawser('restore', 'status', '-n', 's3://bucket')
  expect(pair.err).toContain('--dry-run is not for restore status')
  expect(await hawser('restore', 's3://bucket/none')).toMatchObject({ code: 4 })
})

test('the options are those of the command', async () => {
  const known = await optionsOf('restore')
  const others = new Set(['--delete', '--backup-dir', '--storage-class'])
  expect([...optionsIn(page)].filter((one) => !known.has(one) && !others.has(one))).toEqual([])
})
