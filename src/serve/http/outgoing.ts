// An answer on its way: the head goes out with the first bytes behind it. Few bytes are copied, so that all is one write;
// more of them are handed to the system as they are.
import type { Connection } from './connection.ts'

export class Outgoing {
  readonly #connection: Connection
  #status = 0
  /** Text that is to go out ahead of the next bytes. */
  #ahead = ''
  #chunked = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Of the answer that was begun; 0 before. Until then, another answer can be given. */
  get status(): number {
    return this.#status
  }

  /** @param head status line and headers, as they are sent; in chunks: how the body goes */
  begin(status: number, head: string, chunked: boolean): void {
    this.#status = status
    this.#ahead = head
    this.#chunked = chunked
  }

  /** False: wait until the exchange is drained before there is more, and before these bytes are changed. */
  write(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    if (!this.#chunked) return this.#send(bytes, '')
    this.#ahead += `${bytes.length.toString(16)}\r\n`
    return this.#send(bytes, '\r\n')
  }

  /** Sends the head at least. */
  flush(): void {
    if (this.#ahead !== '') this.#connection.write(this.#ahead)
    this.#ahead = ''
  }

  /** Behind the last bytes. */
  end(): void {
    if (this.#chunked) this.#ahead += '0\r\n\r\n'
    this.flush()
  }

  #send(bytes: Uint8Array, behind: string): boolean {
    const ahead = this.#ahead
    this.#ahead = ''
    const connection = this.#connection
    if (bytes.length < connection.mark) {
      const start = ahead.length
      const end = start + bytes.length
      const whole = Buffer.allocUnsafe(end + behind.length)
      whole.write(ahead, 'latin1')
      whole.set(bytes, start)
      whole.write(behind, end, 'latin1')
      return connection.write(whole)
    }
    if (ahead === '' && behind === '') return connection.write(bytes)
    return connection.writeTogether(ahead, bytes, behind)
  }
}
