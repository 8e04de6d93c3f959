// `mv` as a user types it: to a real server and back, killed in the middle, and inside the store.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { treeDifferences } from './trees.ts'

describeS3('mv', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  let env: Record<string, string>
  const run = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-move-'))
    env = userOf(endpoint, folder)
    expect((await run('mb', `s3://${bucket}`)).code).toBe(0)
    for (let i = 0; i < 150; i++) {
      mkdirSync(join(folder, 'tree', `d${i % 5}`), { recursive: true })
      writeFileSync(join(folder, 'tree', `d${i % 5}`, `file-${i}`), randomBytes(i * 900))
    }
    writeFileSync(join(folder, 'tree', 'big'), randomBytes(30 * 1024 * 1024))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('killed in the middle and run again, nothing is lost', { timeout: 240_000 }, async () => {
    execFileSync('cp', ['-a', 'tree', 'moved'], { cwd: folder })
    const argv = ['mv', '-r', 'moved', `s3://${bucket}/moved`, '--jobs', '4']
    for (let kills = 0; kills < 5; kills++) {
      const wait = 150 + Math.random() * 500
      await hawser([...argv, '--bwlimit', '20M'], {
        cwd: folder,
        env,
        onStart: (child) => void delay(wait).then(() => child.kill('SIGKILL')),
      })
    }
    if (existsSync(join(folder, 'moved'))) {
      const last = await run(...argv, '--json')
      expect([last.code, last.stderr]).toEqual([0, ''])
    }
    expect(readdirSync(folder)).not.toContain('moved')
    expect((await run('check', 'tree', `s3://${bucket}/moved`)).stdout).toBe('')
    // A kill between the beginning of an upload and its note in the journal leaves one that nobody knows.
    expect((await run('uploads', 'abort', '-r', `s3://${bucket}`)).code).toBe(0)
    expect((await run('uploads', 'ls', `s3://${bucket}`)).stdout).toBe('')

    const inside = await run('mv', '-r', `s3://${bucket}/moved`, `s3://${bucket}/again`, '--json')
    expect(summaryOf(inside)).toMatchObject({ moved: 151, failed: 0, traffic: { sent: 0 } })
    expect((await run('du', `s3://${bucket}/moved`)).code).toBe(4)

    const back = await run('mv', '-r', `s3://${bucket}/again`, 'back', '--json')
    expect(summaryOf(back)).toMatchObject({ moved: 151, failed: 0 })
    expect((await run('ls', '-r', `s3://${bucket}`)).stdout).toBe('')
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'back'))).toEqual([])
  })
})
