// What happens to a request, from its head to its answer: read in this file what is done in which order.
import { authenticate } from '../auth/signature.ts'
import { asS3Error, S3Error } from '../errors.ts'
import { corsHeaders, preflight } from '../operations/cors-headers.ts'
import type { FormService } from '../operations/post-object.ts'
import { sendAnswer } from './answer.ts'
import { authorize, authorizeBuckets, type Rules } from './authorize.ts'
import type { Exchange } from './exchange.ts'
import { patiently } from './patience.ts'
import { refusal } from './refusal.ts'
import { readHead } from './request.ts'
import { routeOf } from './routes.ts'
import type { Answer, RequestHead, S3Request } from './types.ts'

/** One request, once its answer has been handed over: for logs. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  /** As it was sent, without its query. */
  readonly path: string
  /** As S3 calls it; `-` where the request did not get so far. */
  readonly operation: string
  readonly status: number
  /** Bytes of the request's body, where all of it came. */
  readonly received: number
  /** Bytes of the answer's body. */
  readonly sent: number
  readonly milliseconds: number
  /** S3's code, where it was refused. */
  readonly error: string | undefined
}

export interface HandlerContext {
  readonly service: FormService
  readonly rules: Rules
  /** See readHead. */
  readonly domains: readonly string[]
  /** Whether the server takes no more: connections are closed behind their answers. */
  readonly closing: () => boolean
  /** See Limits. */
  readonly patience: number
  /** See Limits. */
  readonly keepAlive: number
  /** Whether more requests are under way than the limits allow. */
  readonly overloaded: () => boolean
  readonly onRequest: ((record: RequestRecord) => void) | undefined
  /** Told what was behind an answer of 500 and more, which no client gets to see, and the request's id. */
  readonly onFailure: ((cause: unknown, id: string) => void) | undefined
}

/** What is known of a request by and by. */
interface Progress {
  head?: RequestHead
  operation?: string
  error?: S3Error
}

/** Never throws. Whether the client was told to make no other request on this connection. */
export async function handle(exchange: Exchange, context: HandlerContext): Promise<boolean> {
  const started = performance.now()
  const progress: Progress = {}
  const failed = (error: unknown): Answer => {
    progress.error = asS3Error(error)
    const { status, cause } = progress.error
    if (status >= 500 && cause !== undefined && !exchange.signal.aborted)
      context.onFailure?.(cause, exchange.id)
    return refusal(progress.error, progress.head?.rawPath ?? '/', exchange.id)
  }
  let answer: Answer
  try {
    answer = await perform(exchange, context, progress)
  } catch (error) {
    answer = failed(error)
  }
  const origin = progress.head?.headers['origin']
  if (origin !== undefined) answer = await withCors(answer, origin, exchange, context, progress)
  const last = await deliver(exchange, answer, context, failed)
  // What came was not whole: whoever gets it must see that.
  if (last === undefined) exchange.connection.destroy()
  context.onRequest?.(recordOf(exchange, progress, performance.now() - started))
  return last ?? true
}

function recordOf(
  { id, head: message, body, outgoing, sent }: Exchange,
  { head, operation, error }: Progress,
  milliseconds: number,
): RequestRecord {
  return {
    id,
    method: message.method,
    path: head?.rawPath ?? '',
    operation: operation ?? '-',
    status: outgoing.status,
    received: body.complete ? Number(message.headers['content-length'] ?? 0) : 0,
    sent,
    milliseconds,
    error: error?.code,
  }
}

async function perform(
  exchange: Exchange,
  context: HandlerContext,
  progress: Progress,
): Promise<Answer> {
  const { service, rules, domains } = context
  const { body, signal, id } = exchange
  if (context.overloaded()) throw new S3Error('SlowDown')
  const head = readHead(exchange.head, domains)
  progress.head = head
  if (head.method === 'OPTIONS') {
    progress.operation = 'Preflight'
    return preflight(head, service.vault, signal)
  }
  const now = service.now()
  const { identity, payload } = authenticate(head, service.accounts, {
    region: service.region,
    now,
  })
  const route = routeOf(head)
  progress.operation = route.name
  authorize(route, identity, rules)
  if (rules.shared) await authorizeBuckets(route, head, identity, service.vault, signal)
  exchange.sendContinue()
  const request: S3Request = { ...head, id, identity, payload, body, signal }
  const work = route.operation(request, service)
  return route.long ? patiently(work, head.rawPath, id, context.patience) : work
}

/** Whether the client was told to make no other request; undefined: the answer broke off in its middle. */
async function deliver(
  exchange: Exchange,
  answer: Answer,
  { closing, keepAlive }: HandlerContext,
  failed: (error: unknown) => Answer,
): Promise<boolean | undefined> {
  try {
    return await sendAnswer(exchange, answer, { last: closing(), keepAlive })
  } catch (error) {
    const instead = failed(error)
    if (exchange.outgoing.status !== 0) return undefined
    try {
      return await sendAnswer(exchange, instead, { last: closing(), keepAlive })
    } catch {
      return undefined
    }
  }
}

async function withCors(
  answer: Answer,
  origin: string,
  { signal }: Exchange,
  { service }: HandlerContext,
  { head }: Progress,
): Promise<Answer> {
  if (!head || head.method === 'OPTIONS') return answer
  const headers = await corsHeaders(head, origin, service.vault, signal)
  return headers ? { ...answer, headers: { ...answer.headers, ...headers } } : answer
}
