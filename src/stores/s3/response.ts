// Answers: one whose body streams from node:http, and one that has arrived already.
import type { IncomingMessage } from 'node:http'
import { isHawserError, type HawserError } from '../../core/errors.ts'
import { connectionFailure, errorCode, tooLong, truncated } from './failures.ts'
import type { HttpResponse } from './message.ts'
import type { Origin } from './origin.ts'

/** Bodies up to here are read to their end when nobody wants them, so that the connection lives on. */
const CHEAP = 64 * 1024

export class StreamedResponse implements HttpResponse {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly length: number | undefined
  received = 0
  readonly #incoming: IncomingMessage
  readonly #origin: Origin
  readonly #timeout: number
  #failure: HawserError | undefined

  constructor(incoming: IncomingMessage, origin: Origin, timeout: number) {
    this.status = incoming.statusCode ?? 0
    this.headers = headersOf(incoming.rawHeaders)
    const length = this.headers.get('content-length')
    this.length = length === undefined ? undefined : Number(length)
    this.#incoming = incoming
    this.#origin = origin
    this.#timeout = timeout
    incoming.on('error', () => {}) // the reader of the body is told; without one nobody needs to know
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#chunks()
  }

  async text(limit: number): Promise<string> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this.#chunks()) {
      size += chunk.length
      if (size > limit) throw tooLong(limit)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  async discard(): Promise<void> {
    if (this.#incoming.readableEnded || this.#incoming.destroyed) return
    // What has come to its end, as an answer without a body does at once, costs nothing, whatever length it tells.
    const isCheap = this.#incoming.complete || (this.length !== undefined && this.length <= CHEAP)
    if (!isCheap) {
      this.#incoming.destroy()
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#incoming.once('close', resolve)
    this.#incoming.resume()
    await promise
  }

  /** Lets the body into `target`. @throws internal where it does not fit */
  async receive(target: Uint8Array, tooLarge: (length: number) => HawserError): Promise<void> {
    for await (const chunk of this.#chunks()) {
      if (this.received + chunk.length > target.length)
        throw tooLarge(this.length ?? this.received + chunk.length)
      target.set(chunk, this.received)
      this.received += chunk.length
    }
  }

  /** Ends the body with this failure. */
  fail(failure: HawserError): void {
    this.#failure ??= failure
    this.#incoming.destroy(failure)
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    let size = 0
    try {
      for await (const chunk of this.#incoming) {
        const bytes: Uint8Array = chunk // no encoding is set: chunks are buffers
        size += bytes.length
        // While the reader is busy, silence on the wire is our own.
        this.#patience(0)
        yield bytes
        this.#patience(this.#timeout)
      }
    } catch (error) {
      if (this.#failure) throw this.#failure
      if (isHawserError(error)) throw error
      if (this.length !== undefined && size < this.length && errorCode(error) === 'ECONNRESET')
        throw truncated(size, this.length)
      throw connectionFailure(error, this.#origin)
    }
  }

  /** A complete answer's socket may serve another request already: that one's patience is not ours to change. */
  #patience(milliseconds: number): void {
    if (!this.#incoming.complete) this.#incoming.socket.setTimeout(milliseconds)
  }
}

export class ReceivedResponse implements HttpResponse {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly length: number
  readonly received: number
  readonly #bytes: Uint8Array

  /** With the body's bytes, or with how many of them went elsewhere. */
  constructor(
    head: { readonly status: number; readonly headers: ReadonlyMap<string, string> },
    content: Uint8Array | number,
  ) {
    this.status = head.status
    this.headers = head.headers
    this.#bytes = typeof content === 'number' ? new Uint8Array() : content
    this.received = typeof content === 'number' ? content : 0
    this.length = typeof content === 'number' ? content : content.length
  }

  get body(): AsyncIterable<Uint8Array> {
    return once(this.#bytes)
  }

  async text(limit: number): Promise<string> {
    if (this.#bytes.length > limit) throw tooLong(limit)
    return Buffer.from(this.#bytes).toString('utf8')
  }

  async discard(): Promise<void> {}
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  if (bytes.length > 0) yield bytes
}

function headersOf(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    const value = raw[i + 1] ?? ''
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return headers
}
