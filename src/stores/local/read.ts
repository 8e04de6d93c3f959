// Reading files, and links as their targets. The file that is read is the one that was looked at: one descriptor.
//
// Only the bytes are waited for: the name was looked at before, so that opening and closing touch memory, and asking a
// thread for that costs ten times as much.
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  read as readCallback,
  readlinkSync,
  type BigIntStats,
} from 'node:fs'
import { promisify } from 'node:util'
import { objectBody } from '../../core/body.ts'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type {
  ObjectBody,
  ObjectInfo,
  Range,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
  StatOptions,
} from '../../core/store.ts'
import {
  changed,
  lookAt,
  noFollow,
  noWait,
  requirePresent,
  type Disk,
  type Target,
} from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { ownerNames } from './owners.ts'
import { notFound, requireParents } from './paths.ts'
import { etagOf, infoOf, kindOf } from './stats.ts'
import { readXattrs } from './xattrs.ts'

const read = promisify(readCallback)

const chunkSize = 512 * 1024
const newBuffer = (size: number): Uint8Array => Buffer.allocUnsafeSlow(size)

export async function statFile(
  disk: Disk,
  key: Key,
  options: StatOptions = {},
): Promise<ObjectInfo> {
  const target = disk.target('stat', key, options.signal)
  const { place, details } = target
  const info = infoOf(key, requirePresent(target))
  if (!options.owners && !options.xattrs) return info
  const names = options.owners && ownerNames(info.attributes)
  const xattrs = options.xattrs ? await readXattrs(place.path, details) : undefined
  return { ...info, attributes: { ...info.attributes, ...names, xattrs } }
}

export async function readFile(
  disk: Disk,
  key: Key,
  options: ReadOptions = {},
): Promise<ObjectBody> {
  const target = disk.target('read', key, options.signal)
  const { details } = target
  const content = openContent(target)
  try {
    checkMatch(content.stats, options.ifMatch, details)
    const size = Number(content.stats.size)
    if (options.range && options.range.start >= size)
      throw new HawserError('range', `the file ends before byte ${options.range.start}`, details)
    const range = options.range ?? { start: 0, end: size }
    return fileBody(infoOf(key, content.stats), content, range, options, details)
  } catch (error) {
    content.close()
    throw error
  }
}

export async function readFileInto(
  disk: Disk,
  key: Key,
  target: Uint8Array,
  position: number,
  options: ReadIntoOptions = {},
): Promise<ReadResult> {
  const { signal, ifMatch } = options
  const source = disk.target('readInto', key, signal)
  const { details } = source
  const content = openContent(source)
  try {
    checkMatch(content.stats, ifMatch, details)
    let length = 0
    while (length < target.length) {
      const got = await content.read(target.subarray(length), position + length)
      checkSignal(signal, details)
      if (got === 0) break
      length += got
    }
    if (ifMatch !== undefined) checkMatch(content.look(), ifMatch, details)
    return { info: infoOf(key, content.stats), length }
  } finally {
    content.close()
  }
}

/** What can be read: a file, or a link's target. */
export interface Content {
  readonly stats: BigIntStats
  /** The file's number, until it is closed; undefined for what is no file. */
  readonly fd: number | undefined
  read(target: Uint8Array, position: number): Promise<number>
  /** The facts of it now. */
  look(): BigIntStats
  close(): void
}

/** @throws HawserError not-found; unsupported for pipes, sockets and devices */
export function openContent(target: Target): Content {
  const { place, details } = target
  requireParents(target)
  if (place.directory) return emptyContent(lookAt(place.path, details), details)
  let file: number
  try {
    file = openSync(place.path, constants.O_RDONLY | noFollow | noWait)
  } catch (error) {
    // ENXIO: a socket. EMLINK and ELOOP: a link, as the systems call it.
    const errno = errnoOf(error)
    if (errno === 'ENXIO') throw neverRead(details)
    if (errno === 'ELOOP' || errno === 'EMLINK') return linkContent(place.path, details)
    throw localError(error, details)
  }
  try {
    const stats = fstatSync(file, { bigint: true })
    const kind = kindOf(stats)
    if (kind === 'directory') throw notFound(details)
    if (kind === 'special') throw neverRead(details)
    return fileContent(file, stats, details)
  } catch (error) {
    closeSync(file)
    throw localError(error, details)
  }
}

function neverRead(details: ErrorDetails): HawserError {
  return new HawserError('unsupported', 'a pipe, a socket or a device is not read', details)
}

/** Closed once and read no more after that: the number may be another file's by then. */
function fileContent(file: number, stats: BigIntStats, details: ErrorDetails): Content {
  let isOpen = true
  const requireOpen = (): void => {
    if (!isOpen) throw new HawserError('internal', 'the file is closed already', details)
  }
  return {
    stats,
    fd: file,
    async read(target, position) {
      requireOpen()
      try {
        return (await read(file, target, 0, target.length, position)).bytesRead
      } catch (error) {
        throw localError(error, details)
      }
    },
    look() {
      requireOpen()
      return fstatSync(file, { bigint: true })
    },
    close() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}

function linkContent(path: string, details: ErrorDetails): Content {
  const stats = lookAt(path, details)
  if (!stats?.isSymbolicLink()) throw changed(details)
  let target: Buffer
  try {
    target = readlinkSync(path, { encoding: 'buffer' })
  } catch (error) {
    throw localError(error, details)
  }
  return bytesContent(stats, target, () => {
    const now = lookAt(path, details)
    if (!now) throw changed(details)
    return now
  })
}

function emptyContent(stats: BigIntStats | undefined, details: ErrorDetails): Content {
  if (!stats?.isDirectory()) throw notFound(details)
  return bytesContent(stats, new Uint8Array(0), () => stats)
}

function bytesContent(stats: BigIntStats, bytes: Uint8Array, look: () => BigIntStats): Content {
  return {
    stats,
    fd: undefined,
    async read(target, position) {
      const part = bytes.subarray(position, position + target.length)
      target.set(part)
      return part.length
    },
    look,
    close() {},
  }
}

export function checkMatch(
  stats: BigIntStats,
  ifMatch: string | undefined,
  details: ErrorDetails,
): void {
  if (ifMatch !== undefined && etagOf(stats) !== ifMatch) throw changed(details)
}

/** Closes what nobody read to the end: a body that was dropped. */
const dropped = new FinalizationRegistry<Content>((content) => {
  content.close()
})

function free(content: Content): void {
  dropped.unregister(content)
  content.close()
}

function fileBody(
  info: ObjectInfo,
  content: Content,
  range: Range,
  options: ReadOptions,
  details: ErrorDetails,
): ObjectBody {
  // From its first byte on the content is the stream's: the body may be gone while that is still read.
  const stream = () => {
    dropped.unregister(content)
    const chunks = chunksOf(content, range, options, details)
    dropped.register(chunks, content, content)
    return chunks
  }
  const body = objectBody(info, stream, () => free(content))
  dropped.register(body, content, content)
  return body
}

async function* chunksOf(
  content: Content,
  { start, end }: Range,
  { signal, ifMatch, buffer = newBuffer }: ReadOptions,
  details: ErrorDetails,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stop = Math.min(end, Number(content.stats.size))
  try {
    for (let at = start; at < stop;) {
      checkSignal(signal, details)
      const chunk = buffer(Math.min(chunkSize, stop - at))
      const got = await content.read(chunk, at)
      if (got === 0) throw changed(details)
      at += got
      yield chunk.subarray(0, got)
    }
    checkSignal(signal, details)
    if (ifMatch !== undefined) checkMatch(content.look(), ifMatch, details)
  } finally {
    free(content)
  }
}
