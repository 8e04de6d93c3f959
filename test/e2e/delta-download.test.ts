// What a user types, on a machine that holds the old version: little comes, also after kills.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { bytesOf, expectSame, MiB } from '../conformance/tools.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { RecordingProxy } from './proxy.ts'

const largestChunk = 4 * MiB
const old = bytesOf(60 * MiB + 7, 1)

describeS3(
  'delta downloads by the command',
  (endpoint) => {
    const bucket = createBucketName()
    const address = `s3://${bucket}/data`
    let folder: string
    let machine: string
    let proxy: RecordingProxy

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-down-'))
      mkdirSync(join(folder, 'tree'))
      proxy = await RecordingProxy.start(endpoint.url)
      await hawser(['mb', `s3://${bucket}`], { env: userOf(endpoint, folder) })
    })
    afterAll(async () => {
      await proxy[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Another machine, which has the old file and knows of nothing. */
    beforeEach(() => {
      machine = mkdtempSync(join(folder, 'machine-'))
      mkdirSync(join(machine, 'copy'))
      writeFileSync(join(machine, 'copy', 'big'), old)
    })

    async function publish(bytes: Uint8Array): Promise<void> {
      writeFileSync(join(folder, 'tree', 'big'), bytes)
      const settings = { cwd: folder, env: userOf(endpoint, folder) }
      expect((await hawser(['sync', 'tree', address], settings)).code).toBe(0)
    }

    async function run(argv: string[], onStart?: (kill: () => void) => void): Promise<Run> {
      return hawser([...argv, '--json'], {
        cwd: machine,
        env: { ...userOf(endpoint, machine), AWS_ENDPOINT_URL: proxy.url },
        onStart: (child) => onStart?.(() => child.kill('SIGKILL')),
      })
    }

    test.each([
      ['cp', ['cp', `${address}/big`, 'copy/big']],
      ['sync', ['sync', address, 'copy']],
    ])('%s fetches what is missing', async (_, argv) => {
      const bytes = Buffer.from(old)
      bytes.writeUInt8(bytes.readUInt8(30 * MiB) ^ 1, 30 * MiB)
      await publish(Buffer.concat([bytes, Buffer.from(argv.join(' '))]))
      const before = proxy.received
      const done = await run(argv)
      expect(done.stderr).toBe('')
      expect(summaryOf(done).failed).toBe(0)
      // Two edits: one in the middle, one at the end.
      expect(proxy.received - before).toBeLessThanOrEqual(2 * 2 * largestChunk)
      expectSame(
        readFileSync(join(machine, 'copy', 'big')),
        readFileSync(join(folder, 'tree', 'big')),
      )
      expect(readdirSync(join(machine, 'copy'))).toEqual(['big'])
    })

    test('with --no-delta it comes whole', async () => {
      await publish(Buffer.concat([Buffer.from('whole'), old]))
      const before = proxy.received
      expect(summaryOf(await run(['sync', address, 'copy', '--no-delta'])).failed).toBe(0)
      expect(proxy.received - before).toBeGreaterThan(old.length)
    })

    test('killed at any moment, the old file is there, and the next run goes on', async () => {
      const inserted = 60 * MiB
      const [begin, end] = [old.subarray(0, 20 * MiB), old.subarray(20 * MiB)]
      const next = Buffer.concat([begin, bytesOf(inserted, 5), end])
      await publish(next)
      // One part after the other: what came of all but the last one is kept.
      const argv = ['sync', address, 'copy', '--part-size', '5M', '--jobs', '1']
      const before = proxy.received
      const kills = [1, 7 * MiB, 12 * MiB, 17 * MiB]
      for (const after of kills) {
        const { signal } = await killedAfter(after, argv)
        expect(signal).toBe('SIGKILL')
        expectSame(readFileSync(join(machine, 'copy', 'big')), old)
      }
      expect(summaryOf(await run(argv)).failed).toBe(0)
      expectSame(readFileSync(join(machine, 'copy', 'big')), next)
      expect(readdirSync(join(machine, 'copy'))).toEqual(['big'])
      const least = inserted + 2 * largestChunk
      expect(proxy.received - before).toBeLessThan(least + kills.length * 5.5 * MiB)
    })

    test('killed at random moments, also the last ones, a file is the old or the new one', async () => {
      const file = join(machine, 'copy', 'big')
      const bytes = Buffer.from(old)
      for (let at = MiB; at < bytes.length; at += 9 * MiB)
        bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      await publish(bytes)
      const argv = ['sync', address, 'copy', '--jobs', '2']
      const other = join(machine, 'other')
      mkdirSync(other)
      writeFileSync(join(other, 'big'), old)
      const before = proxy.received
      expect(summaryOf(await run(['sync', address, 'other'])).failed).toBe(0)
      const whole = proxy.received - before
      for (const share of [0, 1, Math.random(), Math.random(), Math.random()]) {
        const { signal } = await killedAfter(Math.max(1, Math.floor(share * whole)), argv)
        if (share === 0) expect(signal).toBe('SIGKILL')
        const there = readFileSync(file)
        expect(there.equals(old) || there.equals(bytes)).toBe(true)
        if (there.equals(bytes)) writeFileSync(file, old)
      }
      expect(summaryOf(await run(argv)).failed).toBe(0)
      expectSame(readFileSync(file), bytes)
      expect(readdirSync(join(machine, 'copy'))).toEqual(['big'])
    })

    async function killedAfter(received: number, argv: string[]): Promise<Run> {
      const end = proxy.received + received
      try {
        return await run(argv, (kill) => {
          proxy.onReceived = () => {
            if (proxy.received >= end) kill()
          }
        })
      } finally {
        proxy.onReceived = () => {}
      }
    }
  },
  // What does not tell the checksum of the whole has no delta downloads.
  ['ceph20', 'hawser'],
)
