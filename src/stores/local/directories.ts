// Directories for their own sake: keys that end in `/` and hold nothing.
import { constants } from 'node:fs'
import { mkdir, open, rmdir } from 'node:fs/promises'
import type { Attributes } from '../../core/attributes.ts'
import { bodySize, readBody } from '../../core/body.ts'
import { HawserError } from '../../core/errors.ts'
import type { Body, Condition, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { setFileAttributes } from './attributes.ts'
import { changed, lookAt, noFollow, type Target } from './disk.ts'
import { errnoOf } from './errors.ts'
import { inDirectory, makeExclusively } from './publish.ts'
import { infoOf } from './stats.ts'

export async function writeDirectory(
  target: Target,
  body: Body,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const { disk, key, place, details } = target
  if (bodySize(body) > 0)
    throw new HawserError('invalid-argument', 'a directory cannot hold bytes of its own', {
      ...details,
      hint: 'A key that ends in a slash is a directory on a file system.',
    })
  // Its end is for the source to refuse.
  for await (const chunk of readBody(body))
    if (chunk.length > 0) throw new HawserError('integrity', 'the source gave bytes', details)
  const make = async (): Promise<boolean> => makeOneDirectory(place.path, options.condition)
  const unmake = async (made: boolean): Promise<void> => {
    if (made) await rmdir(place.path)
  }
  await makeExclusively(async () => inDirectory(target, make, unmake), details)
  await setDirectoryAttributes(target, options.attributes ?? {})
  await disk.syncDirectory(place.parent)
  const stats = lookAt(place.path, details)
  if (!stats) throw changed(details)
  return infoOf(key, stats)
}

/** Whether it was not there. */
async function makeOneDirectory(path: string, condition: Condition | undefined): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || condition?.kind === 'if-absent') throw error
    return false
  }
}

async function setDirectoryAttributes(
  { place, details }: Target,
  attributes: Attributes,
): Promise<void> {
  if (Object.values(attributes).every((value) => value === undefined)) return
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | noFollow
  await using handle = await open(place.path, flags)
  await setFileAttributes(handle, attributes, details)
}
