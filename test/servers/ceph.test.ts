import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { createBucketName, describeS3, s3Endpoints } from './s3.ts'

describeS3('an S3 server', (endpoint) => {
  test('answers as S3', async () => {
    const answer = await fetch(endpoint.url)
    // Who does not sign has no buckets, or may not ask.
    expect(await answer.text()).toMatch(/<ListAllMyBucketsResult|<Code>AccessDenied/)
  })

  test('refuses a request that is not signed', async () => {
    const bucket = `${endpoint.url}/${createBucketName()}`
    const answer = await fetch(bucket, { method: 'PUT' })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('<Code>AccessDenied</Code>')
  })

  test('is what its name says, on a port of its own', () => {
    if (endpoint.name !== 'hawser')
      expect(endpoint.name).toBe(`ceph${endpoint.version.split('.')[0]}`)
    const same = s3Endpoints().filter((other) => other.url === endpoint.url)
    expect(same).toEqual([endpoint])
  })
})

describeS3(
  'a server whose runner is killed',
  () => {
    test('leaves no process and no file', async () => {
      const runner = spawn(process.execPath, ['--input-type=module', '--eval', killedRunner])
      const state = await text(runner.stdout)
      await once(runner, 'close')
      expect(runner.signalCode).toBe('SIGKILL')
      expect(state).toContain('hawser-ceph-')
      await vi.waitFor(
        async () => {
          expect(await commandLinesWith(state)).toEqual([])
          expect(existsSync(state)).toBe(false)
        },
        { timeout: 30_000 },
      )
    })
  },
  ['ceph16'],
)

const killedRunner = `
  import { writeSync } from 'node:fs'
  import { installCeph, startCeph } from '${import.meta.dirname}/ceph.ts'
  const { state, endpoint } = await startCeph(await installCeph('bookworm'))
  if ((await fetch(endpoint.url)).status !== 200) throw new Error('does not serve')
  writeSync(1, state)
  process.kill(process.pid, 'SIGKILL')
`

async function commandLinesWith(part: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  )
  return lines.filter((line) => line.includes(part))
}
