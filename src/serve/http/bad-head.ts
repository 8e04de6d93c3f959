// What is no HTTP, or too much of it: answered where an answer can be told from others, and the connection closed.
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { S3Error } from '../errors.ts'
import type { Connections } from './exchange.ts'
import { errorXml } from './refusal.ts'

export function refuseHead(
  error: Error,
  socket: Duplex,
  connections: Connections,
  newId: () => string,
): void {
  const answering = !(socket instanceof Socket) || connections.of(socket).size > 0
  if (!socket.writable || answering) {
    socket.destroy(error)
    return
  }
  const refused = reason(error)
  const id = newId()
  const body = errorXml(refused, '/', id)
  socket.end(
    `HTTP/1.1 ${refused.status} Bad Request\r\nServer: Hawser\r\nx-amz-request-id: ${id}\r\n` +
      `Content-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

function reason(error: Error): S3Error {
  const code = 'code' in error ? error.code : undefined
  if (code === 'HPE_HEADER_OVERFLOW') return new S3Error('RequestHeaderSectionTooLarge')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new S3Error('RequestTimeout')
  return new S3Error('BadRequest')
}
