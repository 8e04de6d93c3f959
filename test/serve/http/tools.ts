// An HTTP server over a vault whose objects are under the test's control, and clients that speak HTTP by hand.
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { accountsOf } from '../../../src/serve/auth/accounts.ts'
import { S3Error } from '../../../src/serve/errors.ts'
import type { RequestRecord } from '../../../src/serve/http/handler.ts'
import { defaultLimits, type Limits } from '../../../src/serve/http/limits.ts'
import { listen, type Listening } from '../../../src/serve/http/listen.ts'
import type { ServeCredentials } from '../../../src/serve/options.ts'
import type {
  Bucket,
  CorsRule,
  ObjectVersion,
  OpenObject,
  Vault,
} from '../../../src/serve/vault/types.ts'
import { Signer } from '../../../src/stores/s3/sign.ts'
import { canonicalQuery, encodeKey, UNSIGNED_PAYLOAD } from '../../../src/wire/sigv4.ts'

export interface TestObject {
  readonly size: number
  bytes(signal: AbortSignal): AsyncIterable<Uint8Array>
}

export interface TestServer extends Listening {
  readonly objects: Map<string, TestObject>
  /** What was put, by key. */
  readonly put: Map<string, Buffer>
  readonly buckets: Map<string, Bucket>
  readonly records: RequestRecord[]
  readonly failures: unknown[]
  /** Called when a request has been answered. */
  onRecord: ((record: RequestRecord) => void) | undefined
  /** Copies take until then. */
  copied: Promise<void>
}

export interface TestOptions {
  readonly limits?: Partial<Limits>
  readonly anonymousRead?: boolean
  readonly readOnly?: boolean
  readonly domains?: readonly string[]
}

export const users: readonly ServeCredentials[] = ['alice', 'bob'].map((accessKeyId) => ({
  accessKeyId,
  secretAccessKey: new Secret(`secret of ${accessKeyId}`),
}))

/** With the bucket `bucket`, which is alice's. Closed when the test has ended. */
export async function startHttp(options: TestOptions = {}): Promise<TestServer> {
  const objects = new Map<string, TestObject>()
  const put = new Map<string, Buffer>()
  const buckets = new Map<string, Bucket>()
  const records: RequestRecord[] = []
  const failures: unknown[] = []
  const bucket = bucketOf('bucket', 'alice')
  buckets.set(bucket.name, bucket)
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    domains: options.domains ?? ['localhost'],
    limits: { ...defaultLimits, ...options.limits },
    rules: {
      anonymousRead: options.anonymousRead ?? false,
      readOnly: options.readOnly ?? false,
      shared: true,
    },
    service: {
      vault: {
        ...vaultOf(objects, put, buckets),
        async copy(from) {
          await result.copied
          return from.version
        },
      },
      region: 'us-east-1',
      readOnly: false,
      restoreDelay: { Expedited: 0, Standard: 0, Bulk: 0 },
      now: Date.now,
      accounts: accountsOf(users),
      scheme: 'http',
      fieldsTimeout: options.limits?.headersTimeout ?? defaultLimits.headersTimeout,
    },
    onRequest: (record) => {
      records.push(record)
      result.onRecord?.(record)
    },
    onFailure: (cause) => failures.push(cause),
  })
  const result: TestServer = {
    ...server,
    objects,
    put,
    buckets,
    records,
    failures,
    onRecord: undefined,
    copied: Promise.resolve(),
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= Promise.resolve(server[Symbol.asyncDispose]()))
  onTestFinished(close)
  return Object.assign(result, { [Symbol.asyncDispose]: close })
}

export function bucketOf(name: string, owner: string, cors: readonly CorsRule[] = []): Bucket {
  return { name, created: 0, owner, versioning: 'off', cors, tags: {} }
}

export function textObject(text: string): TestObject {
  const bytes = Buffer.from(text)
  return {
    size: bytes.length,
    async *bytes() {
      yield bytes
    },
  }
}

/** Pieces that all look alike; counts how many were taken, and whether the stream was left. */
export function manyPieces(
  count: number,
  piece: Uint8Array,
): TestObject & { taken: number; left: Promise<void> } {
  let leave: (() => void) | undefined
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  const object = {
    size: count * piece.length,
    taken: 0,
    left,
    async *bytes() {
      try {
        for (; object.taken < count; object.taken++) yield piece
      } finally {
        leave?.()
      }
    },
  }
  return object
}

