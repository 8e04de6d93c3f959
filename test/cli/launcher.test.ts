// The shell launcher of a checkout, in a copy of its layout whose Nodes are scripts that say their name.
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let root: string
let path: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-launcher-'))
  path = join(root, 'path')
  for (const directory of ['bin', 'dist', 'path']) await mkdir(join(root, directory))
  await copyFile(new URL('../../bin/hawser', import.meta.url), join(root, 'bin/hawser'))
  await chmod(join(root, 'bin/hawser'), 0o755)
  await writeFile(join(root, 'dist/cli.mjs'), '')
  for (const tool of ['dirname', 'readlink', 'sh'])
    await symlink(`/usr/bin/${tool}`, join(path, tool)).catch(() => undefined)
})
afterEach(() => rm(root, { recursive: true }))

/** A Node that answers `-v`, and else prints its name, the thread pool's size, and its arguments. */
async function fakeNode(file: string, name: string, version: string): Promise<string> {
  await mkdir(join(file, '..'), { recursive: true })
  const script = `#!/bin/sh
if [ "$1" = -v ]; then echo ${version}; exit; fi
echo ${name} "$UV_THREADPOOL_SIZE" "$@"
exit 7
`
  await writeFile(file, script, { mode: 0o755 })
  return file
}

interface Result {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

function launch(
  file = join(root, 'bin/hawser'),
  environment: Record<string, string> = {},
): Promise<Result> {
  return new Promise((resolve) => {
    const env = { PATH: path, ...environment }
    execFile(file, ['ls', 'a b'], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    )
  })
}

test("takes the checkout's Node first, with its arguments, and gives its exit code", async () => {
  await fakeNode(join(root, 'node_modules/node/bin/node'), 'pinned', 'v24.0.0')
  await fakeNode(join(path, 'node'), 'system', 'v24.0.0')
  const { code, stdout } = await launch()
  expect(stdout).toMatch(/^pinned 16 .*\/dist\/cli\.mjs ls a b\n$/)
  expect(code).toBe(7)
})

test('HAWSER_NODE comes before all others, and a thread pool that is set stays', async () => {
  await fakeNode(join(root, 'node_modules/node/bin/node'), 'pinned', 'v24.0.0')
  const chosen = await fakeNode(join(root, 'other'), 'chosen', 'v24.0.0')
  const { stdout } = await launch(undefined, { HAWSER_NODE: chosen, UV_THREADPOOL_SIZE: '3' })
  expect(stdout).toMatch(/^chosen 3 /)
  expect((await launch(undefined, { HAWSER_NODE: '/nowhere/node' })).stderr).toContain(
    'HAWSER_NODE',
  )
})

test.each([
  ['v22.18.0', true],
  ['v22.17.1', false],
  ['v23.0.0', true],
  ['v20.20.2', false],
  ['v100.1.0', true],
  ['nonsense', false],
])('the system has %s: used is %s', async (version, used) => {
  await fakeNode(join(path, 'node'), 'system', version)
  const { code, stdout, stderr } = await launch()
  if (used) expect(stdout).toMatch(/^system 16 /)
  else {
    expect(stderr).toContain('Node.js 22.18 or newer is needed')
    expect(code).toBe(2)
  }
})

test('without any Node it says what is needed', async () => {
  const { code, stderr } = await launch()
  expect(code).toBe(2)
  expect(stderr).toBe(
    `hawser: Node.js 22.18 or newer is needed, and none was found.\nhawser: Run 'npm ci' in ${root} (it brings one), or set HAWSER_NODE to one.\n`,
  )
})

test('finds its checkout through symbolic links', async () => {
  await fakeNode(join(root, 'node_modules/node/bin/node'), 'pinned', 'v24.0.0')
  await symlink('../bin/hawser', join(root, 'path/first'))
  await symlink(join(root, 'path/first'), join(root, 'second'))
  expect((await launch(join(root, 'second'))).stdout).toContain(`${root}/dist/cli.mjs`)
})

test('a checkout that is not built says how to build it', async () => {
  await rm(join(root, 'dist/cli.mjs'))
  await fakeNode(join(path, 'node'), 'system', 'v24.0.0')
  expect(await launch()).toMatchObject({ code: 2, stderr: expect.stringContaining("'npm ci'") })
  await mkdir(join(root, 'node_modules'))
  expect(await launch()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'npm run build'"),
  })
})
