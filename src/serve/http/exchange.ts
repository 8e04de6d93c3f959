// A request and its answer while they are under way, and who is on which connection.
import { HawserError } from '../../core/errors.ts'
import type { IncomingBody } from './body.ts'
import type { Connection } from './connection.ts'
import type { MessageHead } from './message-head.ts'
import { Outgoing } from './outgoing.ts'

export class Exchange {
  /** Names the request in answers and logs. */
  readonly id: string
  readonly head: MessageHead
  readonly body: IncomingBody
  readonly connection: Connection
  readonly outgoing: Outgoing
  /** Whether the client waits to be told that it may send the body. */
  waits: boolean
  /** Bytes of the answer's body that were handed to the connection. */
  sent: number = 0
  readonly #controller: AbortController = new AbortController()
  #waiting: (() => void) | undefined

  constructor(id: string, head: MessageHead, body: IncomingBody, connection: Connection) {
    this.id = id
    this.head = head
    this.body = body
    this.connection = connection
    this.waits = head.waits && !body.complete
    this.outgoing = new Outgoing(connection)
  }

  /** Aborts when the client goes away, and when the server stops. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Has the client send the body, where it waits to. */
  sendContinue(): void {
    if (this.waits) this.connection.write('HTTP/1.1 100 Continue\r\n\r\n')
    this.waits = false
  }

  /** Ends the connection too where a reader waits for the rest of the body. */
  abort(reason: string): void {
    if (this.signal.aborted) return
    const error = new HawserError('interrupted', reason, { op: 'serve' })
    this.#controller.abort(error)
    this.body.stop(error)
    this.wake()
  }

  /** Resolves when what was written has left, or the exchange is aborted. */
  async drained(): Promise<void> {
    if (this.signal.aborted) return
    await new Promise<void>((resolve) => {
      this.#waiting = resolve
    })
  }

  /** What was written has left. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}
