// A shell that runs the examples of a page, on a bucket of its own, which the page calls `bucket`.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { userOf } from '../e2e/hawser.ts'
import { createBucketName, type S3Endpoint } from '../servers/s3.ts'

const execute = promisify(execFile)

export interface ExampleShell extends AsyncDisposable {
  /** The directory that it is in. */
  readonly work: string
  /** @returns what the line prints @throws where it fails */
  run(line: string): Promise<string>
}

export async function openShell(endpoint: S3Endpoint): Promise<ExampleShell> {
  const bucket = createBucketName()
  const folder = mkdtempSync(join(tmpdir(), 'hawser-docs-'))
  const work = join(folder, 'work')
  mkdirSync(work)
  const user = userOf(endpoint, folder)
  const bin = join(import.meta.dirname, '..', '..', 'bin')
  const env = { ...user, PATH: `${bin}:${user['PATH']}` }
  async function run(line: string): Promise<string> {
    const script = line.replaceAll('s3://bucket', `s3://${bucket}`)
    const { stdout, stderr } = await execute('sh', ['-ec', script], { cwd: work, env })
    return `${stdout}${stderr}`.trim()
  }
  await run('hawser mb s3://bucket')
  return {
    work,
    run,
    async [Symbol.asyncDispose]() {
      // What is beside the objects has gone with them where that is so, and is no error where it has not.
      for (const prefix of ['', '.hawser/', '.signatures/'])
        await run(`hawser rm -r s3://bucket/${prefix} || true`)
      await run('hawser rb s3://bucket')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
