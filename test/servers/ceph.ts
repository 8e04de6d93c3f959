// Installs and starts one Ceph RGW for a test run; the shell scripts beside this file do the work.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from './free-port.ts'
import type { S3Endpoint } from './s3.ts'
import { newCredentials, startSupervised } from './supervised.ts'

export interface Ceph {
  readonly endpoint: S3Endpoint
  /** Where its configuration and logs are; every process of it has this in its command line. */
  readonly state: string
  /** Kills every process of it and removes its state. */
  stop(): Promise<void>
}

/** Unpacks Ceph from a Debian suite, once a machine, and returns the directory it is in. */
export async function installCeph(suite: string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const directory = join(cache, 'hawser-test', `ceph-${suite}`)
  const child = spawn(script('install-ceph.sh'), [suite, directory], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new Error(complaint.trim())
  return directory
}

/**
 * Starts Ceph with empty storage on free ports of 127.0.0.1. It ends with this process, however that ends.
 * @param options.cold with a storage class COLD, which is an archive: lifecycle rules move objects there
 */
export async function startCeph(
  directory: string,
  { cold = false }: { readonly cold?: boolean } = {},
): Promise<Ceph> {
  const state = await mkdtemp(join(tmpdir(), 'hawser-ceph-'))
  const [port, monitorPort] = [await freePort(), await freePort()]
  const [main, other] = [newCredentials(), newCredentials()]
  const command = [script('ceph.sh'), directory, state, String(port), String(monitorPort)]
  const server = await startSupervised('Ceph', state, command, {
    MAIN: main.join(' '),
    OTHER: other.join(' '),
    COLD: cold ? '1' : '',
  })
  const version = server.ready
  return {
    state,
    endpoint: {
      name: `ceph${version.split('.')[0]}`,
      version,
      url: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      accessKeyId: main[0],
      secretAccessKey: main[1],
      otherAccessKeyId: other[0],
      otherSecretAccessKey: other[1],
    },
    stop: () => server.stop(),
  }
}

function script(name: string): string {
  return join(import.meta.dirname, name)
}
