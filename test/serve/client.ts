// An S3 server over an empty directory, for the tests of one file, and signed requests to it.
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { ServeOptions } from '../../src/serve/options.ts'
import { serveS3, type S3Server } from '../../src/serve/server.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { Signer } from '../../src/stores/s3/sign.ts'
import { canonicalQuery, encodeKey, payloadHash } from '../../src/wire/sigv4.ts'
import { parseXml, textOf, type XmlElement } from '../../src/wire/xml.ts'

const usual = 'us-east-1'
const credentials = { accessKeyId: 'tester', secretAccessKey: new Secret('testing') }

export interface Sent {
  readonly query?: Readonly<Record<string, string>>
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly anonymous?: boolean
}

/** An answer. */
export class Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly bytes: Buffer

  constructor(status: number, headers: http.IncomingHttpHeaders, bytes: Buffer) {
    this.status = status
    this.headers = headers
    this.bytes = bytes
  }

  get text(): string {
    return this.bytes.toString()
  }
  get xml(): XmlElement {
    return parseXml(this.text)
  }
  header(name: string): string | undefined {
    const value = this.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  /** The text of an element of the document. */
  get(name: string): string | undefined {
    return textOf(this.xml, name)
  }
  /** The texts of all such elements, one below those of the document: `Key` of `Contents`. */
  all(element: string, name: string): (string | undefined)[] {
    return this.xml.children
      .filter((child) => child.name === element)
      .map((child) => textOf(child, name))
  }
}

/** Speaks to a server as one user, and tells what it answers. */
export class TestClient {
  #server: Pick<S3Server, 'url'> | undefined
  #buckets = 0
  readonly #now: () => number
  readonly #signer: Signer
  readonly #agent = new http.Agent({ keepAlive: true })

  constructor(now: () => number, region: string = usual) {
    this.#now = now
    this.#signer = new Signer(region)
  }

  /** What was behind an answer of 500: the server tells it to nobody else. */
  readonly failures: unknown[] = []

  start(server: Pick<S3Server, 'url'>): void {
    this.#server = server
  }
  stop(): void {
    this.#agent.destroy()
  }

  /** @param target `bucket/key`, not encoded */
  async send(method: string, target: string, sent: Sent = {}): Promise<Reply> {
    const { query, headers, body, anonymous } = sent
    const { url = '' } = this.#server ?? {}
    const request = {
      method,
      path: `/${encodeKey(target)}`,
      query: canonicalQuery(query ?? {}),
      headers: { host: new URL(url).host, ...headers },
      payload: payloadHash(body),
    }
    const now = new Date(this.#now())
    const signed = this.#signer.sign(request, anonymous ? undefined : credentials, now)
    if (body !== undefined) signed['content-length'] = String(Buffer.byteLength(body))
    const path = request.query === '' ? request.path : `${request.path}?${request.query}`
    const outgoing = http.request(url, { method, path, headers: signed, agent: this.#agent })
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    outgoing.on('response', resolve).on('error', reject)
    outgoing.end(body)
    const response = await promise
    return new Reply(response.statusCode ?? 0, response.headers, await buffer(response))
  }

  /** As send, of what is expected to be done. */
  async done(method: string, target: string, sent?: Sent): Promise<Reply> {
    const reply = await this.send(method, target, sent)
    expect(reply.status, `${reply.text} ${inspect(this.failures)}`).toBeLessThan(300)
    return reply
  }

  /** As send, of what is expected to be refused: status and code, and the whole answer. */
  async refused(
    method: string,
    target: string,
    sent?: Sent,
  ): Promise<{ status: number; code: string | undefined; reply: Reply }> {
    const reply = await this.send(method, target, sent)
    expect(reply.status, reply.text).toBeGreaterThanOrEqual(300)
    const code = reply.bytes.length > 0 ? reply.get('Code') : undefined
    return { status: reply.status, code, reply }
  }

  put(target: string, body: string | Uint8Array, headers: Sent['headers'] = {}): Promise<Reply> {
    return this.done('PUT', target, { body, headers })
  }

  /** A new bucket's name. */
  async bucket(versioning?: 'Enabled' | 'Suspended'): Promise<string> {
    const name = `bucket-${++this.#buckets}`
    await this.done('PUT', name)
    if (versioning) await this.versioning(name, versioning)
    return name
  }

  async versioning(bucket: string, status: 'Enabled' | 'Suspended'): Promise<void> {
    const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
    await this.done('PUT', bucket, { query: { versioning: '' }, body })
  }
}

/** A server that runs while the tests of the file do. */
export function served(options: ServeOptions = {}): TestClient {
  const { clock = Date.now, region = usual } = options
  const client = new TestClient(clock, region)
  const ending: (() => Promise<void>)[] = []
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hawser-serve-'))
    ending.push(() => rm(directory, { recursive: true, force: true }))
    const store = localStore(directory)
    ending.push(async () => store[Symbol.asyncDispose]())
    const onFailure = (cause: unknown): void => {
      client.failures.push(cause)
    }
    const defaults = { region, credentials: [credentials], onFailure }
    const server = await serveS3(store, { ...defaults, ...options })
    ending.push(() => server.close())
    client.start(server)
  })
  afterAll(async () => {
    client.stop()
    for (const end of ending.toReversed()) await end()
  })
  return client
}
