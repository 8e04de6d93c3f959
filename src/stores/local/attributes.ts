// Giving a file what it has beside its bytes: owners, extended attributes, permissions and time, in the order in which
// one does not undo the other.
import {
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  lstatSync,
  type BigIntStats,
} from 'node:fs'
import { lutimes } from 'node:fs/promises'
import type { Attributes } from '../../core/attributes.ts'
import type { ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { CallOptions } from '../../core/store.ts'
import { requirePresent, type Disk } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { openOwn } from './open-own.ts'
import { ownersToSet, permittedMode, wantedOwners, type WantedOwners } from './owners.ts'
import { utimesText } from './stats.ts'
import { unsupported, writeXattrs } from './xattrs.ts'

/** What is given to an open file or directory. At once where it can: it changes an inode in memory. */
export async function setFileAttributes(
  file: { readonly fd: number },
  attributes: Attributes,
  details: ErrorDetails,
): Promise<void> {
  const { mode, mtime, xattrs } = attributes
  const wanted = wantedOwners(attributes)
  // A change of owners takes setuid and setgid away, so permissions come after it.
  const owners = isAny(wanted) && ownersToSet(wanted, fstatSync(file.fd), process)
  if (owners) fchownSync(file.fd, owners.uid, owners.gid)
  if (xattrs) await writable(file, () => writeXattrs(file, xattrs, details))
  if (mode !== undefined)
    fchmodSync(
      file.fd,
      permittedMode(mode, wanted, () => fstatSync(file.fd)),
    )
  if (mtime !== undefined) futimesSync(file.fd, Date.now() / 1000, utimesText(mtime))
}

function isAny({ uid, gid }: WantedOwners): boolean {
  return uid !== undefined || gid !== undefined
}

/** Extended attributes are written to a read-only file of one's own only while it is none. */
async function writable(file: { readonly fd: number }, write: () => Promise<void>): Promise<void> {
  const { mode } = fstatSync(file.fd)
  const isReadOnly = (mode & 0o200) === 0
  if (isReadOnly) fchmodSync(file.fd, (mode & 0o7777) | 0o200)
  try {
    await write()
  } finally {
    if (isReadOnly) fchmodSync(file.fd, mode & 0o7777)
  }
}

/** A link has owners and a time of its own, and no permissions. */
export async function setLinkAttributes(
  path: string,
  attributes: Attributes,
  details: ErrorDetails,
): Promise<void> {
  const { mtime, xattrs = {} } = attributes
  const wanted = wantedOwners(attributes)
  const owners = isAny(wanted) && ownersToSet(wanted, lstatSync(path), process)
  if (owners) lchownSync(path, owners.uid, owners.gid)
  if (Object.keys(xattrs).length > 0)
    throw unsupported('a symbolic link keeps no extended attributes', details)
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
    if (stats.isSymbolicLink()) return await setLinkAttributes(place.path, attributes, details)
    await using handle = await openOwn(place.path, Number(stats.mode))
    await setFileAttributes(handle, attributes, details)
  } catch (error) {
    throw localError(error, details)
  }
}

/**
 * A file that is replaced leaves its permissions to its successor, where the file system has any: but not the right to
 * run as its owner, who may be another one, and whose the bytes are not.
 */
export function keepMode(file: { readonly fd: number }, old: BigIntStats): void {
  try {
    fchmodSync(file.fd, Number(old.mode) & 0o777)
  } catch (error) {
    if (errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'ENOTSUP') throw error
  }
}
