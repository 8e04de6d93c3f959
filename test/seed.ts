// What random cases begin with: HAWSER_TEST_SEED, else the commit that is tested, else always the same.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    readonly seed: number
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('seed', Number(process.env['HAWSER_TEST_SEED'] ?? (await seedOfCommit())))
}

async function seedOfCommit(): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short=7', 'HEAD'])
    return Number.parseInt(stdout, 16)
  } catch {
    return 1
  }
}