function versionOf(key: string, size: number): ObjectVersion {
  return {
    kind: 'object',
    key,
    version: 'null',
    latest: true,
    modified: 0,
    size,
    record: {
      etag: '0'.repeat(32),
      contentType: 'text/plain',
      headers: {},
      metadata: {},
      tags: {},
      storageClass: 'STANDARD',
      checksum: undefined,
      parts: undefined,
      restoration: undefined,
    },
  }
}

function none(): never {
  throw new Error('not in this test')
}

function vaultOf(
  objects: ReadonlyMap<string, TestObject>,
  put: Map<string, Buffer>,
  buckets: Map<string, Bucket>,
): Vault {
  const object = (key: string): TestObject => {
    const found = objects.get(key)
    if (!found) throw new S3Error('NoSuchKey', { extra: { Key: key } })
    return found
  }
  return {
    buckets: {
      list: none,
      async get(name) {
        const bucket = buckets.get(name)
        if (!bucket) throw new S3Error('NoSuchBucket', { extra: { BucketName: name } })
        return bucket
      },
      create: none,
      remove: none,
      async update(bucket, change) {
        buckets.set(bucket.name, { ...bucket, ...change })
      },
    },
    async find(_bucket, key) {
      return versionOf(key, object(key).size)
    },
    async open(_bucket, key, _version, { select, signal }): Promise<OpenObject> {
      const found = object(key)
      const version = versionOf(key, found.size)
      const range = select?.(version) ?? { start: 0, end: found.size }
      return { version, range, bytes: found.bytes(signal) }
    },
    async put(_bucket, key, body) {
      const pieces: Uint8Array[] = []
      for await (const piece of body.open()) pieces.push(Buffer.from(piece))
      put.set(key, Buffer.concat(pieces))
      return versionOf(key, body.size)
    },
    uploads: {
      begin: none,
      find: none,
      part: none,
      copyPart: none,
      parts: none,
      list: none,
      complete: none,
      abort: none,
    },
    copy: none,
    remove: none,
    update: none,
    list: none,
    listVersions: none,
    [Symbol.asyncDispose]: none,
  }
}

export interface Asked {
  readonly method?: string
  /** Of the bucket and key: encoded where it is put into a request. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly host?: string
  /** Undefined: without a signature. */
  readonly user?: ServeCredentials | undefined
}

/** A request's head as text, signed, with its empty line. */
export function headText(port: number, asked: Asked): string {
  const { method = 'GET', query = {}, user } = asked
  const path = encodeKey(asked.path)
  const queryText = canonicalQuery(query)
  const headers = new Signer('us-east-1').sign(
    {
      method,
      path,
      query: queryText,
      headers: { host: asked.host ?? `127.0.0.1:${port}`, ...asked.headers },
      payload: UNSIGNED_PAYLOAD,
    },
    user && { ...user, sessionToken: undefined },
    new Date(),
  )
  const target = queryText === '' ? path : `${path}?${queryText}`
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** A connection of which every byte can be seen. */
export class Wire {
  readonly socket: Socket
  received: Buffer = Buffer.alloc(0)
  #ended = false
  #changed: (() => void) | undefined

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (piece) => {
      this.received = Buffer.concat([this.received, piece])
      this.#changed?.()
    })
    const end = (): void => {
      this.#ended = true
      this.#changed?.()
    }
    this.socket.on('end', end).on('close', end).on('error', end)
    onTestFinished(() => {
      this.socket.destroy()
    })
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data)
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  /** Resolves when the condition holds of what has come. @throws Error where the connection ends before */
  async until(condition: (text: string) => boolean): Promise<string> {
    while (!condition(this.text)) {
      if (this.#ended) throw new Error(`the connection has ended after: ${this.text}`)
      await this.#change()
    }
    return this.text
  }

  /** All that came until the other side closed. */
  async end(): Promise<string> {
    while (!this.#ended) await this.#change()
    return this.text
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve
    })
  }
}

/** One request over a connection of its own. */
export async function ask(port: number, asked: Asked, body?: string | Uint8Array): Promise<string> {
  const wire = new Wire(port)
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  wire.send(
    headText(port, { ...asked, headers: { ...asked.headers, ...length, connection: 'close' } }),
  )
  if (body !== undefined) wire.send(body)
  return wire.end()
}
