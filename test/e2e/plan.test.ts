// A plan that is applied as a user does it: killed again and again, it goes on, and ends as planned.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, type RunSettings, summaryOf, userOf } from './hawser.ts'

const files = 60
const big = 24 * 1024 * 1024

describeS3(
  'a plan',
  (endpoint) => {
    test('killed in the middle, and applied again', { timeout: 240_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-plan-'))
      const tree = join(folder, 'tree')
      const url = `s3://${createBucketName()}/tree`
      const env = userOf(endpoint, folder)
      const run = (argv: string[], more: RunSettings = {}): Promise<Run> =>
        hawser(argv, { cwd: folder, env, ...more })
      try {
        mkdirSync(join(tree, 'old'), { recursive: true })
        for (let i = 0; i < files; i++) {
          writeFileSync(join(tree, `file-${i}`), randomBytes(1000 + i))
          writeFileSync(join(tree, 'old', `file-${i}`), randomBytes(1000 + i))
        }
        expect(await run(['sync', '--create-bucket', 'tree', url])).toMatchObject({ code: 0 })
        renameSync(join(tree, 'old'), join(tree, 'new'))
        for (let i = 0; i < files; i += 2) writeFileSync(join(tree, `file-${i}`), randomBytes(900))
        for (let i = 1; i < files; i += 6) rmSync(join(tree, `file-${i}`))
        writeFileSync(join(tree, 'big'), randomBytes(big))
        const made = await run(['plan', '--delete', '--json', 'tree', url, '-o', 'plan'])
        expect(made).toMatchObject({ code: 0 })
        expect(summaryOf(made)).toMatchObject({ copied: files / 2 + 1, renamed: files, failed: 0 })

        const argv = ['apply', '--json', '--jobs', '3', 'plan']
        let kills = 0
        for (;;) {
          const { code, signal } = await run(argv, { onStart: (child) => killAt(child, 9) })
          if (signal === null) {
            expect(code).toBe(0)
            break
          }
          kills++
        }
        expect(kills).toBeGreaterThan(0)
        const again = await run(argv)
        expect(again).toMatchObject({ code: 0, stderr: '' })
        expect(summaryOf(again)).toMatchObject({ copied: 0, renamed: 0, removed: 0, failed: 0 })
        expect(await run(['check', 'tree', url])).toMatchObject({ code: 0 })
        expect(summaryOf(await run(['sync', '--json', '--delete', 'tree', url]))).toMatchObject({
          copied: 0,
          removed: 0,
        })
        expect(readFileSync(join(folder, 'plan'), 'utf8')).not.toContain(endpoint.secretAccessKey)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
  ['ceph20', 'hawser'],
)

/** When it has told of so many objects that are done. */
function killAt(child: Parameters<NonNullable<RunSettings['onStart']>>[0], most: number): void {
  let done = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    done += chunk.toString().split('"type":"done"').length - 1
    if (done >= most) child.kill('SIGKILL')
  })
}
