// A request and its answer while they are under way, and who is on which connection.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { HawserError } from '../../core/errors.ts'

export class Exchange {
  /** Names the request in answers and logs. */
  readonly id: string
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** Whether the client waits to be told that it may send the body (`Expect: 100-continue`). */
  waits: boolean
  /** Bytes of the answer's body that were handed to the connection. */
  sent: number = 0
  readonly #controller: AbortController = new AbortController()
  #waiting: (() => void) | undefined
  #listens = false

  constructor(id: string, message: IncomingMessage, response: ServerResponse, waits: boolean) {
    this.id = id
    this.message = message
    this.response = response
    this.waits = waits
  }

  /** Aborts when the client goes away, and when the server stops. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Has the client send the body, where it waits to. */
  sendContinue(): void {
    if (this.waits) this.response.writeContinue()
    this.waits = false
  }

  abort(reason: string): void {
    this.#controller.abort(new HawserError('interrupted', reason, { op: 'serve' }))
    this.#wake()
  }

  /** Resolves when what was written has left, or the exchange is aborted. */
  async drained(): Promise<void> {
    if (this.signal.aborted) return
    if (!this.#listens) {
      this.#listens = true
      this.response.on('drain', () => this.#wake())
    }
    await new Promise<void>((resolve) => {
      this.#waiting = resolve
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}

/**
 * Whose requests are under way on which connection. A client that goes away is noticed here, once for each connection:
 * a response that waits behind another one on the same connection would not be told.
 */
export class Connections {
  readonly #active: Map<Socket, Set<Exchange>> = new Map()
  #running = 0
  #onIdle: (() => void) | undefined

  /** Requests under way. */
  get running(): number {
    return this.#running
  }

  opened(socket: Socket): void {
    this.#active.set(socket, new Set())
    socket.on('close', () => {
      for (const exchange of this.of(socket)) exchange.abort('the client has gone away')
      this.#active.delete(socket)
    })
  }

  of(socket: Socket): ReadonlySet<Exchange> {
    return this.#active.get(socket) ?? none
  }

  enter(exchange: Exchange): void {
    this.#running++
    const exchanges = this.#active.get(exchange.message.socket)
    if (exchanges) exchanges.add(exchange)
    else exchange.abort('the client has gone away')
  }

  leave(exchange: Exchange): void {
    this.#running--
    this.#active.get(exchange.message.socket)?.delete(exchange)
    if (this.#running === 0) this.#onIdle?.()
  }

  /** Closes all, each when what it still has to send has left. */
  closeSoon(): void {
    for (const socket of this.#active.keys()) socket.destroySoon()
  }

  abort(reason: string): void {
    for (const exchanges of this.#active.values())
      for (const exchange of exchanges) exchange.abort(reason)
  }

  /** Resolves once no request is under way. */
  async idle(): Promise<void> {
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }
}

const none: ReadonlySet<Exchange> = new Set()
