// Installs and starts one Ceph RGW for a test run; the shell scripts beside this file do the work.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { freePort } from './free-port.ts'
import type { S3Endpoint } from './s3.ts'

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

/** Starts Ceph with empty storage on free ports of 127.0.0.1. It ends with this process, however that ends. */
export async function startCeph(directory: string): Promise<Ceph> {
  const state = await mkdtemp(join(tmpdir(), 'hawser-ceph-'))
  const [port, monitorPort] = [await freePort(), await freePort()]
  const [main, other] = [newCredentials(), newCredentials()]
  const command = [script('ceph.sh'), directory, state, String(port), String(monitorPort)]
  const child = spawn(script('supervise.sh'), [state, ...command], {
    stdio: 'pipe',
    detached: true, // an interrupt from the keyboard is for the runner
    env: { ...process.env, MAIN: main.join(' '), OTHER: other.join(' ') },
  })
  const exited = once(child, 'exit')
  const complaint = text(child.stderr)
  const version = await readyVersion(child.stdout)
  if (version === undefined) {
    await exited
    throw new Error(`Ceph from ${directory} does not start: ${(await complaint).trim()}`)
  }
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
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}

async function readyVersion(output: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface(output)) {
    if (line.startsWith('ready ')) return line.slice('ready '.length)
  }
  return undefined
}

function newCredentials(): [accessKeyId: string, secretAccessKey: string] {
  return [randomBytes(10).toString('hex').toUpperCase(), randomBytes(20).toString('hex')]
}

function script(name: string): string {
  return join(import.meta.dirname, name)
}
