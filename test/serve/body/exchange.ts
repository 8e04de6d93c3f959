// One request over a real connection, given to a function as a server gives it to an operation.
import { once } from 'node:events'
import http from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import type { Payload } from '../../../src/serve/auth/types.ts'
import type { BodyRequest } from '../../../src/serve/body/incoming.ts'
import { sendAnswer } from '../../../src/serve/http/answer.ts'
import { Connection } from '../../../src/serve/http/connection.ts'
import { Exchange as HttpExchange } from '../../../src/serve/http/exchange.ts'
import { defaultLimits } from '../../../src/serve/http/limits.ts'

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: Payload
  readonly body?: Uint8Array | string
  /** Sends the body with a length that is this; otherwise with its own. `none`: chunked by HTTP. */
  readonly length?: number | 'none'
  /** After the body the connection breaks (`broken`) or says nothing more (`open`). */
  readonly end?: 'broken' | 'open'
}

export interface Exchange<T> {
  readonly outcome: PromiseSettledResult<T>
  /** What the client got; undefined where its connection broke. */
  readonly status: number | undefined
}

/** @param use what the operation does; the answer is sent when it has ended */
export async function exchange<T>(
  sent: Sent,
  use: (request: BodyRequest, exchange: HttpExchange) => Promise<T>,
): Promise<Exchange<T>> {
  const settled = Promise.withResolvers<PromiseSettledResult<T>>()
  const connections = new Set<Connection>()
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    const connection = new Connection(socket, {
      limits: defaultLimits,
      newId: () => 'test',
      begin(head, body, on) {
        const begun = new HttpExchange('test', head, body, on)
        const { payload = { kind: 'unsigned' } } = sent
        const request = { headers: head.headers, payload, body }
        void (async () => {
          settled.resolve(await settle(use(request, begun)))
          on.next(await sendAnswer(begun, { status: 200 }, { last: true, keepAlive: 1000 }))
        })()
        return begun
      },
      closed: (one) => connections.delete(one),
    })
    connections.add(connection)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const { port } = server.address() as AddressInfo
  try {
    const request = http.request({ port, host: '127.0.0.1', method: 'PUT', headers: sent.headers })
    const status = new Promise<number | undefined>((resolve) => {
      request.on('response', (response) => resolve(response.resume().statusCode))
      request.on('error', () => resolve(undefined))
    })
    send(request, sent)
    return { outcome: await settled.promise, status: await status }
  } finally {
    for (const connection of connections) connection.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

async function settle<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([work])
  return outcome
}

function send(request: http.ClientRequest, { body = '', length, end }: Sent): void {
  if (length !== 'none') request.setHeader('content-length', length ?? Buffer.byteLength(body))
  request.write(body, () => {
    if (end === 'broken') request.destroy()
  })
  if (end === undefined) request.end()
}

/** The body in aws-chunked framing, unsigned. */
export function framed(body: Uint8Array, chunkSize: number, trailer: string): Buffer {
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; at += chunkSize) {
    const chunk = body.subarray(at, at + chunkSize)
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)])
}
