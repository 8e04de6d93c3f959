import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../../src/cli/run.ts'

/** Two trees: `from` holds one file, `to` another one. */
async function trees(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'hawser-command-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const name of ['from', 'to']) {
    await mkdir(join(root, name))
    await writeFile(join(root, name, `only-${name}`), name)
  }
  return root
}

async function hawser(
  root: string,
  environment: Record<string, string>,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await run(
    argv.map((arg) => arg.replace(/^@/, root)),
    {
      environment: { HOME: root, HAWSER_STATE_DIR: join(root, 'state'), ...environment },
      stdin: Readable.from([]),
      stdout,
      stderr,
    },
  )
  stdout.end()
  stderr.end()
  return { code, out: await text(stdout), err: await text(stderr) }
}

test("a command's own options come from the environment too", async () => {
  const root = await trees()
  const dry = await hawser(
    root,
    { HAWSER_DRY_RUN: '1', HAWSER_DELETE: '1' },
    'sync',
    '@/from',
    '@/to',
  )
  expect(dry).toMatchObject({ code: 0 })
  expect(dry.out).toContain('would copy')
  expect(dry.out).toContain('would remove')
  expect(await readdir(join(root, 'to'))).toEqual(['only-to'])
  await hawser(root, { HAWSER_DELETE: '1' }, 'sync', '@/from', '@/to')
  expect(await readdir(join(root, 'to'))).toEqual(['only-from'])
})

test('those of other commands, and what is set to nothing, mean nothing', async () => {
  const root = await trees()
  const environment = { HAWSER_DELETE: '', HAWSER_ACCESS_KEY: 'id', HAWSER_RECURSIVE: '1' }
  expect(await hawser(root, environment, 'sync', '@/from', '@/to')).toMatchObject({ code: 0 })
  expect((await readdir(join(root, 'to'))).toSorted()).toEqual(['only-from', 'only-to'])
})

test('a variable that cannot be understood is named', async () => {
  const root = await trees()
  const refused = await hawser(root, { HAWSER_DELETE: 'maybe' }, 'sync', '@/from', '@/to')
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toBe('hawser: HAWSER_DELETE takes 1 or 0, not "maybe"\n')
  expect((await hawser(root, { HAWSER_DELETE: 'maybe' }, 'ls', '@/to')).code).toBe(0)
})
