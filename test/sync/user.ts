// Runs a sync of two directories as a user whom permissions bind, in a process of its own: the tests may run as root.
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Action, Summary } from '../../src/core/events.ts'

export const ordinary = 65_534
const childPath = fileURLToPath(new URL('user-child.ts', import.meta.url))

/** What the child is told. */
export interface UserSync {
  readonly from: string
  readonly to: string
  readonly state: string
  readonly options: {
    readonly archive?: boolean
    readonly delete?: boolean
    readonly dryRun?: boolean
  }
  /** Once so much is done it kills itself. */
  readonly killAt?: number | undefined
}

/** What the child tells. */
export interface Told {
  readonly summary: Summary
  /** What was done, and to what. */
  readonly done: readonly (readonly [Action, string])[]
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
}

/** A directory with `src`, that is the user's as all that is made in it by `own`. */
export function userDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-user-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  mkdirSync(join(directory, 'src'))
  own(directory)
  return directory
}

/** Gives all of it to the user. */
export function own(directory: string): void {
  if (process.geteuid?.() !== 0) return
  chownSync(directory, ordinary, ordinary)
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
    chownSync(join(entry.parentPath, entry.name), ordinary, ordinary)
}

/** Undefined where the child was killed. */
export function syncAsUser(
  directory: string,
  options: UserSync['options'],
  killAt?: number,
): Promise<Told | undefined> {
  const [from, to] = [join(directory, 'src'), join(directory, 'dst')]
  const job: UserSync = { from, to, state: join(directory, 'state'), options, killAt }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [childPath, JSON.stringify(job)], (error, stdout) => {
      if (error?.signal === 'SIGKILL') resolve(undefined)
      else if (error) reject(error)
      else resolve(JSON.parse(stdout))
    })
  })
}
