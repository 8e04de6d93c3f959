// One request to S3: addressed, signed, sent, counted, and its failure classified. Operations stand on this.
import { createHash } from 'node:crypto'
import { asHawserError, type ErrorDetails, HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Location } from '../../core/location.ts'
import type { RequestKind } from '../../core/meter.ts'
import type { Secret } from '../../core/secret.ts'
import { checkSignal } from '../../core/signal.ts'
import type { CallOptions } from '../../core/store.ts'
import { payloadHash, UNSIGNED_PAYLOAD } from '../../wire/sigv4.ts'
import { MalformedXml, maxXmlLength, parseXml, type XmlElement } from '../../wire/xml.ts'
import { type Addressing, refusalOf, requestUrl, type Subject } from './address.ts'
import type { CredentialProvider } from './credentials.ts'
import { type CustomerKeyHeaders, customerKeyHeaders } from './customer-key.ts'
import { classify, parseFailure, refusesUnequalParts, type S3Failure } from './errors.ts'
import type { HttpRequest, HttpResponse, HttpSource, Transport } from './message.ts'
import { isProtected, Signer } from './sign.ts'

export interface ClientOptions {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly addressing: Addressing
  readonly credentials: CredentialProvider | undefined
  readonly userAgent: string
  readonly clock: () => Date
  readonly transport: Transport
  /** 32 bytes in base64: what objects are encrypted with by the service, which does not keep it. */
  readonly customerKey?: Secret | undefined
}

export interface Call {
  /** The method of the Store port, for errors. */
  readonly op: string
  readonly kind: RequestKind
  readonly method: HttpRequest['method']
  /** Instead of the store's own; empty for the service as a whole. */
  readonly bucket?: string
  /** Absent for the bucket itself. */
  readonly key?: Key
  /** Values that are undefined are left out, here and in the headers. */
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array | HttpSource | undefined
  readonly into?: Uint8Array
  readonly options: CallOptions | undefined
}

const maxErrorLength = 256 * 1024

/** Who speaks for a place: layers over a store hand its location on as it is. */
const clients = new WeakMap<Location, Client>()

export class Client {
  readonly location: Location
  readonly region: string
  readonly clock: () => Date
  readonly customerKey: CustomerKeyHeaders
  /**
   * Whether the service has been seen to compute CRC64NVME itself. One that does is of a generation that verifies the
   * checksums it is sent and honours conditions; with others the operations do what they can from here.
   */
  computesChecksums = false
  /** What the service has been seen to refuse: the operation, and the kind of condition on what it changes. */
  readonly refusedConditions: Set<string> = new Set()
  /** Whether the service is known, or has been seen, to refuse parts of different lengths. */
  wantsEqualParts: boolean
  readonly #options: ClientOptions
  readonly #origin: URL
  readonly #signer: Signer
  readonly #protected: boolean
  /** The access key ID, once it has been used. */
  #identity: string | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#origin = new URL(options.endpoint)
    this.#signer = new Signer(options.region)
    this.#protected = isProtected(this.#origin.origin)
    this.location = { scheme: 's3', endpoint: this.#origin.origin, root: options.bucket }
    this.region = options.region
    this.clock = options.clock
    this.wantsEqualParts = this.#origin.hostname.endsWith('.r2.cloudflarestorage.com')
    this.customerKey = customerKeyHeaders(options.customerKey, options.endpoint)
    clients.set(this.location, this)
  }

  /** The client behind the location of a store. */
  static of(location: Location): Client | undefined {
    return clients.get(location)
  }

  /** The client of a copy's source: its own, with its own key, where the location is a store's. */
  sourceOf(location: Location): Client {
    return Client.of(location) ?? this.withBucket(location.root)
  }

