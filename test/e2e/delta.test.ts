// Deltas as a user has them: little passes the wire, many big files at once fit into the memory, and a run that is killed
// is gone on with.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyKey } from '../../src/core/key.ts'
import { s3Store } from '../../src/stores/s3/store.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { expectSame, get } from '../conformance/tools.ts'
import { s3Options } from '../stores/s3/open.ts'
import { multipartOf } from '../transfer/tools.ts'
import { edited } from '../transfer/delta/tools.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { RecordingProxy } from './proxy.ts'

const MiB = 2 ** 20
const kills = 8

describeS3(
  'deltas of files',
  (endpoint) => {
    const bucket = createBucketName()
    let folder: string
    let direct: Record<string, string>
    const run = async (argv: string[], env = direct): Promise<Run> => {
      const done = await hawser(argv, { cwd: folder, env })
      expect(done).toMatchObject({ code: 0 })
      return done
    }
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-delta-'))
      direct = userOf(endpoint, folder)
      await run(['mb', `s3://${bucket}`])
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test('all that passes the wire for one edit is little', { timeout: 240_000 }, async () => {
      await using proxy = await RecordingProxy.start(endpoint.url)
      const env = { ...direct, AWS_ENDPOINT_URL: proxy.url }
      const file = join(folder, 'one')
      const url = `s3://${bucket}/one`
      const old = randomBytes(64 * MiB)
      const edits: [Uint8Array, number][] = [
        [edited(old, 31 * MiB, 1, Buffer.of((old[31 * MiB] ?? 0) ^ 1)), 13],
        [edited(old, 0, 0, Buffer.from('x')), 13],
        [edited(old, 41 * MiB, MiB, Buffer.alloc(0)), 13],
        [edited(old, old.length, 0, randomBytes(100_000)), 13],
        [randomBytes(64 * MiB), 64 * 1.01],
      ]
      for (const [bytes, most] of edits) {
        writeFileSync(file, old)
        await run(['cp', 'one', url])
        writeFileSync(file, bytes)
        const before = proxy.sent + proxy.received
        await run(['cp', 'one', url], env)
        expect(proxy.sent + proxy.received - before).toBeLessThan(most * MiB)
        await run(['cp', url, 'back'])
        expect(readFileSync(join(folder, 'back')).equals(bytes)).toBe(true)
      }
    })

    test('a killed run is gone on with', { timeout: 240_000 }, async () => {
      await using proxy = await RecordingProxy.start(endpoint.url)
      const env = { ...direct, AWS_ENDPOINT_URL: proxy.url }
      mkdirSync(join(folder, 'killed'))
      const file = join(folder, 'killed', 'big')
      const url = `s3://${bucket}/killed`
      const old = randomBytes(130 * MiB)
      writeFileSync(file, old)
      const argv = ['sync', 'killed', url, '--jobs', '3', '--block-size', '64K']
      await run(argv)
      const next = Buffer.from(old)
      for (let at = 6 * MiB; at < next.length; at += 16 * MiB) next[at] = (next[at] ?? 0) ^ 1
      writeFileSync(file, next)
      for (let i = 0; i < kills; i++) {
        const wait = 300 + Math.random() * 900
        const { signal } = await hawser([...argv, '--bwlimit', '4M'], {
          cwd: folder,
          env,
          onStart: (child) => void delay(wait).then(() => child.kill('SIGKILL')),
        })
        expect(signal).toBe('SIGKILL')
      }
      const last = await run([...argv, '--json'], env)
      expect(summaryOf(last)).toMatchObject({ copied: 1, failed: 0 })
      expectNoPartTwice(proxy)
      const again = await run([...argv, '--json'], env)
      expect(summaryOf(again)).toMatchObject({ unchanged: 1, traffic: { sent: 0 } })
      expect(await unfinished()).toEqual([])
      await run(['cp', `${url}/big`, 'back'])
      expect(readFileSync(join(folder, 'back')).equals(next)).toBe(true)
    })

    test(
      'killed before any of its answers comes, a run leaves what the next one ends',
      { timeout: 240_000 },
      async () => {
        await using proxy = await RecordingProxy.start(endpoint.url)
        await using store = s3Store(s3Options(endpoint, bucket))
        const env = { ...direct, AWS_ENDPOINT_URL: proxy.url }
        mkdirSync(join(folder, 'answers'))
        const file = join(folder, 'answers', 'big')
        const url = `s3://${bucket}/answers`
        const bytes = randomBytes(24 * MiB)
        const argv = ['sync', 'answers', url, '--delta-threshold', '6M', '--block-size', '64K']
        const put = (): void => {
          for (const at of [MiB, 13 * MiB]) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
          writeFileSync(file, bytes)
        }
        put()
        await run(argv)
        const killed = new Set<string>()
        for (let nth = 1, ended = false; !ended; nth++) {
          put()
          let seen = 0
          const { signal } = await hawser(argv, {
            cwd: folder,
            env,
            onStart(child) {
              proxy.onAnswer = ({ method, target }) => {
                if (++seen !== nth) return
                child.kill('SIGKILL')
                proxy.cut()
                killed.add(`${method} ${target.replace(/^[^?]*|=[^&]*/g, '')}`)
              }
            },
          })
          ended = signal !== 'SIGKILL'
          proxy.onAnswer = () => {}
          const next = await run([...argv, '--json'], env)
          expect(summaryOf(next).traffic.sent).toBeLessThan(20 * MiB)
          expect(await unfinished(), [...killed].join()).toEqual([])
          expectSame(await get(store, 'answers/big'), bytes)
        }
        expect([...killed]).toEqual(
          expect.arrayContaining(['POST ?uploads', 'PUT ?partNumber&uploadId', 'POST ?uploadId']),
        )
      },
    )

    async function unfinished(): Promise<string[]> {
      await using store = s3Store(s3Options(endpoint, bucket))
      const left = await Array.fromAsync(multipartOf(store).uploads(emptyKey))
      return left.map(({ key }) => key)
    }
  },
  ['ceph20', 'hawser'],
)

