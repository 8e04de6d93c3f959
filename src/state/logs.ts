// The logs of runs: a file of lines for each run, named by the run's id, below one directory. Old ones go.
import {
  closeSync,
  createReadStream,
  futimesSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeDirectories } from './directory.ts'

export function defaultLogDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'logs')
}

export function logOf(directory: string, run: string): string {
  return join(directory, `${run}.jsonl`)
}

/** What is kept: not older than so many milliseconds, and the newest of all that number and that size. */
export interface Kept {
  readonly age: number
  readonly runs: number
  readonly bytes: number
}
const kept: Kept = { age: 30 * 24 * 3_600_000, runs: 1000, bytes: 256 * 1024 * 1024 }

/** Milliseconds: a log that is being written is touched more often. */
const touched = 300_000
const touchEvery = 60_000
const flushEvery = 1_000
/** Characters. */
const flushAt = 65_536

/** The log of one run that goes on. Lines reach the disk within a second, in few writes. */
export class LogFile {
  readonly #file: number
  readonly #timer: NodeJS.Timeout
  #lines: string[] = []
  #length = 0
  #size = 0
  #written = Date.now()
  #failed: ((error: unknown) => void) | undefined

  /**
   * Makes it, and the directory, for this user alone, and removes logs that are too many.
   * @param failed told once, when a line cannot be written; none is from then on
   * @throws what the file system says
   */
  constructor(directory: string, run: string, failed: (error: unknown) => void) {
    makeDirectories(directory, 0o700)
    removeOld(directory)
    this.#file = openSync(logOf(directory, run), 'wx', 0o600)
    this.#failed = failed
    this.#timer = setInterval(() => this.#flush(), flushEvery).unref()
  }

  /** Bytes on the disk, and characters on their way. */
  get size(): number {
    return this.#size + this.#length
  }

  write(line: string): void {
    if (!this.#failed) return
    this.#lines.push(line)
    this.#length += line.length
    if (this.#length >= flushAt) this.#flush()
  }

  end(): void {
    this.#flush()
    clearInterval(this.#timer)
    this.#attempt(() => closeSync(this.#file))
  }

  #flush(): void {
    const text = this.#lines.join('')
    this.#lines = []
    this.#length = 0
    const now = Date.now()
    if (!this.#failed || (text === '' && now - this.#written < touchEvery)) return
    this.#written = now
    this.#attempt(() => {
      if (text === '') futimesSync(this.#file, now / 1000, now / 1000)
      else this.#size += writeWhole(this.#file, Buffer.from(text))
    })
  }

  #attempt(task: () => void): void {
    try {
      task()
    } catch (error) {
      const failed = this.#failed
      this.#failed = undefined
      failed?.(error)
    }
  }
}

/** A full disk may take a part of it. @returns how many bytes that are */
function writeWhole(file: number, bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
  return bytes.length
}

/** Lines as they are on the disk; the last may be cut off. @throws what the file system says */
export async function* linesOfLog(path: string): AsyncGenerator<string> {
  const input = createReadStream(path)
  try {
    // A failure to open it is thrown here, and not where nobody listens.
    await new Promise((resolve, reject) => input.once('open', resolve).once('error', reject))
    for await (const line of createInterface({ input, crlfDelay: Infinity })) yield line
  } finally {
    input.destroy()
  }
}

/**
 * Removes the logs of runs that are beyond what is kept, the oldest first; never one that is being written. What another
 * process removes meanwhile is gone, and what cannot be removed stays.
 */
export function removeOld(directory: string, { age, runs, bytes }: Kept = kept): void {
  const now = Date.now()
  let [files, size] = [0, 0]
  const names = readdirSync(directory).filter((name) => logName.test(name))
  for (const name of names.toSorted().toReversed()) {
    const path = join(directory, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats) continue
    files++
    const old = now - stats.mtimeMs
    // The newest one stays, however long it is.
    const isBeyond = old > age || files > runs || (files > 1 && size + stats.size > bytes)
    if (isBeyond && old > touched) removeIfPossible(path)
    else if (files > 1) size += stats.size
  }
}

/** As ids are: see runs.ts. */
const logName = /^\d{8}T\d{9}-[0-9a-f]{6}\.jsonl$/

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Another run may have better luck.
  }
}
