// Writing: into a temporary file beside the target, verified, made durable, then renamed over it.
//
// Durability: the bytes are on the disk before the new name is, and the name before the write answers
// (`durable: false` leaves both to the system). A crash leaves at most a temporary file, which `uploads` finds.
// Conditions: `if-absent` is held by the file system (a link is made, which fails where the name exists); `if-match`
// is looked at under a lock of this process, so another process can come between: the traits do not promise it.
import { constants, type BigIntStats } from 'node:fs'
import { link, mkdir, open, rename, rm, symlink, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isLink, type Attributes } from '../../core/attributes.ts'
import { bodySize, readBody } from '../../core/body.ts'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Body, Condition, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { Crc64Nvme } from '../../kernels/crc64nvme.ts'
import { setFileAttributes, setLinkTime } from './attributes.ts'
import { changed, lookAt, noFollow, type Disk } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { allowParents, type Place } from './paths.ts'
import { etagOf, infoOf } from './stats.ts'
import { newTemporaryId, partName } from './temporary.ts'

/** The longest target of a link: PATH_MAX. */
const maxLink = 4096

export async function writeFile(
  disk: Disk,
  key: Key,
  body: Body,
  options: WriteOptions = {},
): Promise<ObjectInfo> {
  const details = disk.details('write', key)
  const place = disk.place('write', key, options.signal)
  try {
    allowParents(place, details)
    checkTarget(place, options.condition, details)
    if (place.directory) return await writeDirectory(disk, place, key, body, options, details)
    if (isLink(options.attributes ?? {}))
      return await writeLink(disk, place, key, body, options, details)
    return await writeBytes(disk, place, key, body, options, details)
  } catch (error) {
    throw localError(error, details)
  }
}

async function writeBytes(
  disk: Disk,
  place: Place,
  key: Key,
  body: Body,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<ObjectInfo> {
  const path = join(place.parent, partName(newTemporaryId()))
  const handle = await createFile(disk, place, path)
  try {
    const crc = await fill(handle, 0, body, options, options.crc64nvme !== undefined, details)
    const stats = await publish(disk, place, path, handle, options, details)
    return infoOf(key, stats, crc)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** A new file at the temporary path, for its owner alone, and the directories that lead to it. */
export async function createFile(disk: Disk, place: Place, path: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow
  return inDirectory(disk, place, async () => open(path, flags, 0o600))
}

/** Runs what makes a name in the place's directory, which is made where it is missing. */
export async function inDirectory<T>(disk: Disk, place: Place, make: () => Promise<T>): Promise<T> {
  // A removal may take the directory away in between, as soon as it is empty.
  for (let attempt = 1; ; attempt++) {
    try {
      return await make()
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === 10) throw error
    }
    await makeDirectory(disk, place.parent)
  }
}

async function makeDirectory(disk: Disk, path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made))
    await disk.syncDirectory(dirname(made))
}

/**
 * Writes the body at the offset.
 * @returns its CRC64NVME where `withCrc`
 * @throws HawserError integrity where the body is not as long as it said, or has not the CRC of the options
 */
