// Copies between local directories, by the system: on file systems that share blocks no byte is read.
import { constants } from 'node:fs'
import { copyFile, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Key } from '../../core/key.ts'
import type { Copy, CopySource, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { changed, lookAt, noFollow, type Disk } from './disk.ts'
import { localError } from './errors.ts'
import { allowParents, requireParents } from './paths.ts'
import { openContent } from './read.ts'
import { etagOf, infoOf } from './stats.ts'
import { newTemporaryId, partName } from './temporary.ts'
import { checkTarget, createLink, inDirectory, publish, writeFile } from './write.ts'

export function localCopy(disk: Disk, at: (root: string) => Disk): Copy {
  async function copy(from: CopySource, to: Key, options: WriteOptions = {}): Promise<ObjectInfo> {
    const details = disk.details('copy', to)
    const source = at(from.location.root)
    const sourceDetails = { ...source.details('copy', from.key) }
    const place = disk.place('copy', to, options.signal)
    const content = await openContent(source, from.key, sourceDetails, options.signal)
    try {
      if (from.etag !== undefined && etagOf(content.stats) !== from.etag)
        throw changed(sourceDetails)
      const { mtimeNs, mode } = content.stats
      const attributes = options.attributes ?? { mtime: mtimeNs, mode: Number(mode) }
      const given = { ...options, attributes }
      if (place.directory) return await writeFile(disk, to, new Uint8Array(0), given)
      allowParents(place, details)
      checkTarget(place, options.condition, details)
      if (content.stats.isSymbolicLink()) {
        const target = Buffer.alloc(Number(content.stats.size))
        await content.read(target, 0)
        return await createLink(disk, place, to, target, given, details)
      }
      const sourcePlace = source.place('copy', from.key, options.signal)
      const path = join(place.parent, partName(newTemporaryId()))
      try {
        await inDirectory(disk, place, async () =>
          copyFile(sourcePlace.path, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE),
        )
        requireParents(sourcePlace, sourceDetails)
        const now = lookAt(sourcePlace.path, sourceDetails)
        if (!now || etagOf(now) !== etagOf(content.stats)) throw changed(sourceDetails)
        await using file = await open(path, constants.O_RDONLY | noFollow)
        return infoOf(to, await publish(disk, place, path, file, given, details))
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
    } catch (error) {
      throw localError(error, details)
    } finally {
      await content.close()
    }
  }

  return {
    accepts: (from) => from.location.scheme === disk.location.scheme,
    maxSize: Number.MAX_SAFE_INTEGER,
    copy,
  }
}
