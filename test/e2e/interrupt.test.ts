// Killed at random moments, the next run goes on: it ends right, and no part that had arrived is sent again.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3, type S3Endpoint } from '../servers/s3.ts'
import { hawser, summaryOf, userOf } from './hawser.ts'
import { RecordingProxy } from './proxy.ts'
import { treeDifferences } from './trees.ts'

const kills = 20
const mebibyte = 1024 * 1024
const treeSize = 445 * mebibyte
/** What a run may send or receive in a second: slow enough that twenty runs together do not come to the end. */
const rate = '20M'

describeS3('killed in the middle', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-kill-'))
    await hawser(['mb', `s3://${bucket}`], { env: userOf(endpoint, folder) })
    const tree = join(folder, 'tree')
    for (let i = 0; i < 400; i++) {
      mkdirSync(join(tree, `d${i % 7}`), { recursive: true })
      writeFileSync(join(tree, `d${i % 7}`, `file-${i}`), randomBytes(100 + i * 20))
    }
    writeFileSync(join(tree, 'big-1'), randomBytes(380 * mebibyte + 7))
    writeFileSync(join(tree, 'd3', 'big-2'), randomBytes(60 * mebibyte))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('uploads go on', { timeout: 240_000 }, async () => {
    await using proxy = await RecordingProxy.start(endpoint.url)
    const env = throughProxy(endpoint, proxy, folder)
    await killAgainAndAgain(['sync', 'tree', `s3://${bucket}/up`, '--jobs', '4'], env, folder)
    expectNoPartTwice(proxy)
    const check = await hawser(['sync', `s3://${bucket}/up`, 'up', '--json'], {
      cwd: folder,
      env: userOf(endpoint, folder),
    })
    expect(summaryOf(check)).toMatchObject({ failed: 0, copied: 402 })
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'up'))).toEqual([])
  })

  test('downloads go on', { timeout: 240_000 }, async () => {
    const direct = userOf(endpoint, folder)
    const sent = await hawser(['sync', 'tree', `s3://${bucket}/down`, '--json'], {
      cwd: folder,
      env: direct,
    })
    expect(summaryOf(sent).failed).toBe(0)
    await using proxy = await RecordingProxy.start(endpoint.url)
    const argv = ['sync', `s3://${bucket}/down`, 'down', '--jobs', '2', '--part-size', '5M']
    await killAgainAndAgain(argv, throughProxy(endpoint, proxy, folder), folder)
    // Two parts under way at each kill may come again, and what lay in the sockets, but nothing else.
    expect(proxy.received).toBeLessThan(treeSize + kills * 12 * mebibyte)
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'down'))).toEqual([])
  })
})

function throughProxy(
  endpoint: S3Endpoint,
  proxy: RecordingProxy,
  state: string,
): Record<string, string> {
  return { ...userOf(endpoint, state), AWS_ENDPOINT_URL: proxy.url }
}

/** Kills twenty runs at random moments, then lets one end. */
async function killAgainAndAgain(
  argv: string[],
  env: Record<string, string>,
  cwd: string,
): Promise<void> {
  const slow = [...argv, '--bwlimit', rate]
  for (let i = 0; i < kills; i++) {
    const wait = 200 + Math.random() * 1600
    const { signal } = await hawser(slow, {
      cwd,
      env,
      onStart: (child) => void delay(wait).then(() => child.kill('SIGKILL')),
    })
    expect(signal).toBe('SIGKILL')
  }
  const last = await hawser([...argv, '--json'], { cwd, env })
  expect(last.stderr).toBe('')
  expect(last.code).toBe(0)
  expect(summaryOf(last).failed).toBe(0)
  const noop = await hawser([...argv, '--json'], { cwd, env })
  expect(summaryOf(noop)).toMatchObject({ copied: 0, traffic: { sent: 0 } })
}

/** A part that the server had taken is in no later request. */
function expectNoPartTwice(proxy: RecordingProxy): void {
  const taken = new Set<string>()
  let parts = 0
  for (const { method, target, status } of proxy.exchanges) {
    if (method !== 'PUT' || !target.includes('partNumber=')) continue
    parts++
    expect(taken).not.toContain(target)
    if (status === 200) taken.add(target)
  }
  expect(parts).toBeGreaterThan(20)
}
