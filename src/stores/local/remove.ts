// Removing files, links and empty directories.
import { rmdir, unlink } from 'node:fs/promises'
import { isHawserError } from '../../core/errors.ts'
import { checkSignal } from '../../core/signal.ts'
import type { CallOptions, KeyRef, Removal } from '../../core/store.ts'
import { changed, lookAt, type Disk, type Target } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { lookAtParents, type Place } from './paths.ts'
import { etagOf } from './stats.ts'

/** With `prune`, directories that this call emptied go too, up to the root, which stays. */
export async function* removeFiles(
  disk: Disk,
  refs: AsyncIterable<KeyRef>,
  options: CallOptions = {},
  prune = true,
): AsyncGenerator<Removal> {
  checkSignal(options.signal, disk.details('remove', undefined))
  // Keys come mostly in order, so a directory is looked at when the next key is in another one.
  let last: Place | undefined
  try {
    for await (const ref of refs) {
      checkSignal(options.signal, disk.details('remove', ref.key))
      let error: Error | undefined
      try {
        const target = disk.target('remove', ref.key, options.signal)
        const { place } = target
        if (last && last.parent !== place.parent) {
          await removeEmpty(last, place)
          last = undefined
        }
        if ((await removeOne(target, ref.etag)) && prune) last = place
      } catch (caught) {
        if (!isHawserError(caught)) throw caught
        error = caught
      }
      yield { key: ref.key, error }
    }
  } finally {
    if (last) await removeEmpty(last)
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
    if (etag !== undefined && etagOf(stats) !== etag) throw changed(details)
    try {
      await (place.directory ? rmdir(place.path) : unlink(place.path))
      return true
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false
      throw localError(error, details)
    }
  })
}

/** Removes the directories of the place that are empty, innermost first, but those that lead to the next place. */
export async function removeEmpty(place: Place, next?: Place): Promise<void> {
  for (const parent of place.parents.toReversed()) {
    if (next?.parents.includes(parent)) return
    try {
      await rmdir(parent)
    } catch {
      return // Not empty, or not ours to remove: it stays.
    }
  }
}
