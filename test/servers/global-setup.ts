// Starts the S3 servers, once for the run, when a selected test file needs them.
import { readFile } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { type Ceph, installCeph, startCeph } from './ceph.ts'
import type { S3Servers } from './s3.ts'

/** Each server, and the Debian suites to take it from: the next one when one has a bad day. */
const wanted = [
  { name: 'ceph20', suites: ['sid', 'trixie'] },
  { name: 'ceph16', suites: ['bookworm'] },
]

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!(await anyFileNeedsServers(project))) {
    project.provide('s3Servers', undefined)
    return async () => {}
  }
  const running: Ceph[] = []
  const missing: S3Servers['missing'][number][] = []
  await Promise.all(
    wanted.map(async ({ name, suites }) => {
      try {
        running.push(await firstThatStarts(name, suites))
      } catch (error) {
        const reason = messageOf(error)
        say(`no ${name}: ${reason}`)
        missing.push({ name, reason })
      }
    }),
  )
  const endpoints = running.map((ceph) => ceph.endpoint)
  project.provide('s3Servers', { endpoints, missing, required: process.env['CI'] === 'true' })
  return async () => {
    await Promise.all(running.map((ceph) => ceph.stop()))
  }
}

async function firstThatStarts(name: string, suites: readonly string[]): Promise<Ceph> {
  if (process.env['HAWSER_TEST_SERVERS'] === 'none') throw new Error('HAWSER_TEST_SERVERS=none')
  const complaints: string[] = []
  for (const suite of suites) {
    try {
      const ceph = await startCeph(await installCeph(suite))
      if (complaints.length > 0) {
        say(`WARNING: ${ceph.endpoint.name} from ${suite} in place of ${name}`)
        say(`WARNING: ${complaints.join('; ')}`)
      }
      return ceph
    } catch (error) {
      complaints.push(`${suite}: ${messageOf(error)}`)
    }
  }
  throw new Error(complaints.join('; '))
}

async function anyFileNeedsServers({ vitest }: TestProject): Promise<boolean> {
  // The names given on the command line; without them every file counts, and the servers start.
  const names: unknown = Reflect.get(vitest, 'filenamePattern')
  const files = await vitest.globTestSpecifications(Array.isArray(names) ? names : [])
  const texts = await Promise.all(files.map((file) => readFile(file.moduleId, 'utf8')))
  return texts.some((file) => /\b(describeS3|s3Endpoints)\b/.test(file))
}

function say(line: string): void {
  process.stdout.write(`test servers: ${line}\n`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
