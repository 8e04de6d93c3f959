// The tree in the exact order of compareKeys, directory by directory: a directory sorts as `name/`.
// Holds the names of the directories on the way to the current one, and nothing else.
import { isUtf8 } from 'node:buffer'
import {
  lstatSync,
  readdirSync,
  realpathSync,
  statSync,
  type BigIntStats,
  type Dirent,
} from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import { compareKeys, emptyKey, joinKey, toKey, type Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Entry, ListOptions } from '../../core/store.ts'
import { errnoOf, localError } from './errors.ts'
import { lookAtParents, placeOf, segmentProblem } from './paths.ts'
import { entryOf } from './stats.ts'
import { isTemporaryName } from './temporary.ts'

/** How long the event loop may wait for this walk, in milliseconds; looked at every 32 files. */
const slice = 4
/** In bytes, as the file system counts them: about a thousand names. */
const smallDirectory = 32_768

interface Level {
  /** The key of the directory; ends in `/`, or is empty for the root. */
  readonly key: string
  /** Sorted, the last one first; those of directories end in `/`. */
  readonly names: string[]
}

export interface WalkOptions extends ListOptions {
  /** Which names are seen; without it all but those of unfinished files. */
  readonly wanted?: (name: string) => boolean
  /** Symbolic links are what they point to. One that leads round, or to nothing, is a problem. */
  readonly follow?: boolean | undefined
}

export async function* walk(
  root: string,
  prefix: Key,
  options: WalkOptions,
  details: ErrorDetails,
): AsyncGenerator<Entry> {
  const { after = '', shallow = false, directories = false, follow = false, signal } = options
  const wanted = options.wanted ?? ((name: string) => !isTemporaryName(name))
  const problem = (error: unknown): void => {
    if (!options.onProblem || !(error instanceof Error)) throw error
    options.onProblem(error)
  }
  checkSignal(signal, details)
  const base = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const begin = await enter(root, base, follow, details)
  if (!begin) return
  if (directories && base === prefix && base !== '' && compareKeys(base, after) > 0) {
    const stats = look(pathOf(root, base), follow, problem, { ...details, key: prefix })
    if (stats) yield entryOf(prefix, stats)
  }
  const levels = [
    await level(root, base, (name) => wanted(name) && (base + name).startsWith(prefix)),
  ]
  // Now, because the first look into a directory may be what mounts it.
  const device = deviceOf(root)
  let sliceEnd = performance.now() + slice
  let seen = 0
  for (;;) {
    const current = levels.at(-1)
    if (!current) break
    const name = current.names.pop()
    if (name === undefined) {
      levels.pop()
      continue
    }
    if ((++seen & 31) === 0 && performance.now() > sliceEnd) {
      await setImmediate()
      sliceEnd = performance.now() + slice
    }
    checkSignal(signal, details)
    const key = toKey(current.key + name)
    const isDirectory = name.endsWith('/')
    const later = compareKeys(key, after) > 0
    if (later && (!isDirectory || shallow || directories)) {
      const stats = look(pathOf(root, key), follow, problem, { ...details, key })
      if (stats && stats.isDirectory() === isDirectory) yield entryOf(key, stats)
    }
    if (!isDirectory || shallow || !(later || after.startsWith(key))) continue
    if (options.enter && !(await options.enter(key))) continue
    if (!follow || !leadsRound(levels, key)) levels.push(await level(root, key, wanted))
  }
  requireStill(root, device, details)

  function leadsRound(above: readonly Level[], key: Key): boolean {
    const real = realPath(pathOf(root, key))
    if (!above.some(({ key: other }) => realPath(pathOf(root, other)) === real)) return false
    problem(
      new HawserError('local-io', 'a symbolic link leads back to a directory that it is in', {
        ...details,
        key,
        hint: 'Leave it out with --exclude, or keep links with --links preserve.',
      }),
    )
    return true
  }

  async function level(top: string, key: string, take: (name: string) => boolean): Promise<Level> {
    const at = { ...details, key: toKey(key) }
    try {
      return { key, names: await sortedNames(pathOf(top, key), take, follow, problem, at) }
    } catch (error) {
      const errno = errnoOf(error)
      if (errno !== 'ENOENT' && errno !== 'ENOTDIR') problem(localError(error, at))
      return { key, names: [] }
    }
  }
}

/**
 * Whether the directory that the listing begins in can be there.
 * @throws HawserError not-found where the root is missing
 */
