// Compressed objects on real servers: as a user makes them, and as another client reads them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { open } from '../../src/open.ts'
import { bytesOf, get, MiB } from '../conformance/tools.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { treeDifferences } from './trees.ts'

describeS3('compressed objects', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  let env: Record<string, string>
  const run = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env })
  const runJson = async (...argv: string[]): Promise<ReturnType<typeof summaryOf>> => {
    const result = await run(...argv, '--json')
    expect(result.stderr).toBe('')
    expect(result.code).toBe(0)
    return summaryOf(result)
  }
  const text = 'line after line\n'.repeat(20_000)

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-e2e-'))
    env = userOf(endpoint, folder)
    expect((await run('mb', `s3://${bucket}`)).code).toBe(0)
    mkdirSync(join(folder, 'tree'))
    writeFileSync(join(folder, 'tree', 'text.txt'), text)
    writeFileSync(join(folder, 'tree', 'empty'), '')
    writeFileSync(join(folder, 'tree', 'random'), bytesOf(100_000))
    writeFileSync(
      join(folder, 'tree', 'large'),
      bytesOf(14 * MiB).map((byte) => byte & 63),
    )
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each([
    ['-z', '--no-delta'],
    ['--compression=gzip', '--no-delta'],
    ['-z', '-a'],
  ])('a tree goes and comes back: %s %s', async (...how) => {
    const options = how.filter((option) => option !== undefined)
    const archive = options.filter((option) => option === '-a')
    const name = options.join('')
    const there = `s3://${bucket}/tree${name}`
    const up = await runJson('sync', ...options, 'tree', there)
    expect(up).toMatchObject({ failed: 0, skipped: 0 })
    for (const more of [options, archive]) {
      const again = await runJson('sync', ...more, 'tree', there)
      expect(again).toMatchObject({ copied: 0, updated: 0 })
      expect(Object.keys(again.traffic.requests)).toEqual(['list'])
      const elsewhere = ['--state-dir', join(folder, `${name}${more.length}`)]
      const anew = await runJson('sync', ...more, ...elsewhere, 'tree', there)
      expect(anew).toMatchObject({ copied: 0, updated: 0 })
    }
    await runJson('sync', ...archive, there, `back${name}`)
    expect(await treeDifferences(join(folder, 'tree'), join(folder, `back${name}`))).toEqual([])
    expect(await runJson('sync', ...archive, there, `back${name}`)).toMatchObject({ copied: 0 })
    expect((await run('check', 'tree', there)).code).toBe(0)
    expect((await run('uploads', there)).stdout).toBe('')
  })

  test('other clients get the encoding and bytes that decode to the file', async () => {
    await using place = await open(`s3://${bucket}`, { environment: env })
    for (const [coding, decode] of [
      ['zstd', zstdDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      await runJson('cp', '--compression', coding, 'tree/text.txt', `s3://${bucket}/${coding}`)
      const info = await place.store.stat(toKey(coding))
      expect(info.properties?.contentEncoding).toBe(coding)
      expect(decode(await get(place.store, coding)).toString()).toBe(text)
    }
  })

  test('cat, head and their ranges give the file', async () => {
    const there = `s3://${bucket}/shown`
    await runJson('cp', '-z', 'tree/text.txt', there)
    expect((await run('cat', there)).stdout).toBe(text)
    expect((await run('cp', there, '-')).stdout).toBe(text)
    expect((await run('cat', '--range', '1000-1999', there)).stdout).toBe(text.slice(1000, 2000))
    expect((await run('cat', '--range', '-100', there)).stdout).toBe(text.slice(-100))
    expect((await run('head', '-n', '3', there)).stdout).toBe('line after line\n'.repeat(3))
    expect((await run('head', '-c', '20', there)).stdout).toBe(text.slice(0, 20))
    expect((await run('stat', there)).stdout).toContain('original size')
  })
})
