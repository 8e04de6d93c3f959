// A server in the shape of S3 that costs as little CPU as it can, so that the clients are what is measured: it drops
// what is uploaded, and serves one block over and over. It holds no body, checks none, and asks for no signature.
//
//   node bench/sink.ts [port]          prints the address it listens on; ends with its standard input
//
// What it means by its answers is in sink-answers.ts; here is the HTTP, as much of it as the clients speak.
import net from 'node:net'
import { type Answer, answerTo, block, type Head } from './sink-answers.ts'

type State = 'head' | 'body' | 'chunk-size' | 'chunk' | 'trailer'

class Connection {
  readonly #socket: net.Socket
  #state: State = 'head'
  /** Bytes that came before what they belong to was complete. */
  #held: Buffer | undefined
  /** Bytes of the body, or of the chunk with its line end, still to come. */
  #left = 0
  #body = 0
  #request: Head | undefined

  constructor(socket: net.Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (bytes) => this.#take(bytes))
  }

  #take(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === 'body' || this.#state === 'chunk') {
        const length = Math.min(this.#left, bytes.length - at)
        at += length
        this.#left -= length
        if (this.#left > 0) return
        if (this.#state === 'body') this.#answer()
        else this.#state = 'chunk-size'
        continue
      }
      const held = this.#held
      const text = held ? Buffer.concat([held, bytes.subarray(at)]) : bytes.subarray(at)
      const mark = this.#state === 'head' ? '\r\n\r\n' : '\r\n'
      const end = text.indexOf(mark)
      if (end === -1) {
        this.#held = text
        return
      }
      this.#held = undefined
      at += end + mark.length - (held?.length ?? 0)
      this.#line(text.toString('latin1', 0, end))
    }
  }

  #line(text: string): void {
    switch (this.#state) {
      case 'head':
        return this.#begin(text)
      case 'chunk-size': {
        const size = Number.parseInt(text, 16)
        this.#body += size
        this.#left = size + 2
        this.#state = size === 0 ? 'trailer' : 'chunk'
        return
      }
      case 'trailer':
        if (text === '') this.#answer()
        return
      case 'body':
      case 'chunk': // these are counted, not read
    }
  }

  #begin(text: string): void {
    const [first = '', ...lines] = text.split('\r\n')
    const [method = '', target = ''] = first.split(' ')
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
    }
    this.#request = { method, target, headers }
    if (headers.has('expect')) this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    if (headers.get('transfer-encoding') === 'chunked') {
      this.#body = 0
      this.#state = 'chunk-size'
      return
    }
    this.#body = this.#left = Number(headers.get('content-length') ?? 0)
    if (this.#left > 0) this.#state = 'body'
    else this.#answer()
  }

  #answer(): void {
    this.#state = 'head'
    if (!this.#request) return
    const { method, headers } = this.#request
    const decoded = Number(headers.get('x-amz-decoded-content-length') ?? this.#body)
    const answer = answerTo(this.#request, decoded)
    const { body } = answer
    const text = headText(answer)
    if (method === 'HEAD' || body === undefined) this.#socket.write(text, 'latin1')
    else if (typeof body === 'string') this.#socket.write(text + body, 'latin1')
    else {
      this.#socket.cork()
      this.#socket.write(text, 'latin1')
      this.#serve(body.start, body.end)
      process.nextTick(() => this.#socket.uncork())
    }
  }

  /** The bytes of an object from `start` to `end`: those of the block, repeated. */
  #serve(start: number, end: number): void {
    for (let at = start; at < end;) {
      const offset = at % block.length
      const piece = block.subarray(offset, offset + Math.min(block.length - offset, end - at))
      at += piece.length
      if (!this.#socket.write(piece) && at < end) {
        this.#socket.once('drain', () => this.#serve(at, end))
        return
      }
    }
  }
}

function headText({ status, headers, body }: Answer): string {
  const length =
    body === undefined ? 0 : typeof body === 'string' ? body.length : body.end - body.start
  let text = `HTTP/1.1 ${status}\r\ndate: ${date()}\r\ncontent-length: ${length}\r\n`
  for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`
  return `${text}\r\n`
}

let second = 0
let dateText = ''
function date(): string {
  const now = Math.trunc(Date.now() / 1000)
  if (now !== second) {
    second = now
    dateText = new Date(now * 1000).toUTCString()
  }
  return dateText
}

const server = net.createServer((socket) => new Connection(socket))
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address)
    process.stdout.write(`http://127.0.0.1:${address.port}\n`)
})
process.stdin.on('end', () => process.exit()).resume()
