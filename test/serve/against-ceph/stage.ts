// Where a scenario is played: one server, requests to it, and what it is expected to answer.
//
// What S3's documentation says is expected of every server. Where a server is known to answer otherwise, the scenario
// says what it answers and why that is not S3: so neither can change without being noticed.
import { hash } from 'node:crypto'
import http from 'node:http'
import { buffer } from 'node:stream/consumers'
import { expect } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import {
  ALGORITHM,
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  encode,
  encodeKey,
  payloadHash,
  scopeOf,
  signatureOf,
  signingKey,
  stringToSign,
  timestamp,
  UNSIGNED_PAYLOAD,
} from '../../../src/wire/sigv4.ts'
import { createBucketName, type S3Endpoint } from '../../servers/s3.ts'
import { told } from './told.ts'

export interface Sent {
  readonly query?: Readonly<Record<string, string>>
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Who signs, and when, where it is not the endpoint's first user, now. */
  readonly as?: 'anonymous' | 'stranger' | 'other' | 'wrong secret'
  readonly minutesAgo?: number
  /** x-amz-content-sha256, where it is not that of the body. */
  readonly payload?: string
  /** Seconds: the signature goes into the query. */
  readonly expires?: number
  /** Changes what was signed. */
  readonly forge?: (headers: Record<string, string>) => void
  /** Makes the body of what the signature of the head begins. */
  readonly frame?: (signing: { seed: string; time: string; scope: string; key: Secret }) => string
  /** What to tell of the answer beside its status and code: see told. */
  readonly show?: readonly string[]
}

export interface Heard {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly bytes: Buffer
}

/** An answer as `told` writes it, or one for each server. */
export type Expected = string | Difference

export interface Difference {
  readonly s3: string
  readonly ceph: string
  readonly why: string
}

/** @param why What decides, and what Ceph does instead */
export function differs(s3: string, ceph: string, why: string): Difference {
  return { s3, ceph, why }
}

export class Stage {
  readonly endpoint: S3Endpoint
  readonly #names = new Map<string, string>()
  /** In the order in which they were heard. */
  readonly outcomes: {
    readonly label: string
    readonly told: string
    readonly expected: string
  }[] = []

  constructor(endpoint: S3Endpoint) {
    this.endpoint = endpoint
    this.call(endpoint.accessKeyId, 'MAIN')
  }

  get isCeph(): boolean {
    return this.endpoint.name.startsWith('ceph')
  }

  /** Compares all at once: one wrong answer does not hide the next. */
  check(): void {
    const as = (field: 'told' | 'expected'): string[] =>
      this.outcomes.map((outcome) => `${outcome.label}: ${outcome[field]}`)
    expect(as('told')).toEqual(as('expected'))
  }

