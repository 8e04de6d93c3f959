// Copies between local directories, by the system: on file systems that share blocks no byte is read.
import { constants } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HawserError } from '../../core/errors.ts'
import type { Copy, CopySource, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { changed, lookAt, noFollow, type Disk, type Target } from './disk.ts'
import { localError } from './errors.ts'
import { writeDirectory } from './directories.ts'
import { createLink } from './links.ts'
import { OpenFile } from './open-file.ts'
import { surely } from './owners.ts'
import { allowParents, requireParents } from './paths.ts'
import { refuseProperties } from './properties.ts'
import { checkTarget, inDirectory, publish } from './publish.ts'
import { openContent, type Content } from './read.ts'
import { attributesOf, etagOf, infoOf } from './stats.ts'
import { newTemporaryId, partName } from './temporary.ts'

/** @param at gives the disk of another root */
export function localCopy(disk: Disk, at: (root: string) => Disk): Copy {
  return {
    // Not a tree whose links are followed: the system would look at the links themselves.
    accepts: (from) => from.location.scheme === disk.location.scheme && from.copy !== undefined,
    maxSize: Number.MAX_SAFE_INTEGER,
    async copy(from, to, options = {}) {
      const target = disk.target('copy', to, options.signal)
      const source = at(from.location.root).target('copy', from.key, options.signal)
      const content = openContent(source)
      try {
        return await copyContent(from, source, content, target, options)
      } catch (error) {
        throw localError(error, target.details)
      } finally {
        content.close()
      }
    },
  }
}

async function copyContent(
  from: CopySource,
  source: Target,
  content: Content,
  target: Target,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const { stats } = content
  if (from.etag !== undefined && etagOf(stats) !== from.etag) throw changed(source.details)
  if (stats.isDirectory() !== target.place.directory)
    throw new HawserError('conflict', 'a file is no directory', target.details)
  const attributes = options.attributes ?? surely(attributesOf(stats))
  const given = { ...options, attributes }
  refuseProperties(options.properties, target.details)
  allowParents(target)
  checkTarget(target, options.condition)
  if (stats.isDirectory()) return writeDirectory(target, new Uint8Array(0), given)
  if (stats.isFile()) return copyBytes(source, content, target, given)
  const link = Buffer.alloc(Number(stats.size))
  await content.read(link, 0)
  return createLink(target, link, given)
}

async function copyBytes(
  source: Target,
  content: Content,
  target: Target,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const path = join(target.place.parent, partName(newTemporaryId()))
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE
  try {
    await inDirectory(
      target,
      async () => copyFile(source.place.path, path, mode),
      async () => {}, // below
    )
    // The system went by the name, so that must still be the file that was looked at.
    requireParents(source)
    const now = lookAt(source.place.path, source.details)
    if (!now || etagOf(now) !== etagOf(content.stats)) throw changed(source.details)
    using file = await OpenFile.open(path, constants.O_RDONLY | noFollow)
    return infoOf(target.key, await publish(target, path, file, options))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}
