// Runs the command in this process against a service that a test makes up, with a state of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { run } from '../../src/cli/run.ts'
import type { HostileServer } from '../stores/s3/server.ts'

export interface Outcome {
  readonly code: number
  /** On standard output and standard error together. */
  readonly lines: number
}

export async function runAgainst(server: HostileServer, ...argv: string[]): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), 'hawser-against-'))
  onTestFinished(() => rm(home, { recursive: true }))
  let lines = 0
  const output = (): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        for (const byte of chunk) if (byte === 10) lines++
        done()
      },
    })
  const code = await run(argv, {
    environment: {
      HOME: home,
      HAWSER_STATE_DIR: join(home, 'state'),
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: server.store.location.endpoint ?? '',
    },
    stdin: Readable.from([]),
    stdout: output(),
    stderr: output(),
  })
  return { code, lines }
}