  /** Sends, and notes the answer beside what is expected. @param target `bucket/key`, not encoded */
  async ask(
    label: string,
    method: string,
    target: string,
    sent: Sent,
    expected: Expected,
  ): Promise<Heard> {
    const heard = await this.send(method, target, sent)
    const wanted = typeof expected === 'string' ? expected : expected[this.isCeph ? 'ceph' : 's3']
    this.outcomes.push({ label, told: told(heard, sent.show, this.#names), expected: wanted })
    return heard
  }

  /** As send, of what must be done for the scenario to go on. */
  async done(method: string, target: string, sent: Sent = {}): Promise<Heard> {
    const heard = await this.send(method, target, sent)
    expect(heard.status, `${method} ${target}: ${heard.bytes.toString()}`).toBeLessThan(300)
    return heard
  }

  /** A new bucket's name. */
  async bucket(versioning?: 'Enabled' | 'Suspended'): Promise<string> {
    const name = createBucketName()
    await this.done('PUT', name)
    this.call(name, 'BUCKET')
    if (versioning) await this.versioning(name, versioning)
    return name
  }

  async versioning(bucket: string, status: 'Enabled' | 'Suspended'): Promise<void> {
    const body = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>${status}</Status></VersioningConfiguration>`
    await this.done('PUT', bucket, { query: { versioning: '' }, body })
  }

  /** The ID of the version that was written. */
  async put(target: string, body: string, headers: Sent['headers'] = {}): Promise<string> {
    const { headers: answered } = await this.done('PUT', target, { body, headers })
    return this.version(answered)
  }

  version(headers: http.IncomingHttpHeaders): string {
    return String(headers['x-amz-version-id'] ?? '')
  }

  /** What a server made up is told by a name that is the same for all of them. */
  call(text: string, name: string): void {
    this.#names.set(text, name)
  }

  async send(method: string, target: string, sent: Sent): Promise<Heard> {
    const { path, headers, body } = this.#signed(method, target, sent)
    // A connection of its own: Ceph sends bytes behind some answers that have none, and breaks the next one.
    const request = http.request(this.endpoint.url, { method, path, headers, agent: false })
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    request.on('response', resolve).on('error', reject)
    request.end(body)
    const response = await promise
    const { statusCode = 0 } = response
    return { status: statusCode, headers: response.headers, bytes: await buffer(response) }
  }

  #signed(
    method: string,
    target: string,
    sent: Sent,
  ): { path: string; headers: Record<string, string>; body: string | Uint8Array | undefined } {
    const { endpoint } = this
    const path = `/${encodeKey(target)}`
    const time = timestamp(new Date(Date.now() - (sent.minutesAgo ?? 0) * 60_000))
    const scope = scopeOf(time.slice(0, 8), endpoint.region)
    const [id, secret] = this.#user(sent.as)
    const payload =
      sent.payload ?? (sent.expires === undefined ? payloadHash(sent.body) : UNSIGNED_PAYLOAD)
    const headers: Record<string, string> = { host: new URL(endpoint.url).host, ...sent.headers }
    const signs = sent.as !== 'anonymous'
    if (signs && sent.expires === undefined)
      Object.assign(headers, { 'x-amz-date': time, 'x-amz-content-sha256': payload })
    const names = Object.keys(headers).toSorted()
    const query = canonicalQuery({
      ...sent.query,
      ...(sent.expires !== undefined && {
        'X-Amz-Algorithm': ALGORITHM,
        'X-Amz-Credential': `${id}/${scope}`,
        'X-Amz-Date': time,
        'X-Amz-Expires': String(sent.expires),
        'X-Amz-SignedHeaders': names.join(';'),
      }),
    })
    const canonical = { method, path, query, headers: canonicalHeaders(names, headers), payload }
    const text = stringToSign(canonicalRequest(canonical), time, scope)
    const signature = signatureOf(
      signingKey(secret, time.slice(0, 8), endpoint.region),
      text,
    ).toString('hex')
    if (signs && sent.expires === undefined)
      headers['authorization'] =
        `${ALGORITHM} Credential=${id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
    const presigned = sent.expires === undefined ? query : `${query}&X-Amz-Signature=${signature}`
    const body = sent.frame?.({ seed: signature, time, scope, key: secret }) ?? sent.body
    headers['content-length'] = String(body === undefined ? 0 : Buffer.byteLength(body))
    sent.forge?.(headers)
    return { path: presigned === '' ? path : `${path}?${presigned}`, headers, body }
  }

  #user(as: Sent['as']): readonly [id: string, secret: Secret] {
    const { accessKeyId, secretAccessKey, otherAccessKeyId, otherSecretAccessKey } = this.endpoint
    if (as === 'other') return [otherAccessKeyId, new Secret(otherSecretAccessKey)]
    if (as === 'stranger') return ['AKIANOBODYATALL00000', new Secret(secretAccessKey)]
    return [
      accessKeyId,
      new Secret(as === 'wrong secret' ? `${secretAccessKey}x` : secretAccessKey),
    ]
  }
}

/** What a scenario has of its server. */
export type Scenario = (stage: Stage) => Promise<void>

export function md5(text: string | Uint8Array): string {
  return hash('md5', text, 'base64')
}

/** `bucket/key` as x-amz-copy-source has it. */
export function source(bucket: string, key: string, version?: string): string {
  return `/${bucket}/${encodeKey(key)}${version === undefined ? '' : `?versionId=${encode(version)}`}`
}
