// The connections of a server, and the requests that are under way on them.
import type { Connection } from './connection.ts'

export class Connections {
  readonly #open: Set<Connection> = new Set()
  #running = 0
  #onIdle: (() => void) | undefined

  /** Requests under way. */
  get running(): number {
    return this.#running
  }

  opened(connection: Connection): void {
    this.#open.add(connection)
  }

  closed(connection: Connection): void {
    this.#open.delete(connection)
  }

  entered(): void {
    this.#running++
  }

  left(): void {
    this.#running--
    if (this.#running === 0) this.#onIdle?.()
  }

  /** Refuses those whose head began before that time, and has not come to its end. */
  refuseSlow(since: number): void {
    for (const connection of this.#open) connection.refuseSlow(since)
  }

  /** Closes those that have no request. */
  closeIdle(): void {
    for (const connection of this.#open) if (connection.idle) connection.closeSoon()
  }

  /** Closes all, each when what it still has to send has left. */
  closeSoon(): void {
    for (const connection of this.#open) connection.closeSoon()
  }

  /** Closes all at once. */
  destroy(): void {
    for (const connection of this.#open) connection.destroy()
  }

  abort(reason: string): void {
    for (const { exchange } of this.#open) exchange?.abort(reason)
  }

  /** Resolves once no request is under way. */
  async idle(): Promise<void> {
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }
}
