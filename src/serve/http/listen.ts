// The HTTP server itself: takes connections within limits, hands requests to the handler, and ends gracefully.
import { randomBytes } from 'node:crypto'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { HawserError } from '../../core/errors.ts'
import type { FormService } from '../operations/post-object.ts'
import type { Rules } from './authorize.ts'
import { Connection, type ConnectionHost } from './connection.ts'
import { Connections } from './connections.ts'
import { Exchange } from './exchange.ts'
import { handle, type HandlerContext } from './handler.ts'
import type { Limits } from './limits.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined
  readonly domains: readonly string[]
  readonly limits: Limits
  readonly service: FormService
  readonly rules: Rules
  readonly onRequest: HandlerContext['onRequest']
  readonly onFailure: HandlerContext['onFailure']
}

export interface Listening extends AsyncDisposable {
  readonly url: string
  readonly port: number
}

/** @throws HawserError local-io, invalid-config */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { limits, tls } = options
  const server = makeServer(limits, tls)
  const connections = new Connections()
  let closing = false
  const context: HandlerContext = {
    service: options.service,
    rules: options.rules,
    domains: options.domains,
    onRequest: options.onRequest,
    onFailure: options.onFailure,
    patience: limits.patience,
    keepAlive: limits.keepAliveTimeout,
    closing: () => closing,
    overloaded: () => connections.running > limits.requests,
  }
  const newId = requestIds()
  const answer = async (exchange: Exchange): Promise<void> => {
    const last = await handle(exchange, context)
    connections.left()
    exchange.connection.next(last)
  }
  const host: ConnectionHost = {
    limits,
    newId,
    begin(head, body, connection) {
      const exchange = new Exchange(newId(), head, body, connection)
      connections.entered()
      void answer(exchange)
      return exchange
    },
    closed: (connection) => connections.closed(connection),
  }
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) =>
    connections.opened(new Connection(socket, host)),
  )
  const slow = setInterval(
    () => connections.refuseSlow(performance.now() - limits.headersTimeout),
    Math.min(30_000, Math.ceil(limits.headersTimeout / 2)),
  )
  slow.unref()
  const accepted = sockets(server)
  const port = await bind(server, options)
  const name = isIPv6(options.host) ? `[${options.host}]` : options.host

  return {
    url: `${tls ? 'https' : 'http'}://${name}:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      closing = true
      const closed = new Promise((resolve) => server.close(resolve))
      connections.closeIdle()
      const requests = setTimeout(() => connections.abort('the server stops'), limits.closeTimeout)
      await connections.idle()
      clearTimeout(requests)
      connections.closeSoon()
      const answers = setTimeout(() => {
        connections.destroy()
        for (const socket of accepted) socket.destroy()
      }, limits.closeTimeout)
      await closed
      clearTimeout(answers)
      clearInterval(slow)
    },
  }
}

function makeServer(limits: Limits, tls: ListenOptions['tls']): Server {
  let server: Server
  if (tls) {
    try {
      server = createTlsServer({
        ...tls,
        noDelay: true,
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: limits.headersTimeout,
      })
    } catch (cause) {
      throw new HawserError('invalid-config', 'the certificate or its key cannot be used', {
        op: 'serve',
        hint: 'Both are to be in PEM, and to belong together.',
        cause,
      })
    }
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
  } else server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
  server.maxConnections = limits.connections
  return server
}

/** All of a server's, those too that are not yet secure. */
function sockets(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  return open
}

async function bind(server: Server, { host, port }: ListenOptions): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? cause.code : undefined
    throw new HawserError('local-io', `cannot listen on ${host}, port ${port}`, {
      op: 'serve',
      hint: hints.get(reason),
      cause,
    })
  }
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

const hints: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'Another program listens there: choose another port.'],
  ['EACCES', 'Ports below 1024 are for the administrator: choose another port.'],
  ['EADDRNOTAVAIL', 'This machine has no such address: choose one of its own.'],
  ['ENOTFOUND', 'This machine has no such address: choose one of its own.'],
])

/** Names that do not come again: a beginning by chance, and a number. */
function requestIds(): () => string {
  const start = randomBytes(4).toString('hex').toUpperCase()
  let count = randomBytes(3).readUIntBE(0, 3)
  return () => {
    count = (count + 1) % 0x1_0000_0000
    return start + count.toString(16).toUpperCase().padStart(8, '0')
  }
}