export async function fill(
  handle: FileHandle,
  offset: number,
  body: Body,
  options: Pick<WriteOptions, 'signal' | 'crc64nvme'>,
  withCrc: boolean,
  details: ErrorDetails,
): Promise<bigint | undefined> {
  const size = bodySize(body)
  const crc = withCrc ? new Crc64Nvme() : undefined
  let length = 0
  try {
    for await (const chunk of readBody(body)) {
      checkSignal(options.signal, details)
      length += chunk.length
      if (length > size) break
      crc?.update(chunk)
      await writeFully(handle, chunk, offset + length - chunk.length)
    }
  } finally {
    checkSignal(options.signal, details)
  }
  if (length !== size) {
    const message = `the source gave ${length > size ? 'more' : length} bytes instead of ${size}`
    throw new HawserError('integrity', message, details)
  }
  const value = crc?.digest()
  if (options.crc64nvme !== undefined && value !== options.crc64nvme)
    throw new HawserError('integrity', 'the bytes do not have the expected CRC64NVME', details)
  return value
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Gives the temporary file its attributes and its name, if the condition holds. */
export async function publish(
  disk: Disk,
  place: Place,
  path: string,
  handle: FileHandle,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<BigIntStats> {
  const { attributes = {}, condition } = options
  const mode = attributes.mode ?? modeHere(place, details)
  await setFileAttributes(handle, { ...attributes, mode })
  if (disk.durable) await handle.sync()
  checkSignal(options.signal, details)
  await disk.alone(place.path, async () => {
    checkTarget(place, condition, details)
    if (condition?.kind === 'if-absent') {
      await makeExclusively(async () => link(path, place.path), details)
      await unlink(path)
    } else await rename(path, place.path)
  })
  await disk.syncDirectory(place.parent)
  return handle.stat({ bigint: true })
}

/** A file that is replaced keeps its permissions; a new one has those of any new file. */
function modeHere(place: Place, details: ErrorDetails): number {
  const stats = lookAt(place.path, details)
  return stats?.isFile() ? Number(stats.mode) : newFileMode
}

const newFileMode = 0o666 & ~process.umask()

/**
 * An early look, so that nothing is sent in vain; held again when the name is made.
 * @throws HawserError precondition-failed; conflict where a directory is at the name of a file, or the other way round
 */
export function checkTarget(
  place: Place,
  condition: Condition | undefined,
  details: ErrorDetails,
): void {
  const stats = lookAt(place.path, details)
  if (stats && stats.isDirectory() !== place.directory) {
    const [there, needed] = place.directory ? ['file', 'directory'] : ['directory', 'file']
    throw new HawserError('conflict', `a ${there} is where a ${needed} is needed`, details)
  }
  if (condition?.kind === 'if-absent' && stats) throw changed(details)
  if (condition?.kind === 'if-match' && (!stats || etagOf(stats) !== condition.etag))
    throw changed(details)
}

async function makeExclusively(make: () => Promise<void>, details: ErrorDetails): Promise<void> {
  try {
    await make()
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') throw changed(details)
    // FAT and some network file systems have no hard links, and say so in different words.
    if (errno !== undefined && ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno))
      throw new HawserError('unsupported', 'this file system cannot create a file only if absent', {
        ...details,
        cause: error,
      })
    throw error
  }
}

async function writeLink(
  disk: Disk,
  place: Place,
  key: Key,
  body: Body,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<ObjectInfo> {
  const target = await linkTarget(body, options, details)
  return createLink(disk, place, key, target, options, details)
}

/** Makes a symbolic link at the place, in one step. */
export async function createLink(
  disk: Disk,
  place: Place,
  key: Key,
  target: Buffer,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<ObjectInfo> {
  const temporary = join(place.parent, partName(newTemporaryId()))
  const { mtime } = options.attributes ?? {}
  await disk.alone(place.path, async () => {
    checkTarget(place, options.condition, details)
    if (options.condition?.kind === 'if-absent') {
      const make = async (): Promise<void> => symlink(target, place.path)
      await makeExclusively(async () => inDirectory(disk, place, make), details)
      await setLinkTime(place.path, mtime)
      return
    }
    await inDirectory(disk, place, async () => symlink(target, temporary))
    try {
      await setLinkTime(temporary, mtime)
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

async function linkTarget(
  body: Body,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<Buffer> {
  const size = bodySize(body)
  const invalid = (why: string): HawserError =>
    new HawserError('invalid-argument', `not the target of a link: ${why}`, details)
  if (size === 0 || size >= maxLink) throw invalid(`it has ${size} bytes`)
  const target = Buffer.concat(await Array.fromAsync(readBody(body)))
  checkSignal(options.signal, details)
  if (target.length !== size || target.includes(0)) throw invalid('it has a NUL or a wrong length')
  if (
    options.crc64nvme !== undefined &&
    new Crc64Nvme().update(target).digest() !== options.crc64nvme
  )
    throw new HawserError('integrity', 'the bytes do not have the expected CRC64NVME', details)
  return target
}

async function writeDirectory(
  disk: Disk,
  place: Place,
  key: Key,
  body: Body,
  options: WriteOptions,
  details: ErrorDetails,
): Promise<ObjectInfo> {
  if (bodySize(body) > 0)
    throw new HawserError('invalid-argument', 'a directory cannot hold bytes of its own', {
      ...details,
      hint: 'A key that ends in a slash is a directory on a file system.',
    })
  const make = async (): Promise<void> => makeOneDirectory(place.path, options.condition)
  await makeExclusively(async () => inDirectory(disk, place, make), details)
  await setDirectoryAttributes(place.path, options.attributes ?? {})
  await disk.syncDirectory(place.parent)
  const stats = lookAt(place.path, details)
  if (!stats) throw changed(details)
  return infoOf(key, stats)
}

async function makeOneDirectory(path: string, condition: Condition | undefined): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || condition?.kind === 'if-absent') throw error
  }
}

async function setDirectoryAttributes(path: string, attributes: Attributes): Promise<void> {
  if (attributes.mtime === undefined && attributes.mode === undefined) return
  await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | noFollow)
  await setFileAttributes(handle, attributes)
}
