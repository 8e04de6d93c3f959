// A source of bytes read by lines and by counts, without copying more than a line that lies in two pieces.
import { S3Error } from '../errors.ts'

const CR = 0x0d
const LF = 0x0a

export class Input {
  readonly #source: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array()
  #at = 0
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** At most so many of the bytes that are here; undefined where there are none: see next. */
  take(count: number): Uint8Array | undefined {
    const start = this.#at
    const end = Math.min(start + count, this.#piece.length)
    if (end === start) return undefined
    this.#at = end
    return this.#piece.subarray(start, end)
  }

  /** At most so many of the bytes that come next. @throws S3Error IncompleteBody */
  async next(count: number): Promise<Uint8Array> {
    for (;;) {
      if (!(await this.#pull())) throw new S3Error('IncompleteBody')
      const bytes = this.take(count)
      if (bytes) return bytes
    }
  }

  /** Up to the next `\r\n`, without it. @throws S3Error IncompleteBody, InvalidRequest where it is longer than the limit, with its end */
  async line(limit: number): Promise<string> {
    let text = ''
    for (;;) {
      const end = this.#piece.indexOf(LF, this.#at)
      const bytes = this.take(Math.min(end === -1 ? Infinity : end + 1 - this.#at, limit + 1))
      if (bytes) text += latin1(bytes)
      if (text.length > limit) throw tooLong()
      if (text.endsWith('\n')) {
        if (text.charCodeAt(text.length - 2) !== CR) throw tooLong()
        return text.slice(0, -2)
      }
      if (!(await this.#pull())) throw new S3Error('IncompleteBody')
    }
  }

  /** All that is left. @throws S3Error InvalidRequest where it is longer than the limit */
  async rest(limit: number): Promise<string> {
    let text = ''
    do {
      const bytes = this.take(limit + 1)
      if (bytes) text += latin1(bytes)
      if (text.length > limit) throw tooLong()
    } while (await this.#pull())
    return text
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.()
  }

  /** The next piece in place of the present one, which has been taken whole; false at the end. */
  async #pull(): Promise<boolean> {
    if (this.#ended) return false
    const result = await this.#source.next().catch((error: unknown) => {
      this.#ended = true
      throw error
    })
    this.#ended = result.done === true
    this.#piece = result.done === true ? new Uint8Array() : result.value
    this.#at = 0
    return result.done !== true
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function tooLong(): S3Error {
  return new S3Error('InvalidRequest', { message: 'The framing of the chunks is not a valid one.' })
}
