// A TCP proxy between the command and the server that reads along: which requests were made, and which were answered.
// Understands as much HTTP/1.1 as the tests need: heads, Content-Length and chunked bodies.
import net from 'node:net'
import { once } from 'node:events'

export interface Exchange {
  readonly method: string
  readonly target: string
  /** Undefined until the answer's head has come. */
  status: number | undefined
}

export class RecordingProxy implements AsyncDisposable {
  readonly exchanges: Exchange[] = []
  /** Bytes that went to the server, heads included. */
  sent = 0
  /** Bytes that came from the server, heads included. */
  received = 0
  /** Called when the head of an answer came from the server, before it goes on. */
  onAnswer: (exchange: Exchange) => void = () => {}
  /** Called when bytes came from the server, before they go on. */
  onReceived: () => void = () => {}
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()

  private constructor(upstream: URL) {
    this.#server = net.createServer({ allowHalfOpen: false }, (client) =>
      this.#join(client, upstream),
    )
  }

  static async start(upstream: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(new URL(upstream))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string')
      throw new Error('the proxy does not listen')
    return `http://127.0.0.1:${address.port}`
  }

  /** Ends all connections that are open now; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: net.Socket, upstream: URL): void {
    const server = net.connect({ host: upstream.hostname, port: Number(upstream.port) })
    const pending: Exchange[] = []
    const requests = new MessageReader((head) => {
      const [method = '', target = ''] = head.split(' ')
      const exchange: Exchange = { method, target, status: undefined }
      this.exchanges.push(exchange)
      pending.push(exchange)
      return true
    })
    const answers = new MessageReader((head) => {
      const status = Number(head.split(' ')[1])
      if (status < 200) return false
      const exchange = pending.shift()
      if (exchange) {
        exchange.status = status
        this.onAnswer(exchange)
      }
      return exchange?.method !== 'HEAD' && status !== 204 && status !== 304
    })
    this.#link(client, server, (chunk) => {
      this.sent += chunk.length
      requests.read(chunk)
    })
    this.#link(server, client, (chunk) => {
      this.received += chunk.length
      this.onReceived()
      answers.read(chunk)
    })
  }

  #link(from: net.Socket, to: net.Socket, see: (chunk: Buffer) => void): void {
    this.#sockets.add(from)
    from.on('data', (chunk) => {
      see(chunk)
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}

/** Finds the heads in a stream of messages, and steps over their bodies. */
class MessageReader {
  #rest: Buffer = Buffer.alloc(0)
  #skip = 0
  #chunked = false
  readonly #onHead: (head: string) => boolean

  /** @param onHead told of each head; whether a body follows, if the head says so */
  constructor(onHead: (head: string) => boolean) {
    this.#onHead = onHead
  }

  read(chunk: Buffer): void {
    if (this.#skip >= chunk.length) {
      this.#skip -= chunk.length
      return
    }
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(this.#skip)])
    this.#skip = 0
    while (
      this.#rest.length > 0 &&
      this.#skip === 0 &&
      (this.#chunked ? this.#chunk() : this.#head())
    );
  }

  #head(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + 4)
    if (!this.#onHead(head)) return true
    this.#chunked = /^transfer-encoding: *chunked/im.test(head)
    if (!this.#chunked) this.#stepOver(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0))
    return true
  }

  #chunk(): boolean {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0) return false
    const size = Number.parseInt(this.#rest.toString('latin1', 0, end), 16)
    if (this.#rest.length < end + 2 + size + 2) return false
    this.#rest = this.#rest.subarray(end + 2 + size + 2)
    if (size === 0) this.#chunked = false
    return true
  }

  #stepOver(bytes: number): void {
    const here = Math.min(bytes, this.#rest.length)
    this.#rest = this.#rest.subarray(here)
    this.#skip = bytes - here
  }
}
