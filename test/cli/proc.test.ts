// Directories that nothing can be made in: below /proc, Node's own way to make them with their parents never ends.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const patience = 30_000

/** In a process of its own, which is ended where it does not end by itself: its code is null then. */
async function hawser(...argv: readonly string[]): Promise<{ code: unknown; err: string }> {
  const home = await mkdtemp(join(tmpdir(), 'hawser-proc-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const settings = {
    env: { ...process.env, HOME: home, HAWSER_STATE_DIR: join(home, 'state') },
    timeout: patience,
    killSignal: 'SIGKILL',
  } as const
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...argv], settings, (error, _, err) =>
      resolve({ code: error ? error.code : 0, err }),
    )
  })
}

test.runIf(existsSync('/proc/self'))('what cannot be made below /proc is told', async () => {
  const [here, below] = [import.meta.dirname, '/proc/hawser/below']
  for (const argv of [
    ['sync', '-n', '--state-dir', below, here, '/nowhere/copy'],
    ['rm', '--state-dir', below, `${here}/none`],
    ['cp', main, `${below}/copy`],
    ['serve', 's3', below],
  ])
    expect(await hawser(...argv), argv.join(' ')).toMatchObject({ code: 9 })
  const { err } = await hawser('rm', '--state-dir', below, `${here}/none`)
  expect(err).toContain('cannot be written here: its directory cannot be made')
})
