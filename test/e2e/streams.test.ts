// Standard input and output: bytes of any length, through pipes.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, userOf } from './hawser.ts'

const mebibyte = 1024 * 1024

describeS3('standard input and output', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  let env: Record<string, string>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-stream-'))
    env = userOf(endpoint, folder)
    await hawser(['mb', `s3://${bucket}`], { env })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each([0, 1, 16 * mebibyte, 16 * mebibyte + 1, 300 * mebibyte])(
    '%d bytes',
    { timeout: 120_000 },
    async (size) => {
      const pieces = Math.ceil(size / mebibyte)
      const piece = randomBytes(mebibyte)
      const hash = createHash('md5')
      async function* input(): AsyncGenerator<Buffer> {
        for (let i = 0; i < pieces; i++) {
          const bytes = piece.subarray(0, Math.min(mebibyte, size - i * mebibyte))
          hash.update(bytes)
          yield bytes
        }
      }
      const url = `s3://${bucket}/stream-${size}`
      const up = await hawser(['cp', '-', url], { env, input: Readable.from(input()) })
      expect(up.stderr).not.toContain('hawser:')
      expect(up.code).toBe(0)
      expect(up.peakMemory).toBeLessThan(200 * mebibyte)
      const file = join(folder, `file-${size}`)
      expect((await hawser(['cp', url, file], { env })).code).toBe(0)
      expect(createHash('md5').update(readFileSync(file)).digest('hex')).toBe(hash.digest('hex'))
    },
  )

  test('cat writes the bytes and nothing else', async () => {
    const bytes = 'line one\nline two\n\u0000\u0007'
    writeFileSync(join(folder, 'small'), bytes)
    await hawser(['cp', join(folder, 'small'), `s3://${bucket}/small`], { env })
    const cat = await hawser(['cat', `s3://${bucket}/small`], { env })
    expect(cat).toMatchObject({ code: 0, stdout: bytes, stderr: '' })
    const copied = await hawser(['cp', `s3://${bucket}/small`, '-'], { env })
    expect(copied).toMatchObject({ code: 0, stdout: bytes })
    const range = await hawser(['cat', `s3://${bucket}/small`, '--range', '5-7'], { env })
    expect(range.stdout).toBe('one')
  })

  test('an upload whose input breaks off leaves nothing', async () => {
    const url = `s3://${bucket}/broken`
    const broken = await hawser(['cp', '-', url], {
      env,
      input: Readable.from([randomBytes(40 * mebibyte)]),
      onStart: (child) => child.stdin?.once('finish', () => child.kill('SIGINT')),
    })
    if (broken.code === 0) return // it was quicker than the signal: then it is whole
    expect(broken.code).toBe(130)
    expect((await hawser(['stat', url], { env })).code).toBe(4)
  })
})
