// Runs that go on, that are killed, and those whose log finds no room.
import { type ChildProcess, execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { hawser, localUser } from './hawser.ts'

let folder: string
let env: Record<string, string>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-history-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  env = localUser(folder)
})

async function said(...argv: string[]): Promise<string> {
  const { code, stdout } = await hawser(argv, { cwd: folder, env })
  expect(code).toBe(0)
  return stdout
}

test('a run is running until it is killed, and its log tells how far it came', async () => {
  mkdirSync(join(folder, 'tree'))
  writeFileSync(join(folder, 'tree/a'), 'a')
  await said('sync', 'tree', 'copy')
  // Standard input that does not end.
  const input = new PassThrough()
  let child: ChildProcess | undefined
  const run = hawser(['cp', '-', 'out'], {
    cwd: folder,
    env,
    input,
    onStart: (started) => void (child = started),
  })
  const logs = (): string[] => readdirSync(join(folder, 'state/logs'))
  await expect.poll(logs, { timeout: 30_000 }).toHaveLength(2)
  expect(await said('runs', '--limit', '1')).toMatch(/ cp {7}running\n {4}- -> .*\/out\n$/)
  expect(await said('status', 'tree')).toMatch(/\n1 unchanged\n$/)
  const log = (): Promise<string> => said('runs', 'show', '--json', 'last')
  await expect.poll(log, { timeout: 30_000 }).toMatch(/"type":"start"/)
  child?.kill('SIGKILL')
  expect(await run).toMatchObject({ signal: 'SIGKILL' })
  expect(await said('runs', '--limit', '1')).toMatch(/ cp {7}killed\n/)
  expect(await said('runs', 'show', 'last')).toMatch(/\nresult {3}killed\nlog /)
})

// A mount in a name space of its own vanishes with the process.
test.runIf(process.platform === 'linux')('a log that finds no room is one warning', async () => {
  const files = 400
  mkdirSync(join(folder, 'tree'))
  mkdirSync(join(folder, 'logs'))
  for (let i = 0; i < files; i++) writeFileSync(join(folder, 'tree', `file-${i}`), String(i))
  const launcher = join(import.meta.dirname, '../../bin/hawser')
  const mount = 'mount -t tmpfs -o size=16k none "$0" && exec "$@"'
  const command = [launcher, '--log-dir', 'logs', 'cp', '-r', 'tree', 'copy']
  const { stderr } = await promisify(execFile)(
    'unshare',
    ['-rm', 'sh', '-c', mount, join(folder, 'logs'), ...command],
    { cwd: folder, env },
  )
  const warnings = stderr.split('\n').filter((line) => line.includes('warning'))
  expect(warnings).toEqual([expect.stringMatching(/is not logged in logs: no space is left$/)])
  expect(stderr).toContain(`copied ${files} objects`)
  expect(readdirSync(join(folder, 'copy'))).toHaveLength(files)
})
