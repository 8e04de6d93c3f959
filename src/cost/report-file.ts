// Writes a report: whole, or not at all.
import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HawserError } from '../core/errors.ts'

/**
 * What was in the file stays until the new text is on the disk. A link is followed; a pipe or device is written to.
 * @throws HawserError local-io, no-space
 */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    const present = await found(file)
    if (present?.special) await writeFile(present.path, text)
    else await replace(present?.path ?? file, text)
  } catch (error) {
    const full = isSystemError(error) && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    const why = error instanceof Error ? error.message : String(error)
    throw new HawserError(
      full ? 'no-space' : 'local-io',
      `the report could not be written: ${why}`,
      {
        op: 'report',
        location: { scheme: 'file', endpoint: undefined, root: file },
        hint: full ? 'Free some space.' : 'Check that its directory exists and can be written to.',
        cause: error,
      },
    )
  }
}

async function found(file: string): Promise<{ path: string; special: boolean } | undefined> {
  try {
    const path = await realpath(file)
    const facts = await stat(path)
    return { path, special: !facts.isFile() && !facts.isDirectory() }
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function replace(path: string, text: string): Promise<void> {
  const name = `.${basename(path)}.${randomBytes(6).toString('hex')}`
  const temporary = join(dirname(path), name)
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error
}
