// What the parts of the local store share: its root, its errors, its locks, and how a change becomes durable.
import {
  closeSync,
  constants,
  fsync as fsyncCallback,
  lstatSync,
  openSync,
  type BigIntStats,
} from 'node:fs'
import { promisify } from 'node:util'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Location } from '../../core/location.ts'
import { checkSignal } from '../../core/signal.ts'
import { errnoOf, localError } from './errors.ts'
import { notFound, placeOf, requireParents, type Place } from './paths.ts'

const fsync = promisify(fsyncCallback)

/** Windows has no such flags, and no such links by default. */
export const noFollow: number = constants.O_NOFOLLOW ?? 0
/** Opening a pipe must not wait for its other end. */
export const noWait: number = constants.O_NONBLOCK ?? 0

/** Files that are remembered to have got or lost a name; what is not is looked at anew by the next run. */
const mostNoted = 10_000

function fileId({ dev, ino }: BigIntStats): string {
  return `${dev}-${ino}`
}

/** What one call works on. */
export interface Target {
  readonly disk: Disk
  readonly key: Key
  readonly place: Place
  /** For the errors of the call. */
  readonly details: ErrorDetails
}

export class Disk {
  readonly root: string
  readonly location: Location
  readonly durable: boolean
  readonly #locks = new Map<string, Promise<unknown>>()
  readonly #syncing = new Map<string, Promise<void>>()
  readonly #syncNext = new Map<string, Promise<void>>()
  /** Files of which a name was made or removed here: the latest ones. */
  readonly #noted = new Set<string>()

  constructor(root: string, durable: boolean) {
    this.root = root
    this.location = { scheme: 'file', endpoint: undefined, root }
    this.durable = durable
  }

  /** That a name of the file is made or removed here, which changes the ctime that all of its names have. */
  noteNames(file: BigIntStats): void {
    for (const oldest of this.#noted) {
      if (this.#noted.size < mostNoted) break
      this.#noted.delete(oldest)
    }
    this.#noted.add(fileId(file))
  }

  hasNoted(file: BigIntStats): boolean {
    return this.#noted.has(fileId(file))
  }

  details(op: string, key: Key | undefined): ErrorDetails {
    return { op, location: this.location, key }
  }

  /**
   * Checks what every call checks, and says where the key is.
   * @throws HawserError interrupted, invalid-argument
   */
  target(op: string, key: Key, signal: AbortSignal | undefined): Target {
    const details = this.details(op, key)
    checkSignal(signal, details)
    return { disk: this, key, place: placeOf(this.root, key, details), details }
  }

  /** Runs tasks of one path one after the other, in this process. */
  async alone<T>(path: string, task: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(path)
    const run = before ? before.then(task, task) : task()
    this.#locks.set(path, run)
    try {
      return await run
    } finally {
      if (this.#locks.get(path) === run) this.#locks.delete(path)
    }
  }

  /**
   * Resolves when the names in the directory, as they are at the call, survive a loss of power. Calls that come while
   * one runs share the next one, so many writers to one directory pay for few.
   */
  async syncDirectory(path: string): Promise<void> {
    if (!this.durable) return
    const running = this.#syncing.get(path)
    if (!running) return this.#startSync(path)
    let next = this.#syncNext.get(path)
    if (!next) {
      const start = async (): Promise<void> => {
        this.#syncNext.delete(path)
        return this.#startSync(path)
      }
      next = running.then(start, start)
      this.#syncNext.set(path, next)
    }
    return next
  }

  async #startSync(path: string): Promise<void> {
    const run = syncPath(path).finally(() => this.#syncing.delete(path))
    this.#syncing.set(path, run)
    return run
  }
}

async function syncPath(path: string): Promise<void> {
  if (process.platform === 'win32') return // a directory cannot be opened there
  try {
    const directory = openSync(path, constants.O_RDONLY)
    try {
      await fsync(directory)
    } finally {
      closeSync(directory)
    }
  } catch (error) {
    // The directory may be gone again, or be on a file system that cannot.
    if (!['ENOENT', 'ENOTDIR', 'EINVAL', 'ENOTSUP', 'EACCES'].includes(errnoOf(error) ?? ''))
      throw error
  }
}

/** The facts of what has the name, of the kind that the name says. @throws not-found */
export function requirePresent(target: Target): BigIntStats {
  const { place, details } = target
  requireParents(target)
  const stats = lookAt(place.path, details)
  if (!stats || stats.isDirectory() !== place.directory) throw notFound(details)
  return stats
}

/** The facts of what is at the path itself; undefined where there is nothing. */
export function lookAt(path: string, details: ErrorDetails): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined
    throw localError(error, details)
  }
}

export function changed(details: ErrorDetails): HawserError {
  return new HawserError('precondition-failed', 'the file is not in the expected state', details)
}
