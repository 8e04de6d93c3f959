// Renaming: one step of the file system, in which what is at the new name is replaced.
import { constants, renameSync, type BigIntStats, unlinkSync } from 'node:fs'
import { open, readlink, symlink, unlink } from 'node:fs/promises'
import { HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Condition, KeyRef, ObjectInfo, RenameOptions } from '../../core/store.ts'
import { setLinkAttributes } from './attributes.ts'
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
import { renameOntoItself } from './onto-itself.ts'
import { allowParents } from './paths.ts'
import { checkTarget, inDirectory, isUnsupported, linkFile, makeExclusively } from './publish.ts'
import { removeEmpty } from './remove.ts'
import { attributesOf, etagOf, infoOf, isSameFile, isUnwritten, kindOf } from './stats.ts'

/**
 * With `prune`, directories that this empties go too, up to the root.
 * @returns what was renamed: where another program has written to it or replaced it since, what is there has another etag
 */
export async function renameFile(
  disk: Disk,
  from: KeyRef,
  to: Key,
  options: RenameOptions = {},
  prune = true,
): Promise<ObjectInfo> {
  const { condition, keep, signal } = options
  const source = disk.target('rename', from.key, signal)
  const target = disk.target('rename', to, signal)
  const { details } = target
  if (source.place.directory || target.place.directory)
    throw new HawserError('invalid-argument', 'a directory is not renamed', details)
  try {
    const stats = await aloneAtBoth(source, target, async () => {
      checkSignal(signal, details)
      return move(source, target, from.etag, condition)
    })
    await disk.syncDirectory(target.place.parent)
    if (source.place.parent !== target.place.parent) {
      await disk.syncDirectory(source.place.parent)
      if (prune) await removeEmpty(source, target.place, keep)
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
  const { details, place } = target
  const stats = requireState(source, etag)
  allowParents(target)
  checkTarget(target, condition)
  const replaced = lookAt(place.path, details)
  if (source.place.path === place.path) return stats
  if (condition?.kind === 'if-absent') await moveIfAbsent(source, target, stats, etag)
  else if (replaced) await moveOver(source, target, { stats, replaced, etag, condition })
  else await moveToNothing(source, target, etag, condition)
  const now = lookAt(place.path, details)
  if (!now) throw changed(details)
  return stats.isFile() && !isUnwritten(stats, now) ? stats : now
}

async function moveIfAbsent(
  source: Target,
  target: Target,
  stats: BigIntStats,
  etag: string | undefined,
): Promise<void> {
  const { disk, place, details } = target
  const make = async (): Promise<void> => addName(stats, source.place.path, target)
  const unmake = async (): Promise<void> => unlink(place.path)
  try {
    await makeExclusively(async () => inDirectory(target, make, unmake), details)
  } catch (error) {
    if (!isUnsupported(error)) throw error
    return moveToNothing(source, target, etag, { kind: 'if-absent' })
  }
  try {
    await disk.syncDirectory(place.parent)
    disk.noteNames(stats)
    removeOldName(source, stats)
  } catch (error) {
    takeBack(target, stats)
    throw error
  }
}

/** The new name that was made. */
function takeBack({ place, details }: Target, stats: BigIntStats): void {
  const now = lookAt(place.path, details)
  const isOfLink = now?.isSymbolicLink() === true && stats.isSymbolicLink()
  if (now && (isOfLink || isSameFile(stats, now))) unlinkSync(place.path)
}

/** The last look and the removal are done at once. What another program has put there meanwhile stays. */
function removeOldName({ place, details }: Target, stats: BigIntStats): void {
  const now = lookAt(place.path, details)
  if (!now || !isSameFile(stats, now)) return
  if (!isUnwritten(stats, now)) throw changed(details)
  unlinkSync(place.path)
}

interface Seen {
  readonly stats: BigIntStats
  readonly replaced: BigIntStats
  readonly etag: string | undefined
  readonly condition: Condition | undefined
}

/** What is there is locked for this process and stays until then, and with it its directory. */
async function moveOver(
  source: Target,
  target: Target,
  { stats, replaced, etag, condition }: Seen,
): Promise<void> {
  const { disk, place } = target
  const old = source.place.path
  if (isSameFile(stats, replaced)) return renameOntoItself(old, place.path, stats.nlink)
  // Whoever wrote the file may not have waited until it is on the disk.
  if (disk.durable && stats.isFile()) await syncContent(old)
  requireState(source, etag)
  checkTarget(target, condition)
  renameSync(old, place.path)
}

/** The last look and the rename are done at once, so that no link is made on the way between them. */
async function moveToNothing(
  source: Target,
  target: Target,
  etag: string | undefined,
  condition: Condition | undefined,
): Promise<void> {
  const [old, path] = [source.place.path, target.place.path]
  const make = async (): Promise<void> => {
    requireState(source, etag)
    allowParents(target)
    checkTarget(target, condition)
    renameSync(old, path)
  }
  await inDirectory(target, make, async () => renameSync(path, old))
}

/** A second name for what is at `path`. Of a link it is a copy: link(2) follows it on some systems. */
async function addName(stats: BigIntStats, path: string, target: Target): Promise<void> {
  const { place, details } = target
  if (!stats.isSymbolicLink()) return linkFile(path, place.path, details)
  await symlink(await readlink(path, { encoding: 'buffer' }), place.path)
  await setLinkAttributes(place.path, attributesOf(stats), details)
}

async function syncContent(path: string): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | noFollow | noWait)
  await handle.sync()
}
