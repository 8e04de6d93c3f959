// Renaming: one step of the file system, in which what is at the new name is replaced.
import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { open, readlink, rename, rm, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Condition, KeyRef, ObjectInfo, RenameOptions } from '../../core/store.ts'
import { setLinkTime } from './attributes.ts'
import {
  changed,
  lookAt,
  noFollow,
  noWait,
  requirePresent,
  type Disk,
  type Target,
} from './disk.ts'
import { localError } from './errors.ts'
import { allowParents } from './paths.ts'
import { checkTarget, createFile, linkFile, makeExclusively } from './publish.ts'
import { removeEmpty } from './remove.ts'
import { etagOf, infoOf, kindOf } from './stats.ts'
import { newTemporaryId, partName } from './temporary.ts'

/** With `prune`, directories that this empties go too, up to the root. */
export async function renameFile(
  disk: Disk,
  from: KeyRef,
  to: Key,
  options: RenameOptions = {},
  prune = true,
): Promise<ObjectInfo> {
  const { condition, signal } = options
  const source = disk.target('rename', from.key, signal)
  const target = disk.target('rename', to, signal)
  const { details } = target
  if (source.place.directory || target.place.directory)
    throw new HawserError('invalid-argument', 'a directory is not renamed', details)
  try {
    // Looks before anything is made, and again under the locks.
    requireState(source, from.etag)
    allowParents(target)
    checkTarget(target, condition)
    const stats = await holdingDirectory(target, async () =>
      aloneAtBoth(source, target, async () => move(source, target, from.etag, condition)),
    )
    await disk.syncDirectory(target.place.parent)
    if (source.place.parent !== target.place.parent) {
      await disk.syncDirectory(source.place.parent)
      if (prune) await removeEmpty(source.place, target.place)
    }
    return infoOf(to, stats)
  } catch (error) {
    throw localError(error, details)
  }
}

function requireState(source: Target, etag: string | undefined): BigIntStats {
  const stats = requirePresent(source)
  if (kindOf(stats) === 'special')
    throw new HawserError(
      'unsupported',
      'a pipe, a socket or a device is not renamed',
      source.details,
    )
  if (etag !== undefined && etagOf(stats) !== etag) throw changed(source.details)
  return stats
}

/**
 * Makes the target's directory where it is missing, and keeps a file in it during the task: what is not empty is not
 * removed, so nothing else, as a link to elsewhere, takes the directory's place before the rename.
 */
async function holdingDirectory<T>(target: Target, task: () => Promise<T>): Promise<T> {
  const holder = join(target.place.parent, partName(newTemporaryId()))
  const handle = await createFile(target, holder, { mode: 0o600 })
  try {
    await handle.close()
    return await task()
  } finally {
    await rm(holder, { force: true })
  }
}

/** In one order for all, so that two renames never wait for each other. */
async function aloneAtBoth<T>(a: Target, b: Target, task: () => Promise<T>): Promise<T> {
  const { disk } = a
  const [first, second] = [a.place.path, b.place.path].toSorted()
  if (first === undefined || second === undefined || first === second)
    return disk.alone(a.place.path, task)
  return disk.alone(first, async () => disk.alone(second, task))
}

async function move(
  source: Target,
  target: Target,
  etag: string | undefined,
  condition: Condition | undefined,
): Promise<BigIntStats> {
  const { disk, details } = target
  const [old, path] = [source.place.path, target.place.path]
  const stats = requireState(source, etag)
  checkTarget(target, condition)
  const replaced = lookAt(path, details)
  if (old === path) return stats
  if (condition?.kind === 'if-absent') {
    await makeExclusively(async () => addName(stats, old, target), details)
    await disk.syncDirectory(target.place.parent)
    await unlink(old)
  } else if (replaced && stats.nlink > 1n && isSameFile(stats, replaced)) {
    // Two names of one file, as a crash above leaves them: rename(2) does nothing then.
    await unlink(old)
  } else {
    // Whoever wrote the file may not have waited until it is on the disk.
    if (replaced && disk.durable && stats.isFile()) await syncContent(old)
    await rename(old, path)
  }
  const now = lookAt(path, details)
  if (!now) throw changed(details)
  return now
}

/** A second name for what is at `path`. Of a link it is a copy: link(2) follows it on some systems. */
async function addName(stats: BigIntStats, path: string, target: Target): Promise<void> {
  const { place, details } = target
  if (!stats.isSymbolicLink()) return linkFile(path, place.path, details)
  await symlink(await readlink(path, { encoding: 'buffer' }), place.path)
  await setLinkTime(place.path, stats.mtimeNs)
}

function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

async function syncContent(path: string): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | noFollow | noWait)
  await handle.sync()
}