  /** The same service, asked by the same identity, for another bucket. */
  withBucket(bucket: string): Client {
    return bucket === this.location.root ? this : new Client({ ...this.#options, bucket })
  }

  /** Whether what one can read the other one can, as far as is known. */
  sharesAccess(other: Client): boolean {
    return (
      this.location.endpoint === other.location.endpoint &&
      (this.#options.credentials === other.#options.credentials ||
        (this.#identity !== undefined && this.#identity === other.#identity))
    )
  }

  /** Where an error is put. */
  details(call: Pick<Call, 'op' | 'key' | 'bucket'>): ErrorDetails {
    const root = call.bucket ?? this.location.root
    return { op: call.op, location: { ...this.location, root }, key: call.key }
  }

  /** A successful answer. @throws HawserError for every other one */
  async call(call: Call): Promise<HttpResponse> {
    const response = await this.#send(call)
    if (response.status >= 200 && response.status < 300) {
      const { headers } = response
      if (headers.has('x-amz-checksum-crc64nvme') || headers.has('x-amz-checksum-algorithm'))
        this.computesChecksums = true
      return response
    }
    const said = call.method === 'HEAD' ? undefined : await this.#failureIn(response)
    await response.discard()
    throw this.#classify(said, response, call)
  }

  /**
   * What `read` finds in an XML answer whose root element has that name, or one of those.
   * @throws HawserError also for an answer of 200 that holds an error; unavailable for a malformed one
   */
  async document<T>(
    call: Call,
    name: string | readonly string[],
    read: (root: XmlElement, response: HttpResponse) => T,
  ): Promise<T> {
    const response = await this.call(call)
    let text: string
    try {
      text = await response.text(maxXmlLength)
    } catch (error) {
      throw this.placed(error, call)
    }
    call.options?.meter?.received(response.length ?? Buffer.byteLength(text))
    try {
      const root = parseXml(text)
      if (root.name === 'Error') throw this.#classify(parseFailure(text), response, call)
      const names = [name].flat()
      if (!names.includes(root.name))
        throw new MalformedXml(`<${root.name}> instead of <${names[0]}>`)
      return read(root, response)
    } catch (error) {
      if (error instanceof MalformedXml) throw this.malformed(error.message, call, error)
      throw error
    }
  }

  /** A failure that is told inside of a successful answer. */
  failure(said: S3Failure, call: Pick<Call, 'op' | 'key'>): HawserError {
    return classify(
      said,
      { status: 200, headers: new Map(), now: this.clock() },
      this.details(call),
    )
  }

  /** The service said something that cannot be. */
  malformed(what: string, call: Pick<Call, 'op' | 'key'>, cause?: unknown): HawserError {
    return new HawserError('unavailable', `malformed answer of the service: ${what}`, {
      ...this.details(call),
      retry: 'later',
      hint: 'Check that the endpoint speaks S3.',
      cause,
    })
  }

  /** @throws interrupted after an abort */
  throwIfAborted(call: Pick<Call, 'op' | 'key' | 'options'>): void {
    checkSignal(call.options?.signal, this.details(call))
  }

  /** The transport fails without a place: this gives it one. What a source throws has its own, and stays as it is. */
  placed(error: unknown, call: Pick<Call, 'op' | 'key'>): HawserError {
    const failure = asHawserError(error, this.details(call))
    return failure.location ? failure : failure.with(this.details(call))
  }

  async #send(call: Call): Promise<HttpResponse> {
    const { signal, meter } = call.options ?? {}
    try {
      this.#check(call)
      const credentials = await this.#options.credentials?.(signal)
      this.#identity = credentials?.accessKeyId
      const { addressing } = this.#options
      const url = requestUrl(this.#origin, addressing, this.#subject(call), call.query ?? {})
      const headers: Record<string, string> = {
        host: url.origin.slice(url.origin.indexOf('//') + 2),
        'user-agent': this.#options.userAgent,
      }
      for (const [name, value] of Object.entries(call.headers ?? {}))
        if (value !== undefined) headers[name] = value
      const size = call.body && ('open' in call.body ? call.body.size : call.body.length)
      if (size !== undefined) headers['content-length'] = String(size)
      else if (call.method === 'PUT' || call.method === 'POST') headers['content-length'] = '0'
      const payload = credentials ? await this.#payload(call) : UNSIGNED_PAYLOAD
      this.throwIfAborted(call)
      const request: HttpRequest = {
        method: call.method,
        url,
        headers: this.#signer.sign(
          { method: call.method, path: url.path, query: url.query, headers, payload },
          credentials,
          this.clock(),
        ),
        body: counted(call),
        signal,
        ...(call.into && { into: call.into }),
        onSent: meter && ((bytes) => meter.sent(bytes)),
        onReceived: meter && ((bytes) => meter.received(bytes)),
      }
      meter?.request(call.kind)
      return await this.#options.transport.send(request)
    } catch (error) {
      throw this.placed(error, call)
    }
  }

  /** What is signed of the body: all of it, but where it is large and cannot be changed on its way. */
  async #payload(call: Call): Promise<string> {
    const { body } = call
    if (!body) return payloadHash(undefined)
    if (call.method === 'PUT' && this.#protected) return UNSIGNED_PAYLOAD
    if (!('open' in body)) return payloadHash(body)
    const digest = createHash('sha256')
    for await (const chunk of body.open()) digest.update(chunk)
    return digest.digest('hex')
  }

  #check(call: Call): void {
    const subject = this.#subject(call)
    const refusal =
      call.bucket === undefined && subject.bucket === ''
        ? { message: 'no bucket is named', hint: 'Give an address like s3://BUCKET/KEY.' }
        : refusalOf(subject)
    if (!refusal) return
    const { message, hint } = refusal
    throw new HawserError('invalid-argument', message, { ...this.details(call), hint })
  }

  #subject(call: Call): Subject {
    return { bucket: call.bucket ?? this.#options.bucket, key: call.key }
  }

  async #failureIn(response: HttpResponse): Promise<S3Failure | undefined> {
    try {
      return parseFailure(await response.text(maxErrorLength))
    } catch {
      return undefined // the status tells enough
    }
  }

  #classify(failure: S3Failure | undefined, response: HttpResponse, call: Call): HawserError {
    const { status, headers } = response
    if (failure?.code === 'NoSuchKey' && isReplacement(call))
      failure = { ...failure, code: 'PreconditionFailed' }
    if (failure && refusesUnequalParts(failure)) {
      this.wantsEqualParts = true
      // Without a status: other parts of the same object are taken.
      const message = 'the service takes only parts of one length'
      return new HawserError('unsupported', message, this.details(call))
    }
    const signed = this.#options.credentials !== undefined
    const head = { status, headers, now: this.clock(), signed }
    const classified = classify(failure, head, this.details(call))
    const isRead = call.method === 'GET' || call.method === 'HEAD'
    return status === 400 && isRead && call.key !== undefined && classified.hint === undefined
      ? classified.with({ hint: keyHint(this.#options.customerKey !== undefined) })
      : classified
  }
}

/** Why a read may be malformed to a service: it says so of the encryption with a customer's key. */
function keyHint(hasKey: boolean): string {
  return hasKey
    ? 'Check the key: what was written with another one, or without one, cannot be read with it.'
    : 'What was encrypted with a key of your own is read only with it: --sse-c-key-file.'
}

/**
 * S3 answers 404 where the object is gone that a write wants to replace; to the caller that is its condition. Where one
 * that is to be removed is gone, that is all the caller wants.
 */
function isReplacement({ method, headers }: Call): boolean {
  return (method === 'PUT' || method === 'POST') && headers?.['if-match'] !== undefined
}

/** The body, with its chunks told to the meter as they go. */
function counted(call: Call): Uint8Array | HttpSource | undefined {
  const { body } = call
  const meter = call.options?.meter
  if (!meter || !body || !('open' in body)) return body
  return {
    size: body.size,
    async *open() {
      for await (const chunk of body.open()) {
        yield chunk
        meter.sent(chunk.length)
      }
    },
  }
}
