// Moto, a simulation of AWS that nobody here wrote, for tests of what Ceph does not have.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { freePort } from './free-port.ts'
import { install } from './install.ts'
import { startSupervised } from './supervised.ts'

export interface Moto {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Declares a suite that needs moto. Where that cannot be had it is skipped, test by test, or fails where `CI` is true; the
 * server then cannot be started.
 */
export async function describeMoto(
  title: string,
  suite: (start: () => Promise<Moto>) => void,
): Promise<void> {
  const found = await install('moto')
  if ('directory' in found) describe(title, () => suite(async () => startMoto(found.directory)))
  else if (process.env['CI'] === 'true')
    describe(title, () => {
      test('has moto', () => {
        throw new Error(`Moto cannot be had: ${found.missing}`)
      })
    })
  else
    describe.skip(title, () =>
      suite(async () => {
        throw new Error(found.missing)
      }),
    )
}

/** With empty storage on a free port of 127.0.0.1. It ends with this process, however that ends. */
async function startMoto(directory: string): Promise<Moto> {
  const state = await mkdtemp(join(tmpdir(), 'hawser-moto-'))
  const port = await freePort()
  const command = [join(import.meta.dirname, 'moto.sh'), directory, state, String(port)]
  const server = await startSupervised('Moto', state, command, {})
  return { url: `http://127.0.0.1:${port}`, stop: async () => server.stop() }
}
