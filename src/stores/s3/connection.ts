// One keep-alive connection that receives bodies in place: what the socket reads lands in the caller's buffer, about
// 1 MB a read, without a stream between. A third of what node:http costs.
import net from 'node:net'
import tls from 'node:tls'
import type { HawserError } from '../../core/errors.ts'
import {
  broken,
  connectionFailure,
  errorCode,
  malformed,
  oversized,
  timedOut,
  truncated,
} from './failures.ts'
import { framing, type Head, MalformedHead, MAX_HEAD, parseHead } from './head.ts'
import type { HttpResponse } from './message.ts'
import { ADDRESS_WAIT, type Origin } from './origin.ts'
import { ReceivedResponse } from './response.ts'

/** The longest body of an answer other than 2xx that is collected here. */
const MAX_COLLECTED = 1024 * 1024

/** `unusual`: only a full HTTP client can read this answer. `stale`: the server closed before it saw the request. */
export type Received = HttpResponse | 'unusual' | 'stale'

export interface ConnectionOptions {
  readonly origin: Origin
  readonly timeout: number
  readonly ca: string[] | undefined
  /** A TLS session to resume. */
  readonly session: Buffer | undefined
  readonly onSession: (session: Buffer) => void
  readonly onClose: (connection: Connection) => void
}

interface Exchange {
  readonly into: Uint8Array
  readonly onReceived: ((bytes: number) => void) | undefined
  readonly resolve: (received: Received) => void
  readonly reject: (failure: HawserError) => void
  /** No byte of an answer has come. */
  silent: boolean
  /** The answer's head and where its body goes, once the head has arrived. */
  body: { readonly head: Head; readonly target: Uint8Array; readonly length: number } | undefined
  received: number
}

export class Connection {
  readonly #options: ConnectionOptions
  readonly #socket: net.Socket
  readonly #head: Buffer = Buffer.allocUnsafeSlow(MAX_HEAD)
  #filled = 0
  #exchange: Exchange | undefined
  #served = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#socket = this.#connect()
    this.#socket.on('error', (error) => this.#broke(error))
    this.#socket.on('timeout', () => this.fail(timedOut(options.timeout, options.origin)))
    this.#socket.on('close', () => this.#closed())
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#socket.readable
  }

  /** Sends a GET whose head is `text` and receives the answer, a 2xx body into `into`. One at a time. */
  request(text: string, into: Uint8Array, onReceived?: (bytes: number) => void): Promise<Received> {
    const { promise, resolve, reject } = Promise.withResolvers<Received>()
    const nothingYet = { silent: true, body: undefined, received: 0 }
    this.#exchange = { into, onReceived, resolve, reject, ...nothingYet }
    this.#socket.ref()
    this.#socket.setTimeout(this.#options.timeout)
    const event = this.#options.origin.secure ? 'secureConnect' : 'connect'
    const ready = this.#served++ > 0
    if (ready) this.#socket.write(text, 'latin1')
    else this.#socket.once(event, () => this.#socket.write(text, 'latin1'))
    return promise
  }

  /** Ends the exchange, if there is one, with this failure, and the connection. */
  fail(failure: HawserError): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#socket.destroy()
    exchange?.reject(failure)
  }

  /** Ends an idle connection. */
  close(): void {
    this.#socket.destroy()
  }

  #connect(): net.Socket {
    const { origin, ca, session, onSession } = this.#options
    const options = {
      host: origin.host,
      port: origin.port,
      noDelay: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_WAIT,
      onread: {
        buffer: () => this.#room(),
        callback: (bytes: number) => this.#arrived(bytes),
      },
    }
    if (!origin.secure) return net.connect(options)
    const socket = tls.connect({
      ...options,
      ALPNProtocols: ['http/1.1'],
      ...(net.isIP(origin.host) === 0 && { servername: origin.host }),
      ...(ca && { ca }),
      ...(session && { session }),
    })
    socket.on('session', onSession)
    return socket
  }

  /** Where the socket is to put what it reads next. */
  #room(): Uint8Array {
    const exchange = this.#exchange
    if (exchange?.body) return exchange.body.target.subarray(exchange.received)
    return this.#head.subarray(this.#filled)
  }

  /** Called by the socket with what it put there; true to go on. */
  #arrived(bytes: number): boolean {
    const exchange = this.#exchange
    if (!exchange) {
      this.#socket.destroy() // an answer to nothing
      return false
    }
    exchange.silent = false
    if (exchange.body) {
      exchange.received += bytes
      if (exchange.body.head.status < 300) exchange.onReceived?.(bytes)
      if (exchange.received === exchange.body.length) this.#finish(exchange, true)
      return true
    }
    this.#filled += bytes
    try {
      this.#readHead(exchange)
    } catch (error) {
      if (!(error instanceof MalformedHead)) throw error
      this.fail(malformed(error.message, error))
    }
    return !this.#socket.destroyed
  }

  #readHead(exchange: Exchange): void {
    let head = parseHead(this.#head.subarray(0, this.#filled))
    while (head && head.status < 200 && head.status !== 101) {
      this.#head.copyWithin(0, head.bytes, this.#filled)
      this.#filled -= head.bytes
      head = parseHead(this.#head.subarray(0, this.#filled))
    }
    if (!head) return
    const frame = head.status === 101 ? undefined : framing(head)
    const success = head.status >= 200 && head.status < 300
    if (frame?.kind !== 'length' || (!success && frame.length > MAX_COLLECTED)) {
      this.#end(exchange, 'unusual')
      return
    }
    const { length } = frame
    if (success && length > exchange.into.length) {
      this.fail(oversized(length, exchange.into.length))
      return
    }
    const target = success ? exchange.into.subarray(0, length) : new Uint8Array(length)
    const rest = this.#head.subarray(head.bytes, this.#filled)
    target.set(rest.subarray(0, length))
    exchange.received = Math.min(rest.length, length)
    exchange.body = { head, target, length }
    if (success) exchange.onReceived?.(exchange.received)
    if (exchange.received === length) this.#finish(exchange, rest.length === length)
  }

  /** The whole answer is here; `clean` when nothing came after it. */
  #finish(exchange: Exchange, clean: boolean): void {
    if (!exchange.body) return
    const { head, target, length } = exchange.body
    const success = head.status >= 200 && head.status < 300
    const response = new ReceivedResponse(head, success ? length : target)
    if (!clean || !head.persistent) {
      this.#end(exchange, response)
      return
    }
    this.#exchange = undefined
    this.#filled = 0
    this.#socket.setTimeout(0)
    this.#socket.unref() // an idle connection keeps no process alive
    exchange.resolve(response)
  }

  /** Answers with this, and ends the connection. */
  #end(exchange: Exchange, received: Received): void {
    this.#exchange = undefined
    this.#socket.destroy()
    exchange.resolve(received)
  }

  #broke(error: Error): void {
    const exchange = this.#exchange
    const code = errorCode(error)
    if (exchange && this.#isStale(exchange) && (code === 'ECONNRESET' || code === 'EPIPE'))
      this.#end(exchange, 'stale')
    else this.fail(connectionFailure(error, this.#options.origin))
  }

  #closed(): void {
    const exchange = this.#exchange
    this.#options.onClose(this)
    if (!exchange) return
    if (this.#isStale(exchange)) this.#end(exchange, 'stale')
    else if (exchange.body) this.fail(truncated(exchange.received, exchange.body.length))
    else this.fail(broken('the server closed the connection before its answer'))
  }

  #isStale(exchange: Exchange): boolean {
    return exchange.silent && this.#served > 1
  }
}
