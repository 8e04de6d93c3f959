// The package as npm would publish it: what is in it, and that it works where it is installed.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')
const runFile = promisify(execFile)
let folder: string
let installed: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-package-'))
  installed = join(folder, 'node_modules', 'hawser')
  mkdirSync(installed, { recursive: true })
  // The build is tested, not made again: other tests are running it.
  await runFile('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const archive = join(folder, `hawser-${manifest.version}.tgz`)
  await runFile('tar', ['xzf', archive, '-C', installed, '--strip-components=1'])
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('it holds what is built and what is to be read, and no source', async () => {
  const { stdout } = await runFile('find', ['.', '-type', 'f'], { cwd: installed })
  const files = stdout.trim().split('\n')
  for (const file of files)
    expect(file).toMatch(
      /^\.\/(dist\/.*\.mjs|dist\/.*\.d\.mts|docs\/.*\.md|README\.md|LICENSE|package\.json)$/,
    )
  expect(files).toContain('./LICENSE')
})

test('its library is imported by name, and works with a thread of its own', async () => {
  const script = `
    import { writeFile, readFile } from 'node:fs/promises'
    import { sync, isHawserError } from 'hawser'
    await writeFile('from.txt', 'x')
    const { summary } = await sync('${join(installed, 'docs')}', 'copy', { stateDir: 'state' })
    const failure = await sync('nowhere', 'copy').catch((error) => error)
    console.log(summary.failed, summary.copied > 2, isHawserError(failure), failure.code)`
  const node = ['--input-type=module', '-e', script]
  const { stdout } = await runFile(process.execPath, node, { cwd: folder })
  expect(stdout).toBe('0 true true not-found\n')
})

test('its command runs from its own first line', async () => {
  const command = join(installed, manifest.bin.hawser)
  const { stdout: mode } = await runFile('stat', ['-c', '%A', command])
  expect(mode).toContain('x')
  const env = { PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}`, HOME: folder }
  const { stdout } = await runFile(command, ['--version'], { env })
  expect(stdout).toBe(`hawser ${manifest.version}\n`)
})
