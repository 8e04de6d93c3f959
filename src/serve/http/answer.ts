// Writes an answer: as fast as the client takes it, and no further ahead than one piece.
import type { IncomingMessage } from 'node:http'
import type { Exchange } from './exchange.ts'
import { unwanted } from './limits.ts'
import type { Answer } from './types.ts'

/** Larger pieces are waited for before the message ends: only then may its connection be closed as an idle one. */
const smallPiece = 64 * 1024
/** A body up to this size that nobody read is read to its end, and the connection kept. */
const smallBody = 64 * 1024

/**
 * Resolves when the answer has been handed to the connection, or the client is gone; what the client still sends then
 * is nobody's request any more. The status goes out with the first
 * piece of the body: until then `response.headersSent` is false, and another answer can be given.
 * @param last Whether the connection is to be closed behind it
 * @throws what the body throws, an Error where the body is not as long as announced, and the reason of an abort
 */
export async function sendAnswer(exchange: Exchange, answer: Answer, last: boolean): Promise<void> {
  const { message, response } = exchange
  const bodiless = message.method === 'HEAD' || answer.status === 204 || answer.status === 304
  const unread = hasUnreadBody(exchange)
  const { headers, length } = headersOf(answer, exchange.id, bodiless)
  if (unread || last) headers.push('Connection', 'close')

  let rest: string | Uint8Array | undefined
  const begin = (): void => {
    response.writeHead(answer.status, headers)
  }
  if (typeof answer.body === 'object' && !bodiless)
    rest = await sendBytes(exchange, answer.body, length, begin)
  else {
    begin()
    if (typeof answer.body === 'string' && !bodiless) rest = answer.body
  }
  if (rest !== undefined) exchange.sent += Buffer.byteLength(rest)

  if (unread) {
    if (rest === undefined || rest.length === 0) response.flushHeaders()
    else response.write(rest)
    void discard(message).then(() => response.end())
  } else if (rest !== undefined && rest.length > smallPiece) {
    if (!response.write(rest)) await exchange.drained()
    response.end()
  } else response.end(rest)
}

function headersOf(
  answer: Answer,
  id: string,
  bodiless: boolean,
): { readonly headers: string[]; readonly length: number | undefined } {
  const headers = ['Server', 'Hawser', 'x-amz-request-id', id]
  let length: number | undefined
  let typed = false
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (value === undefined) continue
    headers.push(name, value)
    const known = name.toLowerCase()
    if (known === 'content-length') length = Number(value)
    else if (known === 'content-type') typed = true
  }
  if (typeof answer.body === 'string' && !typed) headers.push('Content-Type', 'application/xml')
  if (length === undefined && !bodiless && typeof answer.body !== 'object') {
    length = answer.body === undefined ? 0 : Buffer.byteLength(answer.body)
    headers.push('Content-Length', String(length))
  }
  return { headers, length }
}

/**
 * Sends all but the last piece, which is returned: it is sent only after the source has ended well, so that whoever got
 * everything that was announced knows it to be right.
 */
async function sendBytes(
  exchange: Exchange,
  body: AsyncIterable<Uint8Array>,
  length: number | undefined,
  begin: () => void,
): Promise<Uint8Array | undefined> {
  const { response, signal } = exchange
  let passed = 0
  let held: Uint8Array | undefined
  for await (const piece of body) {
    signal.throwIfAborted()
    if (piece.length === 0) continue
    if (!response.headersSent) begin()
    passed += piece.length
    if (length !== undefined && passed >= length) {
      if (passed > length) throw new Error(`more than the ${length} bytes that were announced`)
      held = piece
      continue
    }
    exchange.sent += piece.length
    if (!response.write(piece)) await exchange.drained()
    signal.throwIfAborted()
  }
  if (length !== undefined && passed < length)
    throw new Error(`${passed} bytes instead of the ${length} that were announced`)
  if (!response.headersSent) begin()
  return held
}

/** Whether more of the request's body may come than is worth the connection, or nobody knows whether it does. */
function hasUnreadBody({ message, waits }: Exchange): boolean {
  if (message.complete) return false
  const length = message.headers['content-length']
  if (length !== undefined) return waits ? length !== '0' : Number(length) > smallBody
  return message.headers['transfer-encoding'] !== undefined
}

/**
 * Reads on for a while: a connection that is closed with bytes unread is reset, and its client may never see the answer.
 */
async function discard(message: IncomingMessage): Promise<void> {
  if (message.complete || message.destroyed) return
  await new Promise<void>((resolve) => {
    let bytes = 0
    const timer = setTimeout(resolve, unwanted.milliseconds)
    message.on('data', (piece: Uint8Array) => {
      bytes += piece.length
      if (bytes > unwanted.bytes) resolve()
    })
    message.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    message.resume()
  })
}