async function enter(
  root: string,
  base: string,
  follow: boolean,
  details: ErrorDetails,
): Promise<boolean> {
  let stats
  try {
    stats = statSync(root, { throwIfNoEntry: false })
  } catch (error) {
    if (errnoOf(error) !== 'ENOTDIR') throw localError(error, details)
  }
  if (!stats) throw new HawserError('not-found', 'no such directory', details)
  if (!stats.isDirectory())
    throw new HawserError('not-found', 'this is a file, not a directory', details)
  if (base === '') return true
  if (base.slice(0, -1).split('/').some(segmentProblem)) return false
  if (follow) return statSync(pathOf(root, base), { throwIfNoEntry: false })?.isDirectory() ?? false
  // The directory itself must not be a link either: it counts as a parent of what is listed.
  return lookAtParents(placeOf(root, toKey(`${base}x`), details), details) === 'directories'
}

function deviceOf(root: string): number | undefined {
  return statSync(root, { throwIfNoEntry: false })?.dev
}

/**
 * A tree that was unmounted or moved away under the listing looks like one whose rest was removed.
 * @throws HawserError conflict
 */
function requireStill(root: string, device: number | undefined, details: ErrorDetails): void {
  if (device !== undefined && deviceOf(root) === device) return
  throw new HawserError('conflict', 'the directory went away while it was listed', {
    ...details,
    hint: 'Was it moved, removed or unmounted?',
  })
}

/** The file's facts; undefined where it is gone since its directory was read. */
function look(
  path: string,
  follow: boolean,
  problem: (error: unknown) => void,
  details: ErrorDetails,
): BigIntStats | undefined {
  try {
    return follow
      ? statSync(path, { bigint: true, throwIfNoEntry: false })
      : lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    const errno = errnoOf(error)
    // A link that goes round was told of when its directory was read.
    if (errno !== 'ENOTDIR' && !(follow && errno === 'ELOOP')) problem(localError(error, details))
    return undefined
  }
}

/** A small directory is read at once: ten times as fast as by a thread, and no longer than a file's facts take. */
async function readDirectory(path: string, follow: boolean): Promise<Dirent[]> {
  const stats = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  // It may have become a link since its parent was read.
  if (!stats?.isDirectory() && !path.endsWith(sep)) return []
  const small = stats !== undefined && stats.size <= smallDirectory
  return small ? readdirSync(path, { withFileTypes: true }) : readdir(path, { withFileTypes: true })
}

type IsDirectory = (above: string, dirent: Dirent<string | Buffer>) => boolean

/** Of a link, what it points to. One that points to nothing is a problem. */
function leadsToDirectory(
  path: string,
  dirent: Dirent<string | Buffer>,
  problem: (error: unknown) => void,
  details: ErrorDetails,
): boolean {
  if (!dirent.isSymbolicLink()) return dirent.isDirectory()
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    const key = joinKey(details.key ?? emptyKey, dirent.name.toString())
    problem(localError(error, { ...details, key }))
    return false
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

async function sortedNames(
  path: string,
  take: (name: string) => boolean,
  follow: boolean,
  problem: (error: unknown) => void,
  details: ErrorDetails,
): Promise<string[]> {
  const found = await readDirectory(path, follow)
  const isDirectoryAt: IsDirectory = follow
    ? (above, dirent) =>
        leadsToDirectory(join(above, dirent.name.toString()), dirent, problem, details)
    : (_, dirent) => dirent.isDirectory()
  const names: string[] = []
  let suspicious = false
  for (const dirent of found) {
    if (dirent.name.includes('\ufffd')) suspicious = true
    add(names, dirent.name, isDirectoryAt(path, dirent), take)
  }
  const taken = suspicious ? await exactNames(path, take, isDirectoryAt, problem, details) : names
  return taken.toSorted((a, b) => compareKeys(b, a))
}

/** The names as bytes: what is not UTF-8 reads as U+FFFD, which may also be a character of a name. */
async function exactNames(
  path: string,
  take: (name: string) => boolean,
  isDirectoryAt: IsDirectory,
  problem: (error: unknown) => void,
  details: ErrorDetails,
): Promise<string[]> {
  const names: string[] = []
  for (const dirent of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
    if (isUtf8(dirent.name)) add(names, dirent.name.toString(), isDirectoryAt(path, dirent), take)
    else
      problem(
        new HawserError('invalid-argument', `a name is not UTF-8: ${escapeBytes(dirent.name)}`, {
          ...details,
          hint: 'Rename it; until then it is neither copied nor removed.',
        }),
      )
  }
  return names
}

function add(
  names: string[],
  name: string,
  isDirectory: boolean,
  take: (name: string) => boolean,
): void {
  const full = isDirectory ? `${name}/` : name
  if (take(full)) names.push(full)
}

/** The path without a slash at its end, which would follow a link; only the root has one, and may be a link. */
function pathOf(root: string, key: string): string {
  const top = root.endsWith(sep) ? root : root + sep
  const name = key.endsWith('/') ? key.slice(0, -1) : key
  return top + (sep === '/' ? name : name.replaceAll('/', sep))
}

/** Bytes as a shell would take them: `$'caf\xe9'`. */
function escapeBytes(bytes: Buffer): string {
  const text = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  return `$'${text.join('')}'`
}
