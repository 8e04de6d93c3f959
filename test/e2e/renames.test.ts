// Renamed files as a user has them: next to nothing of them passes the wire.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { RecordingProxy } from './proxy.ts'

const MiB = 2 ** 20
const count = 1000
/** Of each file: together they have 1 GiB. */
const size = Math.ceil(2 ** 30 / count)

describeS3(
  'renamed',
  (endpoint) => {
    /** Commands that pass the proxy, in a folder with an empty `tree`. */
    async function within(
      task: (
        run: (...argv: string[]) => Promise<Run>,
        at: (name: string) => string,
        proxy: RecordingProxy,
      ) => Promise<void>,
    ): Promise<void> {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-renamed-'))
      await using proxy = await RecordingProxy.start(endpoint.url)
      const env = { ...userOf(endpoint, folder), AWS_ENDPOINT_URL: proxy.url }
      const run = async (...argv: string[]): Promise<Run> => {
        const done = await hawser(argv, { cwd: folder, env })
        expect(done).toMatchObject({ code: 0 })
        return done
      }
      try {
        mkdirSync(join(folder, 'tree'))
        await task(run, (name) => join(folder, name), proxy)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }

    test('a directory of 1,000 files and 1 GiB', { timeout: 240_000 }, async () => {
      await within(async (run, at, proxy) => {
        const url = `s3://${createBucketName()}/tree`
        mkdirSync(at('tree/old'))
        const bytes = randomBytes(size)
        for (let i = 0; i < count; i++) {
          bytes.writeUInt32LE(i)
          writeFileSync(at(`tree/old/file-${i}`), bytes)
        }
        await run('sync', '--create-bucket', 'tree', url)
        renameSync(at('tree/old'), at('tree/new'))
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
      })
    })

    test('and edited: one byte of 64 MiB', { timeout: 240_000 }, async () => {
      await within(async (run, at, proxy) => {
        const url = `s3://${createBucketName()}/tree`
        const bytes = randomBytes(64 * MiB)
        writeFileSync(at('tree/old'), bytes)
        await run('sync', '--create-bucket', 'tree', url)
        renameSync(at('tree/old'), at('tree/new'))
        bytes[31 * MiB] = (bytes[31 * MiB] ?? 0) ^ 1
        writeFileSync(at('tree/new'), bytes)
        const argv = ['sync', '--json', '--delete', 'tree', url]
        const dry = summaryOf(await run(...argv, '-n'))
        const before = proxy.sent
        const real = summaryOf(await run(...argv))
        for (const told of [dry, real])
          expect(told).toMatchObject({ copied: 1, removed: 1, saved: dry.saved, failed: 0 })
        // A part of 8 MiB, the signature, and heads of requests.
        expect(proxy.sent - before).toBeLessThan(8.1 * MiB)
        await run('cp', `${url}/new`, 'back')
        expect(readFileSync(at('back')).equals(bytes)).toBe(true)
      })
    })
  },
  ['ceph20', 'hawser'],
)
