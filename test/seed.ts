// What random cases begin with: HAWSER_TEST_SEED, else what is committed of source and tests, else always the same.
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
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD:src', 'HEAD:test'])
    return stdout
      .split('\n', 2)
      .map((hash) => Number.parseInt(hash.slice(0, 7), 16))
      .reduce((a, b) => a ^ b)
  } catch {
    return 1
  }
}
