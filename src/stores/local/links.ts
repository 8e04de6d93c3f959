// Symbolic links: written as their targets, made in one step, never followed.
import { rename, rm, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { bodySize, readBody } from '../../core/body.ts'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Body, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { crc64nvme } from '../../kernels/crc64nvme.ts'
import { setLinkAttributes } from './attributes.ts'
import { changed, lookAt, type Target } from './disk.ts'
import { checkTarget, inDirectory, makeExclusively } from './publish.ts'
import { infoOf } from './stats.ts'
import { newTemporaryId, partName } from './temporary.ts'

/** PATH_MAX: with its NUL a target has fewer bytes than this. */
const maxTarget = 4096

export async function writeLink(
  target: Target,
  body: Body,
  options: WriteOptions,
): Promise<ObjectInfo> {
  return createLink(target, await linkContent(body, options, target.details), options)
}

/** Makes a symbolic link to `content`, in one step. */
export async function createLink(
  target: Target,
  content: Buffer,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const { disk, key, place, details } = target
  const temporary = join(place.parent, partName(newTemporaryId()))
  const { attributes = {} } = options
  await disk.alone(place.path, async () => {
    checkTarget(target, options.condition)
    if (options.condition?.kind === 'if-absent') {
      const make = async (): Promise<void> => symlink(content, place.path)
      const unmake = async (): Promise<void> => unlink(place.path)
      await makeExclusively(async () => inDirectory(target, make, unmake), details)
      try {
        await setLinkAttributes(place.path, attributes, details)
      } catch (error) {
        await unmake()
        throw error
      }
      return
    }
    await inDirectory(
      target,
      async () => symlink(content, temporary),
      async () => rm(temporary, { force: true }),
    )
    try {
      await setLinkAttributes(temporary, attributes, details)
      await rename(temporary, place.path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  })
  await disk.syncDirectory(place.parent)
  const stats = lookAt(place.path, details)
  if (!stats) throw changed(details)
  return infoOf(key, stats)
}

async function linkContent(
  body: Body,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<Buffer> {
  const size = bodySize(body)
  const invalid = (why: string): HawserError =>
    new HawserError('invalid-argument', `not the target of a link: ${why}`, details)
  if (size === 0 || size >= maxTarget) throw invalid(`it has ${size} bytes`)
  const content = Buffer.concat(await Array.fromAsync(readBody(body)))
  checkSignal(options.signal, details)
  if (content.length !== size || content.includes(0)) throw invalid('a NUL or a wrong length')
  if (options.crc64nvme !== undefined && crc64nvme(content) !== options.crc64nvme)
    throw new HawserError('integrity', 'the bytes do not have the expected CRC64NVME', details)
  return content
}
