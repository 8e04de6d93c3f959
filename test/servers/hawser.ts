// Starts the product's own S3 server for a test run, over an empty directory.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3Endpoint } from './s3.ts'
import { newCredentials, startSupervised } from './supervised.ts'

export interface HawserServer {
  readonly endpoint: S3Endpoint
  stop(): Promise<void>
}

/** @param options.directory where its objects are, in a directory of their own */
export async function startHawser(
  options: { readonly directory?: string } = {},
): Promise<HawserServer> {
  const state = await mkdtemp(join(options.directory ?? tmpdir(), 'hawser-serve-'))
  const [main, other] = [newCredentials(), newCredentials()]
  const program = join(import.meta.dirname, 'programs', 'serve-s3.ts')
  const command = [process.execPath, ...nodeOptions, program, join(state, 'data')]
  const env = { ...settings, MAIN: main.join(' '), OTHER: other.join(' ') }
  const server = await startSupervised('serve s3', state, command, env)
  return {
    endpoint: {
      name: 'hawser',
      version: '',
      url: server.ready,
      region: 'us-east-1',
      accessKeyId: main[0],
      secretAccessKey: main[1],
      otherAccessKeyId: other[0],
      otherSecretAccessKey: other[1],
    },
    stop: () => server.stop(),
  }
}

/** As bin/hawser runs the command. */
const nodeOptions = [
  '--max-semi-space-size=4',
  '--heap-growing-percent=30',
  '--no-incremental-marking-task',
]
const settings = {
  UV_THREADPOOL_SIZE: '16',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '8388608',
  MALLOC_TRIM_THRESHOLD_: '268435456',
}
