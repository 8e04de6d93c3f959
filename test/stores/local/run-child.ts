// Runs child.ts and gives what it told.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const childPath: string = fileURLToPath(new URL('child.ts', import.meta.url))

/** Rejects when the child fails. `through` is put before the command. */
export async function runChild(
  job: string,
  directory: string,
  through: readonly string[] = [],
): Promise<unknown[]> {
  const words = [...through, process.execPath, childPath, job, directory]
  const { stdout } = await promisify(execFile)('env', words)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}
