// The ordinary way: node:http and node:https with keep-alive, for uploads, small answers and streams.
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { asHawserError, HawserError, isHawserError } from '../../core/errors.ts'
import {
  broken,
  closed,
  connectionFailure,
  errorCode,
  interrupted,
  oversized,
  timedOut,
} from './failures.ts'
import { MAX_HEAD } from './head.ts'
import { ADDRESS_WAIT, type Origin } from './origin.ts'
import type { HttpRequest, HttpResponse, HttpSource, TransportOptions } from './message.ts'
import { Places } from './places.ts'
import { StreamedResponse } from './response.ts'

/** How long a server that was asked `expect: 100-continue` may think before the body is sent regardless. */
const CONTINUE_WAIT = 1000

/** The server closed a kept connection before it saw the request: not a failure yet. */
class Stale extends Error {}

/** Requests to one origin. */
export class OrdinaryClient {
  readonly #origin: Origin
  readonly #timeout: number
  readonly #places: Places
  readonly #options: https.AgentOptions
  readonly #agent: http.Agent
  #closed = false

  constructor(options: TransportOptions, origin: Origin) {
    const ca = options.tls?.ca
    this.#origin = origin
    this.#timeout = options.timeout
    this.#places = new Places(options.connections)
    this.#options = {
      maxFreeSockets: options.connections,
      autoSelectFamilyAttemptTimeout: ADDRESS_WAIT,
      ...(ca !== undefined && { ca: [ca].flat() }),
    }
    this.#agent = this.#newAgent(true)
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#exchange(request, this.#agent)
    } catch (error) {
      if (!(error instanceof Stale)) throw error
      return await this.#exchange(request, this.#newAgent(false))
    }
  }

  close(): void {
    this.#closed = true
    this.#agent.destroy()
  }

  #newAgent(keepAlive: boolean): http.Agent {
    const options = { ...this.#options, keepAlive }
    return this.#origin.secure ? new https.Agent(options) : new http.Agent(options)
  }

  async #exchange(request: HttpRequest, agent: http.Agent): Promise<HttpResponse> {
    await this.#places.take(request.signal)
    const response = await this.#answer(request, agent)
    if (request.method !== 'GET' || !isSuccess(response.status)) return response
    if (response.length === undefined && !response.headers.has('transfer-encoding')) {
      await response.discard()
      throw broken('the answer does not say where it ends')
    }
    const { into } = request
    if (into) {
      await response.receive(into, (length) => oversized(length, into.length))
      request.onReceived?.(response.received)
    }
    return response
  }

  /** Gives the place back when the request and its answer are done with. */
  async #answer(request: HttpRequest, agent: http.Agent): Promise<StreamedResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<StreamedResponse>()
    const { signal } = request
    const origin = this.#origin
    const outgoing = this.#open(request, agent)
    let response: StreamedResponse | undefined
    const fail = (failure: HawserError): void => {
      reject(failure)
      if (response) response.fail(failure)
      outgoing.destroy(failure)
    }
    const onAbort = (): void => {
      if (signal) fail(interrupted(signal))
    }
    signal?.addEventListener('abort', onAbort)
    outgoing.on('close', () => {
      signal?.removeEventListener('abort', onAbort)
      this.#places.give()
    })
    outgoing.on('timeout', () => fail(timedOut(this.#timeout, origin)))
    outgoing.on('error', (error) => {
      if (this.#closed) reject(closed())
      else if (isHawserError(error)) reject(error)
      else if (isStale(error, outgoing, request)) reject(new Stale())
      else reject(connectionFailure(error, origin))
    })
    outgoing.on('response', (incoming: IncomingMessage) => {
      response = new StreamedResponse(incoming, origin, this.#timeout)
      incoming.on('end', () => setImmediate(abandonUpload, outgoing))
      if (request.method === 'HEAD' || response.length === 0) incoming.resume()
      resolve(response)
    })
    this.#sendBody(request, outgoing).catch((error: unknown) =>
      fail(asHawserError(error, { op: 'http' })),
    )
    return await promise
  }

  #open(request: HttpRequest, agent: http.Agent): ClientRequest {
    const { path, query } = request.url
    try {
      if (this.#closed) throw closed()
      if (request.signal?.aborted) throw interrupted(request.signal)
      return (this.#origin.secure ? https : http).request({
        agent,
        host: this.#origin.host,
        port: this.#origin.port,
        method: request.method,
        path: query === '' ? path : `${path}?${query}`,
        headers: Object.entries(request.headers).flat(), // as a list they are taken as they are, and cost less
        timeout: this.#timeout,
        maxHeaderSize: MAX_HEAD,
      })
    } catch (error) {
      this.#places.give()
      throw asHawserError(error, { op: 'http' })
    }
  }

  async #sendBody(request: HttpRequest, outgoing: ClientRequest): Promise<void> {
    const { body } = request
    const asks = body !== undefined && request.headers['expect'] === '100-continue'
    if (asks && !(await continued(outgoing))) return
    if (body === undefined) outgoing.end()
    else if (body instanceof Uint8Array) await sendSlices(body, outgoing, request.onSent)
    else await this.#pump(body, outgoing)
  }

  async #pump(source: HttpSource, outgoing: ClientRequest): Promise<void> {
    let sent = 0
    const patience = (milliseconds: number): void => {
      outgoing.socket?.setTimeout(milliseconds)
    }
    for await (const chunk of source.open()) {
      patience(this.#timeout)
      if (outgoing.destroyed) return
      sent += chunk.length
      if (sent > source.size) break
      if (!outgoing.write(chunk)) await drained(outgoing)
      if (outgoing.destroyed) return
      patience(0) // while the source is busy, silence on the wire is our own
    }
    if (outgoing.destroyed) return
    if (sent !== source.size)
      throw new HawserError('integrity', 'the source gave another number of bytes than it said', {
        op: 'http',
        retry: 'later',
        hint: 'Was it changed while it was read?',
      })
    patience(this.#timeout)
    outgoing.end()
  }
}

/** Bytes handed to the connection at once: few calls, and a slow upload shows that it moves. */
const slice = 1024 * 1024

async function sendSlices(
  body: Uint8Array,
  outgoing: ClientRequest,
  onSent: ((bytes: number) => void) | undefined,
): Promise<void> {
  let sent = 0
  for (; body.length - sent > slice; sent += slice) {
    if (!outgoing.write(body.subarray(sent, sent + slice))) await drained(outgoing)
    if (outgoing.destroyed) return
    onSent?.(slice)
  }
  outgoing.end(sent === 0 ? body : body.subarray(sent))
  onSent?.(body.length - sent)
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function isStale(error: unknown, outgoing: ClientRequest, request: HttpRequest): boolean {
  const code = errorCode(error)
  if (!outgoing.reusedSocket || (code !== 'ECONNRESET' && code !== 'EPIPE')) return false
  if (request.method === 'PUT')
    return request.body === undefined || request.body instanceof Uint8Array
  return request.method === 'GET' || request.method === 'HEAD'
}

/** An answer that came before the request's end was sent: nobody will read the rest. */
function abandonUpload(outgoing: ClientRequest): void {
  if (!outgoing.writableFinished) outgoing.destroy()
}

/** Whether to send the body: the server wants it or says nothing; false when it has answered without it. */
async function continued(outgoing: ClientRequest): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(true), CONTINUE_WAIT)
  outgoing.once('continue', () => resolve(true))
  outgoing.once('response', () => resolve(false))
  outgoing.once('close', () => resolve(false))
  outgoing.flushHeaders()
  const wanted = await promise
  clearTimeout(timer)
  return wanted
}

async function drained(outgoing: ClientRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  outgoing.once('drain', resolve)
  outgoing.once('close', resolve)
  await promise
  outgoing.off('drain', resolve)
  outgoing.off('close', resolve)
}
