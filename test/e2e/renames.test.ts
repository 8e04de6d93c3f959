// A renamed directory as a user has it: nothing of its files passes the wire.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { RecordingProxy } from './proxy.ts'

const count = 1000
/** Of each file: together they have 1 GiB. */
const size = Math.ceil(2 ** 30 / count)

describeS3(
  'a renamed directory',
  (endpoint) => {
    test('of 1,000 files and 1 GiB', { timeout: 240_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-renamed-'))
      await using proxy = await RecordingProxy.start(endpoint.url)
      const env = { ...userOf(endpoint, folder), AWS_ENDPOINT_URL: proxy.url }
      const url = `s3://${createBucketName()}/tree`
      const run = async (...argv: string[]): Promise<Run> => {
        const done = await hawser(argv, { cwd: folder, env })
        expect(done).toMatchObject({ code: 0 })
        return done
      }
      try {
        mkdirSync(join(folder, 'tree', 'old'), { recursive: true })
        const bytes = randomBytes(size)
        for (let i = 0; i < count; i++) {
          bytes.writeUInt32LE(i)
          writeFileSync(join(folder, 'tree', 'old', `file-${i}`), bytes)
        }
        await run('sync', '--create-bucket', 'tree', url)
        renameSync(join(folder, 'tree', 'old'), join(folder, 'tree', 'new'))
        const before = proxy.sent
        const done = await run('sync', '--json', '--delete', 'tree', url)
        expect(summaryOf(done)).toMatchObject({
          renamed: count,
          copied: 0,
          removed: count,
          failed: 0,
        })
        // Names of what is to be removed, and heads of requests.
        expect(summaryOf(done).traffic.sent).toBeLessThan(count * 100)
        expect(proxy.sent - before).toBeLessThan(count * 4096)
        const again = await run('sync', '--json', '--delete', 'tree', url)
        expect(summaryOf(again)).toMatchObject({ renamed: 0, copied: 0, unchanged: count })
        await run('check', 'tree', url)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
  ['ceph20', 'hawser'],
)
