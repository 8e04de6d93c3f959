// Standard output for data: with back-pressure, in few writes, and at peace with a reader that has had enough.
import type { Writable } from 'node:stream'
import { HawserError } from '../../core/errors.ts'

const flushAt = 16 * 1024

export class Output {
  readonly terminal: boolean
  readonly #stream: Writable
  #pending: string[] = []
  #length = 0
  #scheduled = false
  #closed = false
  #failure: HawserError | undefined

  constructor(stream: Writable & { readonly isTTY?: boolean }) {
    this.#stream = stream
    this.terminal = stream.isTTY === true
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true
      if (error.code !== 'EPIPE') this.#failure ??= outputFailure(error)
    })
  }

  /** The reader is gone: nothing more needs to be produced. */
  get closed(): boolean {
    return this.#closed
  }

  /** Takes text and writes it soon; resolves when there is room for more. @throws HawserError no-space or local-io */
  async text(text: string): Promise<void> {
    this.#pending.push(text)
    this.#length += text.length
    if (this.#length >= flushAt) return this.flush()
    this.#schedule()
  }

  /** The same for a caller that cannot wait. */
  post(text: string): void {
    if (text === '') return
    this.#pending.push(text)
    this.#length += text.length
    this.#schedule()
  }

  /** Resolves when the bytes are taken: their memory may be used again. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.flush()
    await this.#write(bytes)
  }

  async flush(): Promise<void> {
    const text = this.#pending.join('')
    this.#pending = []
    this.#length = 0
    if (text !== '') await this.#write(text)
    else if (this.#failure) throw this.#failure
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      // A failure is kept, and thrown by the next call.
      this.flush().catch(() => {})
    })
  }

  async #write(chunk: string | Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#closed) return
    await new Promise<void>((resolve) => {
      this.#stream.write(chunk, () => resolve())
    })
    if (this.#failure) throw this.#failure
  }
}

function outputFailure(cause: NodeJS.ErrnoException): HawserError {
  const code = cause.code === 'ENOSPC' || cause.code === 'EDQUOT' ? 'no-space' : 'local-io'
  const message = `standard output cannot be written: ${cause.message}`
  return new HawserError(code, message, { op: 'output', cause })
}
