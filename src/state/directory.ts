// Makes a directory with those that it is in, one after the other: Node's own way of that never ends below /proc.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { isErrno } from './fault.ts'

/**
 * That something else has its name is for those to find who use it.
 * @returns the outermost that was not there; undefined where all were
 */
export function makeDirectories(directory: string, mode = 0o777): string | undefined {
  try {
    return makeOne(directory, mode)
  } catch (error) {
    const parent = dirname(directory)
    if (!isErrno(error, 'ENOENT') || parent === directory) throw error
    const outermost = makeDirectories(parent, mode)
    const made = makeOne(directory, mode)
    return outermost ?? made
  }
}

function makeOne(directory: string, mode: number): string | undefined {
  try {
    mkdirSync(directory, { mode })
    return directory
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return undefined
    throw error
  }
}
