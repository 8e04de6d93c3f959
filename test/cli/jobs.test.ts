// `-j 8` means eight transfers at once: no fewer where there is work for them, and never more.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Answer, hostileServer } from '../stores/s3/server.ts'
import { runAgainst } from './against.ts'

/** Answers nobody before all who may come at once are there. */
class Gate {
  most = 0
  #waiting: (() => void)[] = []
  readonly #size: number
  constructor(size: number) {
    this.#size = size
  }
  async pass(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    this.most = Math.max(this.most, this.#waiting.length)
    if (this.#waiting.length >= this.#size) {
      // Who comes too many comes before the others are answered.
      setImmediate(() => {
        for (const go of this.#waiting.splice(0)) go()
      })
    }
    await promise
  }
}

test.each([
  ['-j', '8', 8],
  ['--jobs', '1', 1],
])('sync %s %s', async (flag, value, expected) => {
  const root = await mkdtemp(join(tmpdir(), 'hawser-jobs-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await mkdir(join(root, 'tree'))
  const files = 6 * expected
  for (let i = 0; i < files; i++) await writeFile(join(root, 'tree', `file-${i}`), `content ${i}`)
  const gate = new Gate(expected)
  await using server = await hostileServer(async ({ method }): Promise<Answer> => {
    if (method === 'GET')
      return { body: '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>' }
    if (method === 'PUT') await gate.pass()
    return { headers: { etag: '"e"' } }
  })
  const argv = ['sync', join(root, 'tree'), 's3://bucket/x', flag, value]
  expect(await runAgainst(server, ...argv)).toMatchObject({ code: 0 })
  expect(server.asked.filter(({ method }) => method === 'PUT').length).toBe(files)
  expect(gate.most).toBe(expected)
})
