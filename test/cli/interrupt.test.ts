// Signals, sent to a process of its own.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { archive, type Archive } from '../sync/archive.ts'
import { records, type Result } from './commands/tools.ts'

const source = (path: string): URL => new URL(`../../src/cli/${path}`, import.meta.url)
let root: string
let child: ChildProcessWithoutNullStreams | undefined

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-interrupt-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(root, { recursive: true })
})

/** Starts Node with these arguments, and waits for its first words. */
async function started(...args: string[]): Promise<ChildProcessWithoutNullStreams> {
  child = spawn(process.execPath, args)
  child.stdin.write('half of it')
  await once(child.stdout, 'data')
  return child
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops in good order', async (signal) => {
  const state = join(root, 'state')
  // Reads from a standard input that never ends.
  const command = ['--json', '--state-dir', state, 'cp', '-', join(root, 'out')]
  const process = await started(source('main.ts').pathname, ...command)
  const said = text(process.stderr)
  process.kill(signal)
  expect(await once(process, 'exit')).toEqual([130, null])
  expect(await said).toBe(
    'hawser: stopping in good order; press Ctrl-C again to end at once\nhawser: interrupted\n',
  )
  expect((await readdir(root)).filter((name) => name !== 'state')).toEqual([])
})

/** The command in a process of its own, interrupted once it says so many times that something is done. */
async function interrupted(
  of: Archive,
  times: number,
  ...argv: readonly string[]
): Promise<{ readonly ended: Result; readonly hawser: (...args: string[]) => Promise<Result> }> {
  const env = {
    ...process.env,
    HOME: root,
    HAWSER_STATE_DIR: join(root, 'state'),
    HAWSER_ENDPOINT: of.url,
    AWS_ACCESS_KEY_ID: of.accessKeyId,
    AWS_SECRET_ACCESS_KEY: of.secretAccessKey,
    AWS_REGION: 'us-east-1',
  }
  const hawser = async (args: readonly string[], stopAfter = Infinity): Promise<Result> => {
    const running = spawn(process.execPath, [source('main.ts').pathname, ...args], { env })
    child = running
    let [out, isStopped] = ['', false]
    running.stdout.setEncoding('utf8').on('data', (said: string) => {
      out += said
      if (isStopped || out.split('"type":"done"').length <= stopAfter) return
      isStopped = running.kill('SIGINT')
    })
    const err = text(running.stderr)
    const [code] = await once(running, 'close')
    return { code, out, err: await err }
  }
  const ended = await hawser(argv, times)
  return { ended, hawser: (...args) => hawser(args) }
}

test('an interrupted sync tells what it did, and so does the history', async () => {
  const of = await archive()
  await mkdir(join(root, 'tree'))
  await writeFile(join(root, 'tree', 'a'), 'small')
  await writeFile(join(root, 'tree', 'b'), Buffer.alloc(4_000_000))
  const slow = ['--json', '-j', '1', '--bwlimit', '20K']
  const argv = [...slow, 'sync', join(root, 'tree'), 's3://bucket/t']
  const { ended, hawser } = await interrupted(of, 1, ...argv)
  expect(ended.code).toBe(130)
  expect(records(ended).slice(-2)).toMatchObject([
    { type: 'summary', summary: { copied: 1, bytes: 5, failed: 0, interrupted: true } },
    {
      type: 'error',
      code: 'interrupted',
      message: 'interrupted',
      hint: 'The same command goes on with the rest.',
    },
  ])
  const listed = await hawser('runs', '--json')
  expect(records(listed)).toMatchObject([{ exitCode: 130, summary: { copied: 1 } }])
  expect((await hawser('runs')).out).toMatch(/exit 130, 0 failed\n {4}1 object {2}5 B /)
  const { out } = await hawser('runs', 'show', 'last')
  expect(out).toMatch(/^numbers +1 object, 5 B, sent /m)
  expect(out).toMatch(/^interrupted$/m)
  expect(out).not.toMatch(/^failed/m)
})

test('interrupted while it waits for a thaw, it tells what it asked for', async () => {
  const of = await archive()
  await of.put('GLACIER', 'cold/1', 'cold/2')
  const argv = ['--json', 'restore', '-r', '--wait', 's3://bucket/cold/']
  const { ended, hawser } = await interrupted(of, 2, ...argv)
  expect(ended.code).toBe(130)
  expect(ended.err).toContain('hawser: interrupted while waiting for 2 objects; 2 asked for\n')
  expect(ended.err).toContain('What was asked for goes on.')
  const [totals, error] = records(ended).slice(-2)
  expect(totals).toMatchObject({ totals: { asked: 2, thawed: 0, failed: 0, interrupted: true } })
  expect(error).toMatchObject({ type: 'error', code: 'interrupted' })
  expect(error).not.toHaveProperty('address')
  const { out } = await hawser('runs', 'show', 'last')
  expect(out).toMatch(/^numbers +2 objects, 12 B/m)
  expect(out).toContain('\ninterrupted while waiting for 2 objects; 2 asked for\n')
  expect(out).not.toMatch(/^failed/m)
})

test('the second signal ends at once what does not stop', async () => {
  const script = `
    import { interruptible } from '${source('interrupt.ts').href}'
    const interrupt = interruptible(() => process.stdout.write('told'))
    setInterval(() => interrupt.signal, 1000)
    process.stdout.write('ready')`
  const process = await started('--input-type=module', '-e', script)
  process.kill('SIGINT')
  const [told] = await once(process.stdout, 'data')
  expect(String(told)).toBe('told')
  process.kill('SIGINT')
  expect(await once(process, 'exit')).toEqual([130, null])
})