/** Neither sent nor copied: a part that the server had taken is in no later request. */
function expectNoPartTwice(proxy: RecordingProxy): void {
  const taken = new Set<string>()
  for (const { method, target, status } of proxy.exchanges) {
    if (method !== 'PUT' || !target.includes('partNumber=')) continue
    expect(taken).not.toContain(target)
    if (status === 200) taken.add(target)
  }
  expect(taken.size).toBeGreaterThan(8)
}

describeS3(
  'deltas of many big files at once',
  (endpoint) => {
    test('fit into the memory, and end', { timeout: 300_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-delta-'))
      try {
        const env = userOf(endpoint, folder)
        const url = `s3://${createBucketName()}`
        await hawser(['mb', url], { env })
        mkdirSync(join(folder, 'tree'))
        const files = Array.from({ length: 8 }, (_, i) => join(folder, 'tree', `file-${i}`))
        for (const file of files) writeFileSync(file, randomBytes(60_000_000))
        const argv = ['sync', 'tree', url, '--json']
        const settings = { cwd: folder, env }
        const first = await hawser(argv, settings)
        expect(summaryOf(first)).toMatchObject({ copied: 8, failed: 0 })
        for (const file of files) {
          const bytes = readFileSync(file)
          writeFileSync(file, edited(bytes, 30 * MiB, 1, Buffer.from('xy')))
        }
        const second = await hawser(argv, settings)
        expect(summaryOf(second)).toMatchObject({ copied: 8, failed: 0 })
        expect(summaryOf(second).traffic.sent).toBeLessThan(8 * 13 * MiB)
        expect(Math.max(first.peakMemory, second.peakMemory)).toBeLessThan(200 * MiB)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
  ['hawser'],
)
