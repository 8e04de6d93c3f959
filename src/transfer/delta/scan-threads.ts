// The threads that scan files: a few for all scans of the process, there while one goes on.
import { availableParallelism } from 'node:os'
import { Semaphore } from '../semaphore.ts'
import { ScanThread } from './scan-thread.ts'
import type { ScanReply, ScanTask } from './scan-worker.ts'

/** Two scan 2 GB/s and more, as fast as most disks, in less than 100 MB; each one more takes 16 MB. */
const mostThreads = 2

/** The bundler puts the worker beside every other file of the package. */
const ownCode = new URL(
  import.meta.url.endsWith('.ts') ? './scan-worker.ts' : './scan-worker.mjs',
  import.meta.url,
)

export class ScanThreads {
  /** How many there are at most. */
  readonly count: number
  readonly #code: URL
  readonly #turns: Semaphore
  #idle: ScanThread[] = []
  #scans = 0

  constructor(count: number = Math.min(mostThreads, availableParallelism()), code: URL = ownCode) {
    this.count = count
    this.#code = code
    this.#turns = new Semaphore(count)
  }

  /** Runs a scan, for which threads stay from one task to the next. */
  async during<T>(scan: () => Promise<T>): Promise<T> {
    this.#scans++
    try {
      return await scan()
    } finally {
      if (--this.#scans === 0) await this.#endIdle()
    }
  }

  /**
   * Scans a segment once a thread is free; who asks first comes first. When it has settled, nothing is read any more.
   * @throws HawserError unsupported where no thread can be started; interrupted; the system's own errors
   */
  async scan(task: ScanTask, signal: AbortSignal | undefined): Promise<ScanReply> {
    await this.#turns.acquire(1, signal)
    try {
      const thread = this.#idle.pop() ?? (await ScanThread.start(this.#code))
      const reply = await thread.scan(task, signal)
      this.#idle.push(thread)
      return reply
    } finally {
      this.#turns.release()
    }
  }

  async #endIdle(): Promise<void> {
    const ended = this.#idle.splice(0)
    await Promise.all(ended.map((thread) => thread.end()))
  }
}

/** Those of this process. */
export const scanThreads: ScanThreads = new ScanThreads()
