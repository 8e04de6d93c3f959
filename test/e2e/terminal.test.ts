// On a terminal, as a user sees it: `script` gives the built command a pseudo-terminal of its own.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hawser, localUser } from './hawser.ts'

const runFile = promisify(execFile)
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'hawser')
const escape = '\u001b'
let folder: string
let env: Record<string, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-terminal-'))
  env = { ...localUser(folder), TERM: 'xterm' }
  mkdirSync(join(folder, 'tree'))
  for (let i = 0; i < 50; i++) writeFileSync(join(folder, 'tree', `file-${i}`), `content ${i}`)
  writeFileSync(join(folder, 'tree', `${escape}[31mred`), 'its name would colour the terminal')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the terminal is sent. */
async function onTerminal(...argv: string[]): Promise<string> {
  const command = [launcher, ...argv].map((word) => `'${word}'`).join(' ')
  // The command's own exit code may be another one than 0: `check` found something.
  const options = { cwd: folder, env }
  const { stdout } = await runFile('script', ['-qc', command, '/dev/null'], options)
  return stdout
}

test('progress is drawn in place and gone at the end; the summary stays', async () => {
  const seen = await onTerminal('sync', 'tree', 'copy')
  const lines = seen.trimEnd().split('\r\n')
  expect(lines.at(-1)).toContain('copied 51 objects')
  expect(seen.endsWith('\r\n')).toBe(true)
  const plain = await hawser(['sync', 'tree', 'second'], { cwd: folder, env })
  expect(plain).toMatchObject({ code: 0, stdout: '' })
  expect(plain.stderr).toMatch(/^copied 51 objects .*\n$/)
})

test('names cannot write to the terminal, and reach a pipe as they are', async () => {
  const seen = await onTerminal('ls', 'tree')
  expect(seen).not.toContain(`${escape}[31m`)
  expect(seen).toContain('red')
  const piped = await hawser(['ls', 'tree'], { cwd: folder, env })
  expect(piped.stdout).toContain(`${escape}[31mred`)
})

test('--quiet is quiet there too', async () => {
  expect(await onTerminal('sync', '-q', 'tree', 'third')).toBe('')
})

test('what a check finds stays, line by line, and its totals come last', async () => {
  await hawser(['sync', 'tree', 'checked'], { cwd: folder, env })
  writeFileSync(join(folder, 'checked', 'file-7'), 'CONTENT 7')
  rmSync(join(folder, 'checked', 'file-9'))
  const lines = (await onTerminal('check', 'tree', 'checked')).trimEnd().split('\r\n')
  expect(lines.length).toBe(3)
  expect(lines[0]).toMatch(/differs \S+\/checked\/file-7 \(.*\)$/)
  expect(lines[1]).toMatch(/only in A: \S+\/tree\/file-9$/)
  expect(lines[2]).toContain('49 objects equal')
})
