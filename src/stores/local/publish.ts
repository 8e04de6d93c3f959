// How a file becomes visible: made under a temporary name beside its target, made durable, then renamed.
//
// Durability: the bytes are on the disk before the new name is, and the name before the call answers
// (`durable: false` leaves both to the system). A crash leaves at most a temporary file, which `uploads` finds.
// Conditions: `if-absent` is held by the file system (a hard link is made, which fails where the name exists), but where
// there are no such links, as on FAT: there, and for all processes but this one, it is only looked at right before;
// `if-match` is looked at under a lock of this process, so another process can come between: no trait promises it.
import { constants, fstatSync, renameSync, type BigIntStats } from 'node:fs'
import { link, mkdir, rename, rm, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Attributes } from '../../core/attributes.ts'
import { HawserError, isHawserError, type ErrorDetails } from '../../core/errors.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Condition, WriteOptions } from '../../core/store.ts'
import { keepMode, setFileAttributes } from './attributes.ts'
import { changed, lookAt, noFollow, type Disk, type Target } from './disk.ts'
import { errnoOf } from './errors.ts'
import { OpenFile } from './open-file.ts'
import { allowParents } from './paths.ts'
import { etagOf, isUnwritten, kindOf } from './stats.ts'

/** A new file at the temporary path, no more open to others than it will be, and the directories that lead to it. */
export async function createFile(
  target: Target,
  path: string,
  attributes: Attributes | undefined,
  old: BigIntStats | undefined,
): Promise<OpenFile> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow
  const mode = attributes?.mode ?? Number(old?.isFile() ? old.mode : 0o666)
  return inDirectory(
    target,
    async () => OpenFile.open(path, flags, (mode & 0o777) | 0o600),
    async (file) => {
      file[Symbol.dispose]()
      await rm(path, { force: true })
    },
  )
}

/**
 * Runs what makes a name in the place's directory, which is made where it is missing. Another call may make a link on
 * the way to it after this one has looked: then the name lies elsewhere, and `unmake` takes it back. Once the name is in
 * a directory, no link can take that directory's place.
 * @throws HawserError conflict where a file or a link is in the way
 */
export async function inDirectory<T>(
  target: Target,
  make: () => Promise<T>,
  unmake: (made: T) => Promise<void>,
): Promise<T> {
  const made = await makeInDirectory(target, make)
  try {
    allowParents(target)
  } catch (error) {
    await unmake(made)
    throw error
  }
  return made
}

async function makeInDirectory<T>(
  { disk, place, details }: Target,
  make: () => Promise<T>,
): Promise<T> {
  // A removal may take the directory away in between, as soon as it is empty.
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt > 1) await makeDirectory(disk, place.parent)
      return await make()
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      if (attempt === 10)
        throw new HawserError('local-io', 'its directory cannot be made', {
          ...details,
          cause: error,
        })
    }
  }
}

/**
 * With its parents. Node's own recursive way says ENOENT where the file system is read-only, and never ends below /proc,
 * where nothing can be made in directories that are there.
 */
async function makeDirectory(disk: Disk, path: string): Promise<void> {
  const parent = dirname(path)
  try {
    await makeOne(disk, path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || parent === path) throw error
    await makeDirectory(disk, parent)
    await makeOne(disk, path)
  }
}

async function makeOne(disk: Disk, path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    throw error
  }
  await disk.syncDirectory(dirname(path))
}

/**
 * Gives the temporary file its attributes and its name, if the condition holds.
 * @returns what was made: where another program has written to it since, what is there has another etag
 */
export async function publish(
  target: Target,
  path: string,
  file: OpenFile,
  options: WriteOptions,
): Promise<BigIntStats> {
  const { disk, place, details } = target
  const { attributes = {}, condition } = options
  await setFileAttributes(file, attributes, details)
  if (disk.durable) await file.sync()
  checkSignal(options.signal, details)
  const made = fstatSync(file.fd, { bigint: true })
  await disk.alone(place.path, async () => {
    const old = checkTarget(target, condition)
    if (attributes.mode === undefined && old?.isFile()) keepMode(file, old)
    if (condition?.kind === 'if-absent') {
      await makeExclusively(async () => giveNewName(path, target, condition), details)
    } else if (old) await rename(path, place.path)
    // Nothing is freed: that is done sooner than asked for.
    else renameSync(path, place.path)
  })
  await disk.syncDirectory(place.parent)
  const now = fstatSync(file.fd, { bigint: true })
  return isUnwritten(made, now) ? now : made
}

/**
 * An early look, so that nothing is sent in vain; held again when the name is made.
 * @returns what will be replaced
 * @throws HawserError precondition-failed; conflict where a directory is at the name of a file, or the other way round,
 *   and where a device, pipe or socket is
 */
export function checkTarget(
  { place, details }: Target,
  condition: Condition | undefined,
): BigIntStats | undefined {
  const stats = lookAt(place.path, details)
  if (stats && stats.isDirectory() !== place.directory) {
    const [there, needed] = place.directory ? ['file', 'directory'] : ['directory', 'file']
    throw new HawserError('conflict', `a ${there} is where a ${needed} is needed`, details)
  }
  if (stats && kindOf(stats) === 'special')
    throw new HawserError('conflict', 'a device, a pipe or a socket is never replaced', details)
  if (condition?.kind === 'if-absent' && stats) throw changed(details)
  if (condition?.kind === 'if-match' && (!stats || etagOf(stats) !== condition.etag))
    throw changed(details)
  return stats
}

/** Makes a name that must not exist. @throws HawserError precondition-failed where it does */
export async function makeExclusively<T>(
  make: () => Promise<T>,
  details: ErrorDetails,
): Promise<T> {
  try {
    return await make()
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? changed(details) : error
  }
}

/** Without hard links a look comes right before: only another process can come between. */
async function giveNewName(path: string, target: Target, condition: Condition): Promise<void> {
  const { place, details } = target
  try {
    await linkFile(path, place.path, details)
  } catch (error) {
    if (!isUnsupported(error)) throw error
    checkTarget(target, condition)
    renameSync(path, place.path)
    return
  }
  await unlink(path)
}

export function isUnsupported(error: unknown): boolean {
  return isHawserError(error) && error.code === 'unsupported'
}

/** FAT and some network file systems have no hard links, and say so in different words. */
export async function linkFile(from: string, to: string, details: ErrorDetails): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '')) throw error
    const message = 'this file system cannot make a file only if it is absent'
    throw new HawserError('unsupported', message, { ...details, cause: error })
  }
}
