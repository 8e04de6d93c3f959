// Starts the S3 servers, once for the run, when a selected test file needs them.
import { readFile } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { installCeph, startCeph } from './ceph.ts'
import { startHawser } from './hawser.ts'
import type { MissingServer, S3Endpoint } from './s3.ts'

/** Each server by its name, and the Debian suites to take it from: the next when one has a bad day. */
const wanted = { ceph20: ['sid', 'trixie', 'bookworm'], ceph16: ['bookworm'] }

const required = process.env['CI'] === 'true'

interface Server {
  readonly endpoint: S3Endpoint
  stop(): Promise<void>
}

interface Outcome {
  readonly server?: Server
  readonly missing?: MissingServer
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!(await anyFileNeedsServers(project))) {
    project.provide('s3Servers', undefined)
    return async () => {}
  }
  const [hawser, ...outcomes] = await Promise.all([
    startHawser(), // needs nothing that could be missing
    ...Object.entries(wanted).map(([name, suites]) => startFrom(name, suites)),
  ])
  const running = [...outcomes.flatMap(({ server }) => server ?? []), hawser]
  const missing = outcomes.flatMap((outcome) => outcome.missing ?? [])
  for (const { name, reason } of missing) say(`WARNING: no ${name}: ${reason}`)
  project.provide('s3Servers', { endpoints: running.map(({ endpoint }) => endpoint), missing })
  return async () => {
    await Promise.all(running.map((server) => server.stop()))
  }
}

/** The server from the first suite that has one; another version than the wanted one is better than none. */
async function startFrom(name: string, suites: readonly string[]): Promise<Outcome> {
  if (process.env['HAWSER_TEST_SERVERS'] === 'none') {
    return { missing: { name, required, reason: 'HAWSER_TEST_SERVERS=none' } }
  }
  const failures: string[] = []
  for (const suite of suites) {
    try {
      const server = await startCeph(await installCeph(suite))
      const found = server.endpoint.name
      if (found === name) return { server }
      const reason = [...failures, `Debian ${suite} has ${found}, which takes its place`].join('; ')
      return { server, missing: { name, required: false, reason } }
    } catch (error) {
      failures.push(`Debian ${suite}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { missing: { name, required, reason: failures.join('; ') } }
}

async function anyFileNeedsServers({ vitest }: TestProject): Promise<boolean> {
  // The names given on the command line; without them every file counts, and the servers start.
  const names: unknown = Reflect.get(vitest, 'filenamePattern')
  const files = await vitest.globTestSpecifications(Array.isArray(names) ? names : [])
  const texts = await Promise.all(files.map((file) => readFile(file.moduleId, 'utf8')))
  return texts.some((file) => /\b(describeS3|s3Endpoints|onEachStore)\b/.test(file))
}

function say(line: string): void {
  process.stdout.write(`test servers: ${line}\n`)
}
