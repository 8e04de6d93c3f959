// Removing files, links and empty directories.
import type { BigIntStats } from 'node:fs'
import { rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isHawserError } from '../../core/errors.ts'
import { type Key, toKey } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { KeyRef, Removal, RemoveOptions } from '../../core/store.ts'
import { changed, lookAt, type Disk, type Target } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { lookAtParents, type Place } from './paths.ts'
import { etagOf, isUnwrittenSince } from './stats.ts'

/**
 * With `prune`, directories that this call emptied go too, up to the root, which stays. That names are gone is durable
 * when the call ends.
 */
export async function* removeFiles(
  disk: Disk,
  refs: AsyncIterable<KeyRef>,
  options: RemoveOptions = {},
  prune = true,
): AsyncGenerator<Removal> {
  checkSignal(options.signal, disk.details('remove', undefined))
  // Keys come mostly in order, so a directory is looked at when the next key is in another one.
  let last: Target | undefined
  const leave = async (target: Target, next?: Place): Promise<void> => {
    const { parent } = target.place
    return disk.syncDirectory(prune ? await removeEmpty(target, next, options.keep) : parent)
  }
  try {
    for await (const ref of refs) {
      checkSignal(options.signal, disk.details('remove', ref.key))
      let error: Error | undefined
      try {
        const target = disk.target('remove', ref.key, options.signal)
        const { place } = target
        if (last && last.place.parent !== place.parent) {
          await leave(last, place)
          last = undefined
        }
        if (await removeOne(target, ref.etag)) last = target
      } catch (caught) {
        if (!isHawserError(caught)) throw caught
        error = caught
      }
      yield { key: ref.key, error }
    }
  } finally {
    if (last) await leave(last)
  }
}

/** Whether there was something to remove. */
async function removeOne(
  { disk, place, details }: Target,
  etag: string | undefined,
): Promise<boolean> {
  if (lookAtParents(place, details) !== 'directories') return false
  return disk.alone(place.path, async () => {
    const stats = lookAt(place.path, details)
    if (!stats || stats.isDirectory() !== place.directory) return false
    if (etag !== undefined && !isStill(disk, stats, etag)) throw changed(details)
    if (stats.nlink > 1n && !place.directory) disk.noteNames(stats)
    try {
      await (place.directory ? rmdir(place.path) : unlink(place.path))
      return true
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false
      throw localError(error, details)
    }
  })
}

/** Also where it has another ctime because other names of the file were made or removed: its bytes are those. */
function isStill(disk: Disk, stats: BigIntStats, etag: string): boolean {
  if (etagOf(stats) === etag) return true
  return (stats.nlink > 1n || disk.hasNoted(stats)) && isUnwrittenSince(etag, stats)
}

/** The directory below the root that leads to the key, the outermost one at depth 0. */
function parentOf(key: Key, depth: number): Key {
  const names = key.split('/').slice(0, depth + 1)
  return toKey(`${names.join('/')}/`)
}

/**
 * Removes the directories that lead to the target and are empty, innermost first, but the next place and those that lead to it.
 * @returns the innermost one that stays
 */
export async function removeEmpty(
  { key, place }: Target,
  next?: Place,
  keep?: RemoveOptions['keep'],
): Promise<string> {
  let { parent: stays } = place
  for (const [depth, parent] of Array.from(place.parents.entries()).toReversed()) {
    const isToCome = next !== undefined && (next.path === parent || next.parents.includes(parent))
    if (isToCome || (await keep?.(parentOf(key, depth)))) break
    try {
      await rmdir(parent)
    } catch {
      break // Not empty, or not ours to remove: it stays.
    }
    stays = dirname(parent)
  }
  return stays
}
