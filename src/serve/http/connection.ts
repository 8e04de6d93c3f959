// One connection of a client: its requests one after the other, each given out with its body as that comes. What follows
// a request waits until that has been answered, and no more than a little of it is read.
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { S3Error } from '../errors.ts'
import { refusalText } from './bad-head.ts'
import { IncomingBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import { receiveByEvents, receiveInPlace, type Receiver } from './in-place.ts'
import { unwanted, type Limits } from './limits.ts'
import { parseHead, type MessageHead } from './message-head.ts'

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly limits: Limits
  /** Names a request, or what was none. */
  newId(): string
  /** A request has come. Calls `next` of the connection when it was answered. */
  begin(head: MessageHead, body: IncomingBody, connection: Connection): Exchange
  closed(connection: Connection): void
}

/**
 * Where bytes go that have no place yet, of all connections: they are looked at before the next ones come. So a
 * connection without a request holds no memory.
 */
const scratch = Buffer.allocUnsafeSlow(64 * 1024)
/** While the reader of a body may come with a place of its own. */
const scrap = scratch.subarray(0, 16 * 1024)
const none = Buffer.alloc(0)
/** As Node has it: a client that uses its connection in the last moment is not disappointed. */
const grace = 1000

export class Connection implements Receiver {
  readonly #socket: Socket
  readonly #host: ConnectionHost
  /** The request that is under way. */
  #exchange: Exchange | undefined
  /** Of that request, or of the one before while the rest of it is thrown away. */
  #body: IncomingBody | undefined
  /** The part of that body which the socket is to fill next. */
  #given: Uint8Array | undefined
  /** A head that has not ended, or what follows the request that is under way. */
  #kept: Buffer = none
  #paused = false
  /** The client was told, or has said, that it makes no other request: what follows is none. */
  #last = false
  /** Nothing more is taken: what comes is thrown away until the connection ends. */
  #closing = false
  #thrown = 0
  /** When the head began that has not ended, by performance.now(). */
  #headSince: number | undefined = performance.now()
  #timeout = 0

