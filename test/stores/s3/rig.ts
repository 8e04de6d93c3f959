// A transport and servers that end with the test, and what is expected of them.
import http from 'node:http'
import { expect, onTestFinished } from 'vitest'
import {
  type HttpRequest,
  type HttpResponse,
  httpTransport,
  type Transport,
  type TransportOptions,
} from '../../../src/stores/s3/http.ts'
import {
  bytesOf,
  certificate,
  close,
  listen,
  wireServer,
  type WireRequest,
  type WireServer,
} from './wire.ts'

export function transport(options: Partial<TransportOptions> = {}): Transport {
  const made = httpTransport({
    connections: 4,
    timeout: 5000,
    tls: { ca: certificate },
    ...options,
  })
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

export async function server(
  answer: (request: WireRequest) => unknown,
  options: { readonly secure?: boolean } = {},
): Promise<WireServer> {
  const made = await wireServer(answer, options)
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

export async function httpServer(
  handler: http.RequestListener,
): Promise<{ origin: string; server: http.Server }> {
  const made = http.createServer(handler)
  const port = await listen(made)
  onTestFinished(async () => {
    made.closeAllConnections()
    await close(made)
  })
  return { origin: `http://127.0.0.1:${port}`, server: made }
}

/** The head of a good answer. */
export const ok = (length: number, more = ''): string =>
  `HTTP/1.1 200 OK\r\n${more}content-length: ${length}\r\n\r\n`

/** Bytes that tell their place. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 255
  return bytes
}

export const failure = (code: string, retry: string, message?: string): unknown =>
  expect.objectContaining({
    name: 'HawserError',
    op: 'http',
    code,
    retry,
    ...(message !== undefined && { message: expect.stringContaining(message) }),
  })

/** Sends the request and reads the whole body, wherever it arrived. */
export async function fetchAll(
  client: Transport,
  message: HttpRequest,
): Promise<{ response: HttpResponse; bytes: Buffer }> {
  const response = await client.send(message)
  const streamed = await bytesOf(response.body)
  const bytes =
    message.into && streamed.length === 0
      ? Buffer.from(message.into.subarray(0, response.received))
      : streamed
  return { response, bytes }
}
