// Receiving in place: a pool of connections to one origin, for GETs whose body goes into the caller's buffer.
import { HawserError } from '../../core/errors.ts'
import { Connection, type ConnectionOptions, type Received } from './connection.ts'
import { broken, closed, interrupted } from './failures.ts'
import type { HttpRequest, HttpResponse, TransportOptions } from './message.ts'
import type { Origin } from './origin.ts'
import { Places } from './places.ts'

export class Receiver {
  readonly #places: Places
  readonly #connection: Omit<ConnectionOptions, 'session'>
  readonly #idle: Connection[] = []
  readonly #busy = new Set<Connection>()
  #session: Buffer | undefined
  #closed = false

  constructor(options: TransportOptions, origin: Origin) {
    const ca = options.tls?.ca
    this.#places = new Places(options.connections)
    this.#connection = {
      origin,
      timeout: options.timeout,
      ca: ca === undefined ? undefined : [ca].flat(),
      onSession: (session) => {
        this.#session = session
      },
      onClose: (connection) => {
        const at = this.#idle.indexOf(connection)
        if (at >= 0) this.#idle.splice(at, 1)
      },
    }
  }

  /** The answer, with a 2xx body in `into`; undefined where the ordinary way must be taken. */
  async receive(request: HttpRequest, into: Uint8Array): Promise<HttpResponse | undefined> {
    const text = serialize(request)
    await this.#places.take(request.signal)
    try {
      let received = await this.#exchange(text, into, request, this.#kept())
      // The server had closed a kept connection: that says nothing about this request.
      if (received === 'stale') received = await this.#exchange(text, into, request, undefined)
      if (received === 'stale') throw broken('the server closed the connection before its answer')
      return received === 'unusual' ? undefined : received
    } finally {
      this.#places.give()
    }
  }

  close(): void {
    this.#closed = true
    for (const connection of this.#idle.splice(0)) connection.close()
    for (const connection of this.#busy) connection.fail(closed())
  }

  async #exchange(
    text: string,
    into: Uint8Array,
    { signal, onReceived }: HttpRequest,
    kept: Connection | undefined,
  ): Promise<Received> {
    if (signal?.aborted) throw interrupted(signal)
    const connection = kept ?? new Connection({ ...this.#connection, session: this.#session })
    const onAbort = (): void => {
      if (signal) connection.fail(interrupted(signal))
    }
    this.#busy.add(connection)
    signal?.addEventListener('abort', onAbort)
    try {
      return await connection.request(text, into, onReceived)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#busy.delete(connection)
      if (this.#closed) connection.close()
      else if (connection.usable) this.#idle.push(connection)
    }
  }

  #kept(): Connection | undefined {
    let connection = this.#idle.pop()
    while (connection && !connection.usable) connection = this.#idle.pop()
    return connection
  }
}

/** The head of a GET. Refuses what could break out of it. */
function serialize(request: HttpRequest): string {
  const { path, query } = request.url
  let text = `GET ${query === '' ? path : `${path}?${query}`} HTTP/1.1\r\n`
  if (!/^GET \/[\x21-\x7e]* HTTP\/1\.1\r\n$/.test(text)) throw invalid('path')
  for (const [name, value] of Object.entries(request.headers)) {
    if (!/^[\w-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw invalid(name)
    text += `${name}: ${value}\r\n`
  }
  return `${text}\r\n`
}

function invalid(part: string): HawserError {
  return new HawserError('invalid-argument', `a request cannot carry this ${part}`, { op: 'http' })
}
