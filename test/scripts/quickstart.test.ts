import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const script = join(import.meta.dirname, '..', '..', 'scripts', 'quickstart.ts')

test('the quick start ends with the tree that was sent, and leaves nothing', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'hawser-start-'))
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }))
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { PATH: process.env['PATH'] ?? '', HOME: temporary, TMPDIR: temporary },
  })
  expect(stdout).toMatch(/byte for byte\.\n$/)
  expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([])
})
