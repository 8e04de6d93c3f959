// Many files and one of several GiB: there and back within the memory that is promised.
import { createHash } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, summaryOf, userOf } from './hawser.ts'
import { treeDifferences } from './trees.ts'

const gibibyte = 1024 ** 3
const memoryPromise = 200 * 1024 * 1024
const files = 20_000

describeS3(
  'at size',
  (endpoint) => {
    const bucket = createBucketName()
    let folder: string
    let env: Record<string, string>
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-big-'))
      env = userOf(endpoint, folder)
      await hawser(['mb', `s3://${bucket}`], { env })
      makeManyFiles(join(folder, 'tree'))
      makeBigFile(join(folder, 'tree', 'big'), 3 * gibibyte)
    })
    afterAll(async () => {
      await hawser(['rm', '-r', `s3://${bucket}/`], { env })
      rmSync(folder, { recursive: true, force: true })
    })

    test('20,000 files and one of 3 GiB come back equal', { timeout: 600_000 }, async () => {
      const url = `s3://${bucket}/tree`
      const up = await hawser(['sync', '-a', 'tree', url, '--json'], { cwd: folder, env })
      expect(summaryOf(up)).toMatchObject({ failed: 0 })
      expect(summaryOf(up).copied).toBeGreaterThan(files)
      expect(up.peakMemory).toBeLessThan(memoryPromise)
      const again = await hawser(['sync', '-a', 'tree', url, '--json'], { cwd: folder, env })
      expect(summaryOf(again)).toMatchObject({
        copied: 0,
        updated: 0,
        failed: 0,
        traffic: { sent: 0 },
      })
      expect(Object.keys(summaryOf(again).traffic.requests)).toEqual(['list'])
      expect(again.peakMemory).toBeLessThan(memoryPromise)
      const down = await hawser(['sync', '-a', url, 'back', '--json'], { cwd: folder, env })
      expect(summaryOf(down)).toMatchObject({ failed: 0 })
      expect(down.peakMemory).toBeLessThan(memoryPromise)
      const facts = { modes: true, links: true, directories: true }
      expect(await treeDifferences(join(folder, 'tree'), join(folder, 'back'), facts)).toEqual([])
      rmSync(join(folder, 'back'), { recursive: true })
    })
  },
  ['ceph20'],
)

/** Real trees have many small files, some bigger, and deep paths. */
function makeManyFiles(root: string): void {
  for (let i = 0; i < files; i++) {
    const directory = join(root, `package-${i % 97}`, i % 3 === 0 ? 'lib/deep' : 'src')
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, `file-${i}.txt`), `${i}\n`.repeat(1 + ((i * 7919) % 700)))
  }
}

/** Bytes that repeat nowhere. */
function makeBigFile(path: string, size: number): void {
  const block = Buffer.alloc(1024 * 1024)
  const fd = openSync(path, 'w')
  for (let position = 0; position < size; position += block.length) {
    createHash('sha512').update(`${position}`).digest().copy(block)
    block.writeBigUInt64LE(BigInt(position), block.length - 8)
    writeSync(fd, block)
  }
  closeSync(fd)
}
