// The main thread's side of a database's thread: started at the first call, never keeping an idle process alive.
import { Worker } from 'node:worker_threads'
import { HawserError } from '../core/errors.ts'
import { errorOf } from './fault.ts'
import { stateSchema } from './migrations.ts'
import { mainDatabase, type Call, type Reply, type Request, type Results } from './protocol.ts'
import type { Assignment, Row, SqlValue, Step } from './protocol.ts'
import type { Schema } from './schema.ts'

export interface ThreadOptions {
  readonly directory: string
  /** Which database; by default the state. */
  readonly schema?: Schema | undefined
  readonly onWarning?: ((message: string) => void) | undefined
  /** The worker's code; by default worker.ts. */
  readonly script?: URL | undefined
}

interface Waiting {
  readonly id: number
  resolve(value: Results[keyof Results]): void
  reject(error: HawserError): void
}

/** Its rows live for a moment: a small nursery is as quick, and holds less memory. */
const resourceLimits = { maxYoungGenerationSizeMb: 1 }

export class StateThread {
  readonly #options: ThreadOptions
  readonly #schema: Schema
  /** A few: in a map, through which all pass, the collector would keep answers that have been read. */
  #waiting: Waiting[] = []
  #worker: Worker | undefined
  #last = 0
  /** Why no call can succeed any more. */
  #over: HawserError | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
    this.#schema = options.schema ?? stateSchema
  }

  read(
    sql: string,
    values: readonly SqlValue[],
    database: number = mainDatabase,
  ): Promise<readonly Row[]> {
    return this.call({ do: 'read', database, sql, values })
  }

  write(steps: readonly Step[], database: number = mainDatabase): Promise<number> {
    return this.call({ do: 'write', database, steps })
  }

  /** @throws HawserError as the thread classified it; `internal` where the thread died or has ended */
  call<K extends Request['do']>(request: Extract<Request, { do: K }>): Promise<Results[K]> {
    if (this.#over !== undefined) return Promise.reject(this.#over)
    const worker = (this.#worker ??= this.#start())
    return new Promise((resolve, reject) => {
      const id = ++this.#last
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each kind of request is answered with its kind of result
      this.#waiting.push({ id, resolve: resolve as Waiting['resolve'], reject })
      worker.ref()
      const call: Call = { id, request }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      worker.postMessage(call)
    })
  }

  /** Drops a spool, frees a lock; the end of the thread has done so already. */
  async close(database: number): Promise<void> {
    if (this.#over === undefined) await this.call({ do: 'close', database })
  }

  /** Closes what is open; the thread is gone when it resolves. */
  async end(): Promise<void> {
    if (this.#over !== undefined) return
    const closed = this.#worker && this.call({ do: 'end' })
    this.#over = this.#failure('was used after its end')
    try {
      await closed
    } finally {
      await this.#worker?.terminate()
    }
  }

  #start(): Worker {
    // The bundler puts the worker beside every other file of the package.
    const own = import.meta.url.endsWith('.ts') ? './worker.ts' : './state-worker.mjs'
    const { directory, script = new URL(own, import.meta.url) } = this.#options
    const assignment: Assignment = { directory, schema: this.#schema }
    const worker = new Worker(script, {
      name: this.#schema.name,
      workerData: assignment,
      resourceLimits,
      execArgv: [], // the program's own may not fit a file: --input-type
    })
    worker.unref()
    worker.on('message', (reply: Reply) => this.#receive(reply))
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', () => this.#fail(undefined))
    return worker
  }

  #receive(reply: Reply): void {
    if ('warning' in reply) {
      this.#options.onWarning?.(reply.warning)
      return
    }
    const at = this.#waiting.findIndex(({ id }) => id === reply.id)
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1)
    if (this.#waiting.length === 0) this.#worker?.unref()
    if ('fault' in reply)
      waiting?.reject(errorOf(reply.fault, this.#schema, this.#options.directory))
    else waiting?.resolve(reply.value)
  }

  #fail(cause: unknown): void {
    this.#over ??= this.#failure('failed: its thread ended before its time', cause)
    for (const waiting of this.#waiting) waiting.reject(this.#over)
    this.#waiting = []
  }

  #failure(message: string, cause?: unknown): HawserError {
    const { name, what } = this.#schema
    return new HawserError('internal', `${what} ${message}`, { op: name, cause })
  }
}
