// A file that begins with the blocks of another one, where the file system can share them: what stays the same is then
// neither written nor stored a second time. Until it is compared, what is in such a file counts for nothing.
import { constants, fchmodSync, fstatSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { noFollow, noWait, type Target } from './disk.ts'
import { OpenFile } from './open-file.ts'
import { requireParents } from './paths.ts'
import { etagOf } from './stats.ts'

/**
 * Fills the new, empty file with a clone of the basis, if that is still in the state of the etag.
 * @returns false where that cannot be: then it is to be written like any other
 */
export async function cloneInto(
  file: OpenFile,
  basis: Target,
  etag: string | undefined,
): Promise<boolean> {
  // Elsewhere the system clones to a new name only, and takes attributes along.
  if (process.platform !== 'linux') return false
  const { mode } = fstatSync(file.fd)
  try {
    requireParents(basis)
    using from = await OpenFile.open(basis.place.path, constants.O_RDONLY | noFollow | noWait)
    if (!isOfState(from, etag) || !mayLendItsMode(from, mode)) return false
    await copyFile(nameOf(from), nameOf(file), constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    return false
  } finally {
    if (fstatSync(file.fd).mode !== mode) fchmodSync(file.fd, mode & 0o7777)
  }
}

/** Writes only what the file does not have there already: blocks that it shares stay shared. */
export function sparing(file: OpenFile): Pick<OpenFile, 'write'> {
  let room = Buffer.alloc(0)
  return {
    async write(bytes, position) {
      if (room.length < bytes.length) room = Buffer.allocUnsafeSlow(bytes.length)
      const there = room.subarray(0, bytes.length)
      const length = await file.read(there, position)
      if (length < bytes.length || !there.equals(bytes)) await file.write(bytes, position)
    },
  }
}

function isOfState(file: OpenFile, etag: string | undefined): boolean {
  const stats = fstatSync(file.fd, { bigint: true })
  return stats.isFile() && (etag === undefined || etagOf(stats) === etag)
}

/**
 * The system gives a clone the mode of its basis, for a moment: so only where that opens nothing, nor makes somebody
 * else's program run as whoever runs this, and where nobody else may change it meanwhile.
 */
function mayLendItsMode(from: OpenFile, mode: number): boolean {
  const old = fstatSync(from.fd)
  return old.uid === process.geteuid?.() && (old.mode & 0o7777 & ~mode) === 0
}

/** Of what is open, whatever has its name by now. */
function nameOf({ fd }: OpenFile): string {
  return `/proc/self/fd/${fd}`
}
