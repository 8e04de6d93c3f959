// Renamed files as a user has them: next to nothing of them passes the wire.
import { hash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { md5FromEtag } from '../../src/core/digest.ts'
import { emptyKey } from '../../src/core/key.ts'
import { s3Store } from '../../src/stores/s3/store.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { s3Options } from '../stores/s3/open.ts'
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
        /** Runs until its answer of this number is about to come; tells whether it did. */
        killAt: (nth: number, ...argv: string[]) => Promise<boolean>,
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
      const killAt = async (nth: number, ...argv: string[]): Promise<boolean> => {
        let seen = 0
        const done = await hawser(argv, {
          cwd: folder,
          env,
          onStart(child) {
            proxy.onAnswer = () => {
              if (++seen !== nth) return
              child.kill('SIGKILL')
              proxy.cut()
            }
          },
        })
        proxy.onAnswer = () => {}
        if (done.signal === 'SIGKILL') return true
        expect(done).toMatchObject({ code: 0 })
        return false
      }
      try {
        mkdirSync(join(folder, 'tree'))
        await task(run, (name) => join(folder, name), proxy, killAt)
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

    test(
      'and killed before any of its answers comes: what the source still has is there at any time',
      { timeout: 480_000 },
      async () => {
        await within(async (run, at, proxy, killAt) => {
          const bucket = createBucketName()
          const url = `s3://${bucket}/tree`
          const big = randomBytes(24 * MiB)
          const files = 4
          mkdirSync(at('tree/0'))
          for (let i = 0; i < files; i++) writeFileSync(at(`tree/0/file-${i}`), `contents of ${i}`)
          writeFileSync(at('tree/big-0'), big)
          const argv = ['sync', '--json', '--delete', '--delta-threshold', '8M', 'tree', url]
          await run(...argv, '--create-bucket')
          await using store = s3Store(s3Options(endpoint, bucket))
          const etags = async (): Promise<Set<string | undefined>> =>
            new Set(
              await Array.fromAsync(store.list(emptyKey), ({ etag = '' }) => md5FromEtag(etag)),
            )
          for (let i = 0, killed = true; killed; i++) {
            renameSync(at(`tree/${i}`), at(`tree/${i + 1}`))
            const [one, other] = [at(`tree/${i + 1}/file-0`), at(`tree/${i + 1}/file-1`)]
            renameSync(one, at('tree/swapped'))
            renameSync(other, one)
            renameSync(at('tree/swapped'), other)
            renameSync(at(`tree/big-${i}`), at(`tree/big-${i + 1}`))
            big.writeUInt32LE(i, MiB)
            writeFileSync(at(`tree/big-${i + 1}`), big)
            killed = await killAt(i + 1, ...argv)
            const there = await etags()
            for (let file = 0; file < files; file++)
              expect(there).toContain(hash('md5', `contents of ${file}`))
          }
          await run('check', 'tree', url)
          expect(summaryOf(await run(...argv))).toMatchObject({ copied: 0, unchanged: files + 1 })
          const keys = await Array.fromAsync(store.list(emptyKey), ({ key }) => key)
          expect(keys.filter((key) => !key.startsWith('.hawser/sig/'))).toHaveLength(files + 1)
          const asked = proxy.exchanges.map(
            ({ method, target }) => `${method} ${target.replace(/^[^?]*|=[^&]*/g, '')}`,
          )
          expect(asked).toEqual(
            expect.arrayContaining(['PUT ', 'POST ?delete', 'PUT ?partNumber&uploadId']),
          )
        })
      },
    )

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
