// A directory of its own for each test, gone at its end.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export async function testDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-local-'))
  onTestFinished(async () => rm(directory, { recursive: true }))
  return directory
}