  constructor(accepted: Socket | TLSSocket, host: ConnectionHost) {
    this.#host = host
    const socket =
      'encrypted' in accepted ? receiveByEvents(accepted, this) : receiveInPlace(accepted, this)
    this.#socket = socket
    // What is behind an error is seen by its `close`.
    socket.on('error', () => {})
    socket.on('end', () => this.#ended())
    socket.on('close', () => this.#closed())
    socket.on('drain', () => this.#drained())
    socket.on('timeout', () => this.#silent())
    this.#setTimeout(host.limits.idleTimeout)
  }

  get exchange(): Exchange | undefined {
    return this.#exchange
  }

  /** Neither a request nor a part of one. */
  get idle(): boolean {
    return !this.#exchange && !this.#body && this.#kept.length === 0
  }

  // Receiving

  room(): Uint8Array {
    const body = this.#body
    this.#given = body?.room()
    return this.#given ?? (body && !body.complete ? scrap : scratch)
  }

  received(count: number, buffer: Uint8Array): boolean {
    if (buffer === this.#given) {
      this.#body?.arrived(count)
      this.#bodyMoved()
    } else this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, count))
    if (this.#isFull()) this.#paused = true
    return !this.#paused
  }

  #take(bytes: Buffer): void {
    if (this.#closing) {
      this.#thrown += bytes.length
      if (this.#thrown > unwanted.bytes) this.destroy()
      return
    }
    try {
      const used = this.#body?.accept(bytes) ?? 0
      this.#bodyMoved()
      if (used === bytes.length) return
      const rest = bytes.subarray(used)
      this.#kept = this.#kept.length === 0 ? rest : Buffer.concat([this.#kept, rest])
      if (!this.#exchange && !this.#body) this.#begin()
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      this.#refuse(error)
    }
    // The bytes are the socket's again.
    if (this.#kept.buffer === bytes.buffer) this.#kept = Buffer.from(this.#kept)
  }

  /** The next request, where its head is here. @throws S3Error */
  #begin(): void {
    const { limits } = this.#host
    const head = parseHead(this.#kept, limits.headerBytes)
    if (!head) {
      if (this.#kept.length > 0) this.#headSince ??= performance.now()
      return
    }
    this.#headSince = undefined
    const body = new IncomingBody(
      head.framing,
      () => this.#resume(),
      () => this.destroy(),
    )
    const behind = this.#kept.subarray(head.bytes)
    const rest = behind.subarray(body.accept(behind))
    this.#kept = rest.length === 0 ? none : rest
    this.#body = body
    this.#setTimeout(limits.idleTimeout)
    this.#exchange = this.#host.begin(head, body, this)
  }

  /** Called when a request has been answered. @param last whether the client is to make no other */
  next(last: boolean): void {
    this.#exchange = undefined
    const body = this.#body
    if (this.#socket.destroyed) return
    if (last) {
      this.#last = true
      if (!body || body.complete) this.closeSoon()
      else void this.#throwAway(body)
      return
    }
    if (body && !body.complete) void body.drop(Infinity)
    this.#bodyMoved()
  }

  /**
   * Goes on where a body has come to its end and its request was answered. A client that does not take its answers is not
   * given more of them.
   */
  #bodyMoved(): void {
    if (this.#exchange || this.#last || this.#closing || !this.#body?.complete) return
    if (this.#socket.writableNeedDrain) return
    this.#body = undefined
    this.#setTimeout(this.#host.limits.keepAliveTimeout + grace)
    if (this.#kept.length === 0) return
    try {
      this.#begin()
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      this.#refuse(error)
    }
    if (!this.#isFull()) this.#resume()
  }

  #isFull(): boolean {
    if (this.#closing) return false
    const body = this.#body
    if (body && !body.complete) return !body.wants && !body.starved
    // Without a request it is a head, whose length has its own limit.
    return body !== undefined && this.#kept.length >= scrap.length
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  // Sending

  #drained(): void {
    if (this.#exchange) this.#exchange.wake()
    else this.#bodyMoved()
  }

  /** Fewer bytes than these may be on their way still when it says that there is room. */
  get mark(): number {
    return this.#socket.writableHighWaterMark
  }

  /** Text is latin1. False: there is more on its way than should be; see `wake` of the exchange. */
  write(data: string | Uint8Array): boolean {
    if (!this.#socket.writable) return false
    return typeof data === 'string' ? this.#socket.write(data, 'latin1') : this.#socket.write(data)
  }

  /** In one call of the system. */
  writeTogether(ahead: string, bytes: Uint8Array, behind: string): boolean {
    this.#socket.cork()
    if (ahead !== '') this.write(ahead)
    let room = this.write(bytes)
    if (behind !== '') room = this.write(behind)
    this.#socket.uncork()
    return room
  }

  // Ending

  /** When what there is to send has left. */
  closeSoon(): void {
    this.#closing = true
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Where a head began before that time, and has not come to its end. */
  refuseSlow(since: number): void {
    if (this.#headSince !== undefined && this.#headSince < since && !this.#closing)
      this.#refuse(new S3Error('RequestTimeout'))
  }

  /** What is no HTTP, or too much of it: answered where an answer can be told from others. */
  #refuse(error: S3Error): void {
    if (this.#exchange || this.#body || !this.#socket.writable) {
      this.destroy()
      return
    }
    this.#closing = true
    this.#headSince = undefined
    this.#kept = none
    this.#socket.end(refusalText(error, this.#host.newId()))
    this.#resume()
    this.#linger()
  }

  /** A connection that is closed with bytes unread is reset, and its client may never see the answer. */
  #linger(): void {
    const timer = setTimeout(() => this.destroy(), unwanted.milliseconds)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  /** As `#linger`, of a body that nobody read. */
  async #throwAway(body: IncomingBody): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, unwanted.milliseconds)
    })
    await Promise.race([body.drop(unwanted.bytes), late])
    clearTimeout(timer)
    this.closeSoon()
  }

  /** The client sends no more. */
  #ended(): void {
    if (this.#exchange && !this.#exchange.body.complete) this.destroy()
    else if (this.#body && !this.#body.complete) this.closeSoon()
    else if (!this.#exchange && this.#kept.length > 0) this.#refuse(new S3Error('BadRequest'))
    else {
      this.#last = true
      this.#socket.end()
    }
  }

  #closed(): void {
    this.#body?.break(new S3Error('IncompleteBody'))
    this.#exchange?.abort('the client has gone away')
    this.#host.closed(this)
  }

  /** Nothing came or went for a while. */
  #silent(): void {
    // Where it is ours, a store may take its time.
    if (this.#exchange && !this.#isClientsTurn(this.#exchange))
      this.#socket.setTimeout(this.#timeout)
    else this.destroy()
  }

  /** Whether it has to take what was sent, or to send what it announced. */
  #isClientsTurn({ body, waits }: Exchange): boolean {
    return this.#socket.writableLength > 0 || (body.starved && !waits && !this.#paused)
  }

  #setTimeout(milliseconds: number): void {
    if (milliseconds === this.#timeout) return
    this.#timeout = milliseconds
    this.#socket.setTimeout(milliseconds)
  }
}
