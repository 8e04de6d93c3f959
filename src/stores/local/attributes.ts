// Setting a file's time and permissions.
import { constants, fchmodSync, futimesSync } from 'node:fs'
import { lutimes, open } from 'node:fs/promises'
import type { Attributes } from '../../core/attributes.ts'
import type { Key } from '../../core/key.ts'
import type { CallOptions } from '../../core/store.ts'
import { noFollow, noWait, requirePresent, type Disk } from './disk.ts'
import { localError } from './errors.ts'
import { utimesText } from './stats.ts'

/** At once: it changes an inode in memory, which is a tenth of the cost of asking a thread for it. */
/**
 * The bits that are taken over. Not setuid and setgid: owners are not restored, and a program from a bucket must not
 * run as whoever restored it.
 */
const restored = 0o1777

export function setFileAttributes(file: { readonly fd: number }, attributes: Attributes): void {
  const { mode, mtime } = attributes
  if (mode !== undefined) fchmodSync(file.fd, mode & restored)
  if (mtime !== undefined) futimesSync(file.fd, Date.now() / 1000, utimesText(mtime))
}

/** A link has a time of its own, and no permissions. */
export async function setLinkTime(path: string, mtime: bigint | undefined): Promise<void> {
  if (mtime !== undefined) await lutimes(path, new Date(), utimesText(mtime))
}

export async function setAttributes(
  disk: Disk,
  key: Key,
  attributes: Attributes,
  options: CallOptions = {},
): Promise<void> {
  const target = disk.target('setAttributes', key, options.signal)
  const { place, details } = target
  const stats = requirePresent(target)
  try {
    if (stats.isSymbolicLink()) return await setLinkTime(place.path, attributes.mtime)
    await using handle = await open(place.path, constants.O_RDONLY | noFollow | noWait)
    setFileAttributes(handle, attributes)
  } catch (error) {
    throw localError(error, details)
  }
}
