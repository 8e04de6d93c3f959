// Where the bytes of a body come from: filled into memory of the reader's own.
import { S3Error } from '../errors.ts'

export interface Source {
  /** All bytes, where they are here already and none was taken: they are the caller's then. */
  whole(): Uint8Array | undefined
  /**
   * Fills the buffer with what comes next. Until it has settled, the buffer is the source's.
   * @throws S3Error IncompleteBody where there is less
   */
  fill(buffer: Uint8Array): Promise<void>
  /** Resolves when there is no more. @throws S3Error IncompleteBody where there is */
  end(): Promise<void>
  /** The bytes as they come, each piece only until the next one is asked for. Leaving them leaves the source as it is. */
  pieces(): AsyncIterable<Uint8Array>
  /** Nothing more is wanted: what is being filled fails, as soon as it can. */
  leave(): void
  /** Whoever reads, now or later, is told the reason at once; a connection that is waited for is closed. */
  stop(reason: Error): void
}

/** Of pieces, none of which is touched after the next one was asked for. They are left without waiting for any. */
export class PieceSource implements Source {
  readonly #pieces: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()
  /** Ends the wait for a piece. */
  #stop: ((reason: Error) => void) | undefined

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  whole(): undefined {
    return undefined
  }

  async fill(buffer: Uint8Array): Promise<void> {
    for (let filled = 0; filled < buffer.length;) {
      if (this.#rest.length === 0 && !(await this.#pull())) throw incomplete()
      const taken = this.#rest.subarray(0, buffer.length - filled)
      buffer.set(taken, filled)
      filled += taken.length
      this.#rest = this.#rest.subarray(taken.length)
    }
  }

  async end(): Promise<void> {
    while (this.#rest.length === 0) if (!(await this.#pull())) return
    throw incomplete()
  }

  pieces(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#pieces }
  }

  leave(): void {
    this.stop(incomplete())
  }

  stop(reason: Error): void {
    this.#stop?.(reason)
    void Promise.resolve(this.#pieces.return?.()).catch(() => {})
  }

  /** False: there is no more. */
  async #pull(): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array>>()
    this.#stop = reject
    this.#pieces.next().then(resolve, reject)
    const { done, value } = await promise
    if (done === true) return false
    this.#rest = value
    return true
  }
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody')
}
