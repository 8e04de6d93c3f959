// The main thread's side of the threads that compute digests: MD5 alone keeps a core busy at less than 1 GB/s, and
// the thread that serves requests has better to do. They start with the first large body, and keep no process alive.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Computed } from './digests.ts'
import type { ChecksumAlgorithm } from './types.ts'

export type Request =
  | {
      readonly do: 'begin'
      readonly body: number
      readonly algorithms: readonly ChecksumAlgorithm[]
    }
  | { readonly do: 'update'; readonly body: number; readonly bytes: Uint8Array<SharedArrayBuffer> }
  | { readonly do: 'digest' | 'forget'; readonly body: number }

/** To every `update` and `digest`, in their order. */
export interface Reply {
  readonly body: number
  readonly computed: Computed | undefined
}

/** The digests of one body, computed elsewhere. */
export interface RemoteHasher {
  /**
   * Appends the bytes, which stay as they are until it resolves: while this is all that the body has asked, it may take
   * some milliseconds until other bodies have bytes too.
   */
  update(bytes: Uint8Array<SharedArrayBuffer>): Promise<unknown>
  digest(): Promise<Computed>
  /** Of a body that did not come to its end. */
  forget(): void
}

interface Waiting {
  readonly resolve: (computed: Computed | undefined) => void
  readonly reject: (error: Error) => void
}

class DigestThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting[]>()
  #failed: Error | undefined
  #last = 0

  constructor() {
    // The bundler puts the worker beside every other file of the package.
    const own = import.meta.url.endsWith('.ts') ? './digest-worker.ts' : './digest-worker.mjs'
    this.#worker = new Worker(new URL(own, import.meta.url), {
      name: 'digests',
      execArgv: [], // the program's own may not fit a file: --input-type
    })
    this.#worker.unref()
    this.#worker.on('message', (reply: Reply) => {
      this.#waiting.get(reply.body)?.shift()?.resolve(reply.computed)
    })
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(undefined))
  }

  /** Bodies in work. */
  get load(): number {
    return this.#waiting.size
  }

  get failed(): boolean {
    return this.#failed !== undefined
  }

  begin(algorithms: readonly ChecksumAlgorithm[]): RemoteHasher {
    const body = ++this.#last
    this.#waiting.set(body, [])
    if (this.load === 1) this.#worker.ref()
    this.#post({ do: 'begin', body, algorithms })
    const end = (): void => {
      this.#waiting.delete(body)
      if (this.load === 0) this.#worker.unref()
    }
    return {
      update: (bytes) => this.#ask({ do: 'update', body, bytes }),
      digest: async () => {
        try {
          const computed = await this.#ask({ do: 'digest', body })
          if (computed === undefined) throw new Error('the digests of a body were lost')
          return computed
        } finally {
          end()
        }
      },
      forget: () => {
        if (!this.#waiting.has(body)) return
        this.#post({ do: 'forget', body })
        end()
      },
    }
  }

  #ask(request: Request): Promise<Computed | undefined> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      this.#waiting.get(request.body)?.push({ resolve, reject })
      this.#post(request)
    })
  }

  #post(request: Request): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker.postMessage(request)
  }

  #fail(cause: unknown): void {
    this.#failed ??= new Error('the thread that computes digests has ended', { cause })
    for (const waiting of this.#waiting.values()) {
      for (const { reject } of waiting.splice(0)) reject(this.#failed)
    }
  }
}

/** Half of the cores: the other half receives and writes. */
const most = Math.max(1, Math.min(4, availableParallelism() >> 1))
let threads: DigestThread[] = []

/** Bodies that a thread digests at hardly more cost than one. */
const together = 4

/** Digests of a body. A thread is given several, for together they cost least, and only then is there another one. */
export function beginDigests(algorithms: readonly ChecksumAlgorithm[]): RemoteHasher {
  threads = threads.filter((thread) => !thread.failed)
  const byLoad = threads.toSorted((one, other) => one.load - other.load)
  const chosen = byLoad.findLast(({ load }) => load < together)
  if (chosen) return chosen.begin(algorithms)
  const [idlest] = byLoad
  if (idlest && threads.length >= most) return idlest.begin(algorithms)
  const thread = new DigestThread()
  threads.push(thread)
  return thread.begin(algorithms)
}
