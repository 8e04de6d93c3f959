// Each run keeps a log of its own, whatever else it prints.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { commandIn } from './commands/tools.ts'

let root: string
let hawser: Awaited<ReturnType<typeof commandIn>>['hawser']

beforeEach(async () => {
  ;({ root, hawser } = await commandIn({ 'tree/a.txt': 'hello', 'tree/b.txt': 'b', one: '1' }))
})

/** The records of all logs, the oldest run first. */
function logs(directory = '.state/logs'): unknown[][] {
  return readdirSync(join(root, directory))
    .toSorted()
    .map((name) =>
      readFileSync(join(root, directory, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    )
}

test('sync, cp, mv and rm each leave a log of what they did', async () => {
  await hawser(['-j', '1', 'sync', '@/tree', '@/copy'])
  await hawser(['-q', 'upload', '@/one', 's3://none/'])
  await hawser(['cp', '@/one', '@/two'])
  await hawser(['cp', '-', '@/three'], { input: '3' })
  await hawser(['mv', '@/two', '@/four'])
  await hawser(['rm', '@/four'])
  const time = expect.stringMatching(/^\d{4}-.*Z$/)
  const [synced, copied, piped, moved, removed, ...others] = logs()
  expect(others).toEqual([])
  const address = `${root}/copy/a.txt`
  expect(synced).toEqual([
    expect.objectContaining({ type: 'start', time, version: 1, command: 'sync' }),
    { type: 'plan', time, objects: 2, bytes: 6, complete: true },
    expect.objectContaining({ type: 'done', time, action: 'copy', address }),
    expect.objectContaining({ type: 'done', time, action: 'copy' }),
    expect.objectContaining({ type: 'summary', time }),
  ])
  expect(copied?.[0]).toMatchObject({ type: 'start', command: 'copy' })
  expect(piped?.[0]).toMatchObject({ type: 'start', command: 'copy', from: '-' })
  expect(moved?.[0]).toMatchObject({ type: 'start', command: 'move' })
  expect(removed).toMatchObject([
    { type: 'start', command: 'remove', run: expect.stringMatching(/^\d{8}T\d{9}-[0-9a-f]{6}$/) },
    { type: 'done', action: 'remove', address: `${root}/four` },
    { type: 'summary', summary: { removed: 1 } },
  ])
})

test('what ends a run is in its log; a dry run and what changes nothing have none', async () => {
  await hawser(['sync', '-n', '@/tree', '@/copy'])
  await hawser(['rm', '-n', '@/one'])
  await hawser(['check', '@/tree', '@/tree'])
  expect(readdirSync(join(root, '.state'))).not.toContain('logs')
  await hawser(['sync', '@/nope', '@/copy'])
  const [failed, ...others] = logs()
  expect(others).toEqual([])
  expect(failed).toMatchObject([{ type: 'start' }, { type: 'error', code: 'not-found' }])
})

test('--log-dir is another place, also by the environment; --log-format is none of its business', async () => {
  await hawser(['--log-dir', '@/here', '--log-format', 'text', 'cp', '@/one', '@/two'])
  expect(logs('here')).toMatchObject([[{ type: 'start' }, {}, {}, {}]])
  const environment = { HAWSER_LOG_DIR: join(root, 'there') }
  await hawser(['cp', '@/one', '@/three'], { environment })
  expect(logs('there')).toHaveLength(1)
  expect(readdirSync(join(root, '.state'))).not.toContain('logs')
})

test('a log that cannot be kept is one warning', async () => {
  writeFileSync(join(root, 'file'), '')
  const { code, err } = await hawser(['--log-dir', '@/file', 'cp', '-r', '@/tree', '@/copy'])
  expect(code).toBe(0)
  expect(
    err.match(/hawser: warning: what this run does is not logged in .*\/file: /g),
  ).toHaveLength(1)
  expect(readFileSync(join(root, 'copy/a.txt'), 'utf8')).toBe('hello')
})
