// The main thread's side of a thread that scans.
import { Worker } from 'node:worker_threads'
import { HawserError } from '../../core/errors.ts'
import { abortError, checkSignal } from '../../core/signal.ts'
import type { Ready, ScanReply, ScanTask } from './scan-worker.ts'

const details = { op: 'scan' }

export class ScanThread {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** @throws HawserError unsupported where there is no starting threads: bundled without its code, or too many */
  static async start(code: URL): Promise<ScanThread> {
    try {
      const worker = new Worker(code, {
        name: 'scan',
        resourceLimits: { maxYoungGenerationSizeMb: 1 },
        execArgv: [], // the program's own may not fit a file: --input-type
      })
      await answer<Ready>(worker)
      worker.unref()
      return new ScanThread(worker)
    } catch (cause) {
      throw new HawserError('unsupported', 'no thread can be started', { ...details, cause })
    }
  }

  /** One at a time. Where it throws, the thread has ended, and reads no more. */
  async scan(task: ScanTask, signal: AbortSignal | undefined): Promise<ScanReply> {
    checkSignal(signal, details)
    try {
      this.#worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      this.#worker.postMessage(task)
      const reply = await answer<ScanReply>(this.#worker, signal)
      this.#worker.unref()
      return reply
    } catch (error) {
      await this.end()
      throw error
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** The next message of the thread. @throws what ended it; interrupted once the signal has aborted */
async function answer<T>(worker: Worker, signal?: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = (): void => {
    if (signal) reject(abortError(signal, details))
  }
  const exit = (): void => reject(new Error('a thread that scans ended before its time'))
  signal?.addEventListener('abort', abort)
  worker.on('message', resolve).on('error', reject).on('exit', exit)
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', abort)
    worker.off('message', resolve).off('error', reject).off('exit', exit)
  }
}
