// Servers that answer as a test wants, byte by byte, and requests to them.
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { buffer } from 'node:stream/consumers'
import type { HttpRequest } from '../../../src/stores/s3/http.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8')
export const certificate: string = fixture('cert.pem')
const key = fixture('key.pem')

export interface WireServer extends AsyncDisposable {
  readonly origin: string
  /** Connections so far. */
  readonly connections: () => number
  /** Connections that are open now. */
  readonly open: () => number
  /** Resolves when the last connection has gone. */
  readonly allClosed: () => Promise<void>
}

export interface WireRequest {
  readonly head: string
  readonly socket: net.Socket
  /** Counts the requests of the server from 1. */
  readonly number: number
  /** Which connection it came on, from 1. */
  readonly connection: number
}

/** Calls `answer` for each head of a request that arrives; drops what there is of its body by then. */
export async function wireServer(
  answer: (request: WireRequest) => unknown,
  options: { readonly secure?: boolean } = {},
): Promise<WireServer> {
  const sockets = new Set<net.Socket>()
  let connections = 0
  let requests = 0
  let whenClosed: (() => void) | undefined
  const accept = (socket: net.Socket): void => {
    const connection = ++connections
    let text = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) whenClosed?.()
    })
    socket.on('data', (data) => {
      text += data.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end)
        text = text.slice(end + 4 + Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0))
        answer({ head, socket, number: ++requests, connection })
      }
    })
  }
  const server = options.secure
    ? tls.createServer({ key, cert: certificate }, accept)
    : net.createServer(accept)
  server.on('tlsClientError', () => {})
  const port = await listen(server)
  return {
    origin: `${options.secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    connections: () => connections,
    open: () => sockets.size,
    allClosed: async () => {
      if (sockets.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      whenClosed = resolve
      await promise
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await close(server)
    },
  }
}

export async function listen(server: net.Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export async function close(server: net.Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  await promise
}

export function request(
  origin: string,
  more: Partial<Omit<HttpRequest, 'url'>> & { path?: string; query?: string } = {},
): HttpRequest {
  const { path = '/', query = '', ...rest } = more
  return {
    method: 'GET',
    url: { origin, path, query },
    headers: { host: new URL(origin).host },
    body: undefined,
    signal: undefined,
    ...rest,
  }
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return await buffer(body)
}
