// S3 clients that nobody here wrote, from Debian, for tests that run them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'vitest'

export type ClientName = 'aws-cli' | 'rclone' | 's3cmd' | 'boto3'

export interface ClientCommand {
  /** The program; of boto3 it is Python. */
  readonly command: string
  /** All of the environment that it needs; of the machine's nothing else comes along. */
  readonly env: Readonly<Record<string, string>>
}

const programs: Readonly<Record<ClientName, string>> = {
  'aws-cli': 'aws',
  rclone: 'rclone',
  s3cmd: 's3cmd',
  boto3: 'python3',
}

/** Where the clients are, or why they are not there. */
export type Clients = { readonly directory: string } | { readonly missing: string }

/** The Debian suites to take them from: the next when one has a bad day. */
const suites = ['sid', 'trixie']

/** Unpacks the clients, once a machine. */
export async function installClients(): Promise<Clients> {
  if (process.env['HAWSER_TEST_SERVERS'] === 'none') return { missing: 'HAWSER_TEST_SERVERS=none' }
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const failures: string[] = []
  for (const suite of suites) {
    const directory = join(cache, 'hawser-test', `clients-${suite}`)
    const script = join(import.meta.dirname, 'install-clients.sh')
    const child = spawn(script, [suite, directory], { stdio: ['ignore', 'inherit', 'pipe'] })
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    if (code === 0) return { directory }
    failures.push(`Debian ${suite}: ${complaint.trim()}`)
  }
  return { missing: failures.join('; ') }
}

/**
 * Declares a suite that needs a client; its tests run beside those of other clients. Where the clients cannot be had it
 * is skipped, test by test, or fails where `CI` is true; its command then leads nowhere.
 */
export function describeClient(
  clients: Clients,
  name: ClientName,
  suite: (client: ClientCommand) => void,
): void {
  if ('directory' in clients) {
    const command = join(clients.directory, 'bin', programs[name])
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', PYTHONUTF8: '1' }
    describe.concurrent(name, { timeout: 180_000 }, () => suite({ command, env }))
  } else if (process.env['CI'] === 'true') {
    describe(name, () => {
      test('is there', () => {
        throw new Error(`The S3 clients cannot be had: ${clients.missing}`)
      })
    })
  } else describe.skip(name, () => suite({ command: '/notfound', env: {} }))
}
