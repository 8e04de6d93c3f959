// A load on an S3 server that costs next to nothing itself: requests are signed beforehand and written to plain sockets,
// one at a time on each connection.
import { connect } from 'node:net'
import { Secret } from '../src/core/secret.ts'
import { Signer } from '../src/stores/s3/sign.ts'
import { payloadHash, UNSIGNED_PAYLOAD } from '../src/wire/sigv4.ts'
import type { S3Endpoint } from '../test/servers/s3.ts'

export interface Load {
  readonly method: 'GET' | 'PUT'
  /** Path-style, with the bucket. */
  readonly paths: readonly string[]
  readonly body?: Uint8Array | undefined
  /** The signature covers the body. */
  readonly signed?: boolean | undefined
  readonly connections: number
}

/** Seconds that all requests took. @throws Error for an answer that is none of 2xx */
export async function run(endpoint: S3Endpoint, load: Load): Promise<number> {
  const requests = load.paths.map((path) => requestOf(endpoint, load, path))
  const { hostname, port } = new URL(endpoint.url)
  let next = 0
  const start = performance.now()
  await Promise.all(
    Array.from(
      { length: load.connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect({ host: hostname, port: Number(port), noDelay: true })
          let head = ''
          let left: number | undefined
          const send = (): void => {
            const request = requests[next++]
            if (request === undefined) {
              socket.end()
              resolve()
              return
            }
            head = ''
            left = undefined
            socket.write(request)
          }
          socket.on('connect', send)
          socket.on('error', reject)
          socket.on('data', (bytes) => {
            if (left !== undefined) left -= bytes.length
            else {
              head += bytes.toString('latin1')
              const end = head.indexOf('\r\n\r\n')
              if (end === -1) return
              if (!head.startsWith('HTTP/1.1 2')) reject(new Error(head.slice(0, 1000)))
              const length = /^content-length: *(\d+)/im.exec(head.slice(0, end))?.[1] ?? '0'
              left = Number(length) - (head.length - end - 4)
            }
            if (left <= 0) send()
          })
        }),
    ),
  )
  return (performance.now() - start) / 1000
}

function requestOf(endpoint: S3Endpoint, load: Load, path: string): Uint8Array {
  const { host } = new URL(endpoint.url)
  const { method, body, signed = false } = load
  const headers = new Signer(endpoint.region).sign(
    {
      method,
      path,
      query: '',
      headers: { host },
      payload: signed ? payloadHash(body) : UNSIGNED_PAYLOAD,
    },
    {
      accessKeyId: endpoint.accessKeyId,
      secretAccessKey: new Secret(endpoint.secretAccessKey),
    },
    new Date(),
  )
  const length = method === 'PUT' ? { 'content-length': String(body?.length ?? 0) } : {}
  const lines = Object.entries({ ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  return body ? Buffer.concat([head, body]) : head
}
