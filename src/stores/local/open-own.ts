// Opening what is one's own and has a mode that keeps its owner out, as a directory of mode 000: who may change that mode
// may open it. No link is followed.
import { chmodSync, closeSync, constants, lchmodSync, openSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { noFollow, noWait } from './disk.ts'
import { errnoOf } from './errors.ts'

const reading = constants.O_RDONLY | noFollow | noWait
/** Of Linux, for which Node has no name: opens the name alone, which takes no permission. */
const pathOnly = 0o10000000

/** @param mode what it has, and has again when this ends */
export async function openOwn(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, reading)
  } catch (error) {
    if (errnoOf(error) !== 'EACCES' || !setMode(path, mode | 0o400)) throw error
  }
  try {
    return await open(path, reading)
  } finally {
    setMode(path, mode)
  }
}

/** Whether that can be done here. */
function setMode(path: string, mode: number): boolean {
  const permissions = mode & 0o7777
  try {
    if (process.platform === 'darwin') lchmodSync(path, permissions)
    else if (process.platform === 'linux') setModeByDescriptor(path, permissions)
    else return false
    return true
  } catch {
    return false
  }
}

/** What is open cannot become a link meanwhile. */
function setModeByDescriptor(path: string, permissions: number): void {
  const descriptor = openSync(path, pathOnly | noFollow)
  try {
    chmodSync(`/proc/self/fd/${descriptor}`, permissions)
  } finally {
    closeSync(descriptor)
  }
}
