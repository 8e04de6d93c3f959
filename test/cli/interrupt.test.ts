// Signals, sent to a process of its own.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'

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
