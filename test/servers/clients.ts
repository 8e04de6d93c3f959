// S3 clients that nobody here wrote, from Debian, for tests that run them.
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { install, type Installed } from './install.ts'

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
export type Clients = Installed

/** Unpacks the clients, once a machine. */
export async function installClients(): Promise<Clients> {
  return install('clients')
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
