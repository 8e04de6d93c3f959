// Writes a report: whole, or not at all.
import { randomBytes } from 'node:crypto'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HawserError, isHawserError } from '../core/errors.ts'
import { isNoSpace, whyNoFile } from '../core/file-reasons.ts'

/** Where a report goes. */
export interface ReportPlace {
  /** Of a file, with links followed. */
  readonly path: string
  /** A pipe or device, which is written to as it is. */
  readonly special: boolean
}

/**
 * Asked before the work that the report is about: hours of it are not to end without one.
 * @throws HawserError local-io where no report can be
 */
export function reportPlace(file: string, what = 'report'): ReportPlace {
  try {
    const facts = statSync(file, { throwIfNoEntry: false })
    if (facts?.isDirectory()) throw Object.assign(new Error(file), { code: 'EISDIR' })
    const special = facts !== undefined && !facts.isFile()
    const path = facts?.isFile() ? realpathSync(file) : file
    accessSync(special ? path : dirname(path), constants.W_OK)
    return { path, special }
  } catch (error) {
    throw notWritten(file, error, what)
  }
}

/**
 * What was in the file stays until the new text is on the disk.
 * @param text or its pieces
 * @param what it is, for messages
 * @throws HawserError local-io, no-space
 */
export async function writeReport(
  file: string,
  text: string | AsyncIterable<string>,
  what = 'report',
): Promise<void> {
  const { path, special } = reportPlace(file, what)
  try {
    if (special) await writeFile(path, text)
    else await replace(path, text)
  } catch (error) {
    throw isHawserError(error) ? error : notWritten(file, error, what)
  }
}

export function notWritten(file: string, cause: unknown, what = 'report'): HawserError {
  const full = isNoSpace(cause)
  return new HawserError(
    full ? 'no-space' : 'local-io',
    `the ${what} cannot be written: ${whyNoFile(cause)}`,
    {
      op: what,
      location: { scheme: 'file', endpoint: undefined, root: file },
      hint: full ? 'Free some space.' : 'Name a file in a directory that can be written to.',
      cause,
    },
  )
}

async function replace(path: string, text: string | AsyncIterable<string>): Promise<void> {
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
