// The body of a request while it comes. Its reader says where the bytes shall go, and the connection has the socket put
// them there: what comes unasked is kept, and no more read until it was taken.
import { S3Error } from '../errors.ts'
import type { Source } from '../body/source.ts'
import { ChunkedDecoder } from './chunked.ts'
import type { Framing } from './message-head.ts'

const pieceSize = 64 * 1024
const nothing: Uint8Array = new Uint8Array()

/** A read that waits for bytes. */
interface Read {
  readonly target: Uint8Array
  /** It is enough when so many have come. */
  readonly least: number
  filled: number
  /** Nobody waits any more, but the socket may still write there. */
  left: boolean
  readonly resolve: (filled: number) => void
  readonly reject: (reason: Error) => void
}

export class IncomingBody implements Source {
  /** Bytes that are still to come, where that is known. */
  #expected: number
  readonly #decoder: ChunkedDecoder | undefined
  /** What came and was not taken. */
  #here: Uint8Array = nothing
  #read: Read | undefined
  /** Whether the socket has been given the target of the read. */
  #lent = false
  #begun = false
  #failure: Error | undefined
  #dropping: { bytes: number; most: number; done: () => void } | undefined
  /** Has the connection read on. */
  readonly #resume: () => void
  readonly #destroy: () => void

  constructor(framing: Framing, resume: () => void, destroy: () => void) {
    this.#expected = framing === 'chunked' ? Infinity : framing
    this.#decoder = framing === 'chunked' ? new ChunkedDecoder() : undefined
    this.#resume = resume
    this.#destroy = destroy
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return this.#expected === 0
  }

  /** Whether bytes are waited for, or thrown away. */
  get wants(): boolean {
    return this.#read !== undefined || this.#dropping !== undefined
  }

  /** Whether the reader has what came, and the client is to send more. */
  get starved(): boolean {
    return !this.complete && this.#here.length === 0
  }

  // What the connection calls.

  /** Where the next bytes of the body can be put at once. */
  room(): Uint8Array | undefined {
    const read = this.#read
    this.#lent = read !== undefined && !read.left && this.#decoder === undefined
    if (!read || !this.#lent) return undefined
    return read.target.subarray(read.filled, read.filled + this.#expected)
  }

  /** So many bytes are where `room` said. */
  arrived(count: number): void {
    this.#lent = false
    this.#expected -= count
    const read = this.#read
    if (!read) return
    read.filled += count
    if (read.left) {
      this.#drop(count)
      this.#endRead()?.reject(incomplete())
    } else this.#settle(read)
  }

  /** Takes what belongs to the body, and tells how much that was; may move it. @throws S3Error BadRequest */
  accept(bytes: Uint8Array): number {
    this.#lent = false
    if (this.#read?.left) this.#endRead()?.reject(incomplete())
    if (this.#decoder) {
      // Chunks can be small: what they bring is moved together before it is looked at.
      let length = 0
      const used = this.#decoder.decode(bytes, (payload) => {
        bytes.set(payload, length)
        length += payload.length
      })
      if (this.#decoder.done) this.#expected = 0
      if (length > 0) this.#deliver(bytes.subarray(0, length))
      this.#completed()
      return used
    }
    const own = bytes.length > this.#expected ? bytes.subarray(0, this.#expected) : bytes
    this.#expected -= own.length
    if (own.length > 0) this.#deliver(own)
    this.#completed()
    return own.length
  }

  /** The connection is gone, and will write nowhere any more. */
  break(reason: Error): void {
    this.#failure ??= reason
    this.#endRead()?.reject(this.#failure)
    this.#dropping?.done()
  }

  /** Reads on and keeps nothing; resolves at the body's end, at the connection's, and after so many bytes. */
  drop(most: number): Promise<void> {
    this.leave()
    const bytes = this.#here.length
    this.#here = nothing
    this.#failure ??= incomplete()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#dropping = { bytes, most, done: resolve }
    if (this.complete) resolve()
    else this.#resume()
    return promise
  }

  // What the reader calls.

  whole(): Uint8Array | undefined {
    if (!this.complete || this.#begun || this.#failure) return undefined
    this.#begun = true
    const bytes = this.#here
    this.#here = nothing
    return bytes
  }

  async fill(buffer: Uint8Array): Promise<void> {
    if ((await this.#take(buffer, buffer.length)) < buffer.length) throw incomplete()
  }

  async end(): Promise<void> {
    if ((await this.#take(new Uint8Array(1), 1)) > 0) throw incomplete()
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    let buffer: Uint8Array | undefined
    for (;;) {
      if (this.#failure) throw this.#failure
      if (this.#here.length > 0) {
        this.#begun = true
        const bytes = this.#here
        this.#here = nothing
        yield bytes
      } else if (this.complete) return
      else {
        buffer ??= new Uint8Array(pieceSize)
        const count = await this.#take(buffer, 1)
        if (count > 0) yield buffer.subarray(0, count)
      }
    }
  }

  stop(reason: Error): void {
    this.#failure ??= reason
    if (!this.#read) return
    // The socket may write to what it was lent until it is destroyed.
    this.#destroy()
    this.#endRead()?.reject(reason)
  }

  leave(): void {
    const read = this.#read
    if (!read) return
    if (this.#lent) read.left = true
    else this.#endRead()?.reject(incomplete())
  }

  /** Puts bytes there: as many as are asked for at least, where there are. */
  #take(target: Uint8Array, least: number): number | Promise<number> {
    if (this.#failure) throw this.#failure
    if (this.#read) throw new Error('a body has one reader')
    this.#begun = true
    const taken = this.#here.subarray(0, target.length)
    target.set(taken)
    this.#here = this.#here.subarray(taken.length)
    if (taken.length >= least || this.complete) return taken.length
    return new Promise((resolve, reject) => {
      this.#read = { target, least, filled: taken.length, left: false, resolve, reject }
      this.#resume()
    })
  }

  /** @param bytes which are the connection's again afterwards */
  #deliver(bytes: Uint8Array): void {
    if (this.#dropping) {
      this.#drop(bytes.length)
      return
    }
    let rest = bytes
    const read = this.#read
    if (read) {
      const taken = rest.subarray(0, read.target.length - read.filled)
      read.target.set(taken, read.filled)
      read.filled += taken.length
      rest = rest.subarray(taken.length)
      this.#settle(read)
    }
    if (rest.length === 0) return
    if (this.#here.length === 0) this.#here = new Uint8Array(rest)
    else this.#here = Buffer.concat([this.#here, rest])
  }

  #settle(read: Read): void {
    if (read.filled < read.least && !this.complete) return
    this.#read = undefined
    read.resolve(read.filled)
  }

  #completed(): void {
    if (!this.complete) return
    if (this.#read) this.#settle(this.#read)
    this.#dropping?.done()
  }

  #drop(count: number): void {
    const dropping = this.#dropping
    if (!dropping) return
    dropping.bytes += count
    if (dropping.bytes > dropping.most || this.complete) dropping.done()
  }

  #endRead(): Read | undefined {
    const read = this.#read
    this.#read = undefined
    return read
  }
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody')
}
