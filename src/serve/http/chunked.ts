// Takes the chunked transfer coding off a body (RFC 9112 §7.1). Strict as the parser of heads is; extensions of chunks
// and trailers are read over.
import { S3Error } from '../errors.ts'

/** Of a chunk's size with its extensions, and of all trailers together, in bytes. */
const maxLine = 256
const maxTrailers = 8 * 1024

const CR = 0x0d
const LF = 0x0a
const sizeLine = /^([0-9a-fA-F]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/
const trailerLine = /^[\w!#$%&'*+\-.^`|~]+:[\t\x20-\x7e\x80-\xff]*$/

/** What is expected next. */
type State = 'size' | 'bytes' | 'end of bytes' | 'trailers' | 'done'

export class ChunkedDecoder {
  #state: State = 'size'
  /** Of the chunk, while its bytes come. */
  #left = 0
  /** Of a line that has not ended. */
  #line = ''
  #trailers = 0

  /** Whether the whole body has come. */
  get done(): boolean {
    return this.#state === 'done'
  }

  /**
   * Takes what belongs to the body, and tells how much that was.
   * @param give called with views of the input
   * @throws S3Error BadRequest
   */
  decode(input: Uint8Array, give: (bytes: Uint8Array) => void): number {
    let at = 0
    while (at < input.length && this.#state !== 'done') {
      if (this.#state === 'bytes') {
        const bytes = input.subarray(at, at + this.#left)
        at += bytes.length
        this.#left -= bytes.length
        if (this.#left === 0) this.#state = 'end of bytes'
        give(bytes)
      } else at = this.#readLine(input, at)
    }
    return at
  }

  #readLine(input: Uint8Array, from: number): number {
    const limit = this.#state === 'trailers' ? maxTrailers - this.#trailers : maxLine
    let at = from
    while (at < input.length) {
      const byte = input[at++] ?? 0
      if (byte === LF) {
        const line = this.#line
        if (line.charCodeAt(line.length - 1) !== CR) throw malformed()
        this.#line = ''
        this.#trailers += this.#state === 'trailers' ? line.length + 1 : 0
        this.#take(line.slice(0, -1))
        return at
      }
      this.#line += String.fromCharCode(byte)
      if (this.#line.length > limit) throw malformed()
    }
    return at
  }

  #take(line: string): void {
    if (this.#state === 'size') {
      const size = sizeLine.exec(line)?.[1]
      if (size === undefined) throw malformed()
      this.#left = Number.parseInt(size, 16)
      this.#state = this.#left === 0 ? 'trailers' : 'bytes'
    } else if (this.#state === 'end of bytes') {
      if (line !== '') throw malformed()
      this.#state = 'size'
    } else if (line === '') this.#state = 'done'
    else if (!trailerLine.test(line)) throw malformed()
  }
}

function malformed(): S3Error {
  return new S3Error('BadRequest')
}
