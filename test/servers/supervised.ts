// Starts a server that ends with this process, however that ends.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

export interface Supervised {
  /** What the server printed behind `ready `. */
  readonly ready: string
  /** Kills every process of it and removes its state. */
  stop(): Promise<void>
}

/**
 * Resolves once the command has printed a line `ready …`.
 * @param state a directory of its own, named in the command line of every process of it
 * @throws Error with what the command complained about
 */
export async function startSupervised(
  name: string,
  state: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Supervised> {
  const child = spawn(join(import.meta.dirname, 'supervise.sh'), [state, ...command], {
    stdio: 'pipe',
    detached: true, // an interrupt from the keyboard is for the runner
    env: { ...process.env, ...env },
  })
  const exited = once(child, 'exit')
  const complaint = text(child.stderr)
  const ready = await readyLine(child.stdout)
  if (ready === undefined) {
    await exited
    throw new Error(`${name} does not start: ${(await complaint).trim()}`)
  }
  return {
    ready,
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}

async function readyLine(output: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface(output)) {
    if (line.startsWith('ready ')) return line.slice('ready '.length)
  }
  return undefined
}

export function newCredentials(): [accessKeyId: string, secretAccessKey: string] {
  return [randomBytes(10).toString('hex').toUpperCase(), randomBytes(20).toString('hex')]
}
