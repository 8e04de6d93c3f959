// Writes an answer: as fast as the client takes it, and no further ahead than one piece.
import { answerHead } from './answer-head.ts'
import type { Exchange } from './exchange.ts'
import type { Answer } from './types.ts'

/** Larger pieces are waited for before the message ends: only then may its connection be closed as an idle one. */
const smallPiece = 64 * 1024
/** A body up to this size that nobody read is read to its end, and the connection kept. */
const smallBody = 64 * 1024

export interface AnswerOptions {
  /** Whether the connection is to be closed behind it. */
  readonly last: boolean
  /** Milliseconds that the connection stays open between requests. */
  readonly keepAlive: number
}

/**
 * Resolves when the answer has been handed to the connection, or the client is gone, and tells whether the connection
 * was announced to be closed. The status goes out with the first piece of the body: until then another answer can be
 * given.
 * @throws what the body throws, an Error where the body is not as long as announced, and the reason of an abort
 */
export async function sendAnswer(
  exchange: Exchange,
  answer: Answer,
  options: AnswerOptions,
): Promise<boolean> {
  const { head, outgoing } = exchange
  const { status, body } = answer
  const empty = status === 204 || status === 304
  const bodiless = head.method === 'HEAD' || empty
  const text = typeof body === 'string' ? Buffer.from(body) : undefined
  const { headers, length } = headersOf(answer, exchange.id, empty, text?.length ?? 0)
  const unknown = length === undefined && !bodiless
  const last =
    options.last || !head.persistent || hasUnreadBody(exchange) || (unknown && !head.modern)
  if (last) headers.push('Connection', 'close')
  else
    headers.push(
      'Connection',
      'keep-alive',
      'Keep-Alive',
      `timeout=${Math.floor(options.keepAlive / 1000)}`,
    )
  const chunked = unknown && head.modern
  if (chunked) headers.push('Transfer-Encoding', 'chunked')
  const begin = (): void => outgoing.begin(status, answerHead(status, headers), chunked)

  let rest: Uint8Array | undefined
  if (bodiless) begin()
  else if (typeof body === 'object') rest = await sendBytes(exchange, body, length, begin)
  else {
    begin()
    rest = text
  }
  if (rest !== undefined && rest.length > 0) {
    exchange.sent += rest.length
    if (!outgoing.write(rest) && rest.length > smallPiece) await exchange.drained()
  }
  outgoing.end()
  return last
}

function headersOf(
  answer: Answer,
  id: string,
  empty: boolean,
  textLength: number,
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
  // Also of what a HEAD leaves out: without it, clients end the connection.
  if (length === undefined && !empty && typeof answer.body !== 'object') {
    length = textLength
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
  const { outgoing, signal } = exchange
  let passed = 0
  let held: Uint8Array | undefined
  for await (const piece of body) {
    signal.throwIfAborted()
    if (piece.length === 0) continue
    if (outgoing.status === 0) begin()
    passed += piece.length
    if (length !== undefined && passed >= length) {
      if (passed > length) throw new Error(`more than the ${length} bytes that were announced`)
      held = piece
      continue
    }
    exchange.sent += piece.length
    // The piece has left by then: the next one may come in the same memory.
    if (!outgoing.write(piece)) await exchange.drained()
    signal.throwIfAborted()
  }
  if (length !== undefined && passed < length)
    throw new Error(`${passed} bytes instead of the ${length} that were announced`)
  if (outgoing.status === 0) begin()
  return held
}

/** Whether more of the request's body may come than is worth the connection, or nobody knows whether it does. */
function hasUnreadBody({ body, head, waits }: Exchange): boolean {
  if (body.complete) return false
  return head.framing === 'chunked' || waits || head.framing > smallBody
}
