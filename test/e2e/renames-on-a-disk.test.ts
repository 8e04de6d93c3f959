// Renamed files on a disk as a user has them, killed in the middle: each is the file that it was, under its new name.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hawser, localUser, type Run, type RunSettings, summaryOf } from './hawser.ts'
import { treeDifferences } from './trees.ts'

const count = 300
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-renames-disk-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string): string => join(folder, name)
function run(argv: readonly string[], more: RunSettings = {}): Promise<Run> {
  return hawser(argv, { cwd: folder, env: localUser(folder), ...more })
}

/** Of all that lies in the directory. */
function inodes(directory: string): bigint[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name), { bigint: true }).ino)
    .toSorted((a, b) => Number(a - b))
}

test(
  'killed at any time and run again, each is the file that it was',
  { timeout: 240_000 },
  async () => {
    mkdirSync(at('tree/0'), { recursive: true })
    for (let i = 0; i < count; i++) writeFileSync(at(`tree/0/file-${i}`), `contents of ${i}`)
    const argv = ['sync', '-a', '--json', '--delete', 'tree', 'copy']
    expect((await run(argv)).code).toBe(0)
    const kills = [1, 10, 100, count]
    for (const [i, lines] of kills.entries()) {
      const before = inodes(at('copy'))
      renameSync(at(`tree/${i}`), at(`tree/${i + 1}`))
      const onStart: RunSettings['onStart'] = (child) => {
        let seen = 0
        child.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString().split('"action":"rename"').length - 1
          if (seen >= lines) child.kill('SIGKILL')
        })
      }
      const killed = await run(argv, { onStart })
      expect(killed.signal === 'SIGKILL' || killed.code === 0).toBe(true)
      expect(new Set(inodes(at('copy')))).toEqual(new Set(before))
      const last = await run(argv)
      expect(last.code).toBe(0)
      expect(summaryOf(last)).toMatchObject({ failed: 0 })
      expect(inodes(at('copy'))).toEqual(before)
      // A removal of the second name that the kill left has changed a file that was recorded.
      expect(summaryOf(await run(argv))).toMatchObject({ copied: 0, renamed: 0, removed: 0 })
    }
    expect(
      await treeDifferences(at('tree'), at('copy'), { modes: true, directories: true }),
    ).toEqual([])
  },
)
