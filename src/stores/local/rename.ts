// Renaming: one step of the file system, in which what is at the new name is replaced.
import { link, rename, unlink } from 'node:fs/promises'
import { HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { KeyRef, ObjectInfo, RenameOptions } from '../../core/store.ts'
import { changed, lookAt, requirePresent, type Disk } from './disk.ts'
import { localError } from './errors.ts'
import { allowParents } from './paths.ts'
import { checkTarget, inDirectory, makeExclusively } from './publish.ts'
import { removeEmpty } from './remove.ts'
import { etagOf, infoOf } from './stats.ts'

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
    const stats = requirePresent(source)
    if (from.etag !== undefined && etagOf(stats) !== from.etag) throw changed(source.details)
    const [old, path] = [source.place.path, target.place.path]
    await disk.alone(path, async () => {
      allowParents(target)
      checkTarget(target, condition)
      if (condition?.kind === 'if-absent') {
        const make = async (): Promise<void> => link(old, path)
        const unmake = async (): Promise<void> => unlink(path)
        await makeExclusively(async () => inDirectory(target, make, unmake), details)
        await unlink(old)
        return
      }
      const make = async (): Promise<void> => rename(old, path)
      await inDirectory(target, make, async () => rename(path, old))
    })
    await disk.syncDirectory(target.place.parent)
    if (source.place.parent !== target.place.parent) {
      await disk.syncDirectory(source.place.parent)
      if (prune) await removeEmpty(source.place, target.place)
    }
    const now = lookAt(path, details)
    if (!now) throw changed(details)
    return infoOf(to, now)
  } catch (error) {
    throw localError(error, details)
  }
}
