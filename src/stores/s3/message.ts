// What goes to and comes from an HTTP transport: the types that both of its ways, and the operations above, share.

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly url: HttpUrl
  /** Lower-case names; complete: with host, content-length where there is a body, and authorization. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | HttpSource | undefined
  readonly signal: AbortSignal | undefined
  /** Receive the body of a 2xx answer to a GET straight into this. */
  readonly into?: Uint8Array
  /** Told of the bytes of a body in memory as the connection takes them. */
  readonly onSent?: ((bytes: number) => void) | undefined
  /** Told of the bytes that arrive in `into`, as they do. */
  readonly onReceived?: ((bytes: number) => void) | undefined
}

/** Kept in pieces, so that nothing on the way normalises a key such as `a//../b`. */
export interface HttpUrl {
  /** Scheme, host and port, as in `https://s3.eu-west-1.amazonaws.com`. */
  readonly origin: string
  /** Percent-encoded, from the first `/` on; sent as it is. */
  readonly path: string
  /** Canonical: encoded and sorted, without `?`; empty where there is none. */
  readonly query: string
}

export interface HttpSource {
  readonly size: number
  /** Yields `size` bytes, in buffers that are not changed afterwards. */
  open(): AsyncIterable<Uint8Array>
}

export interface HttpResponse {
  readonly status: number
  /** Lower-case names; values are bytes as Latin-1; those of a repeated field are joined by a comma and a space. */
  readonly headers: ReadonlyMap<string, string>
  /** The body's length as the answer declares it. */
  readonly length: number | undefined
  /** The bytes put into `into`, where it was used. */
  readonly received: number
  /** A pull stream, to be read once; leaving it early frees its connection. Empty where `into` was used for a 2xx. */
  readonly body: AsyncIterable<Uint8Array>
  /** The whole body as UTF-8. @throws unavailable above `limit` bytes */
  text(limit: number): Promise<string>
  /** Frees the connection without the rest of the body. Never throws; after the body was read it does nothing. */
  discard(): Promise<void>
}

/**
 * Sends requests and knows nothing of what they mean: every status is an answer, not an error.
 * @throws offline where the server cannot be reached or its certificate is refused; timeout where no byte moved for too
 * long; unavailable where a connection broke, or an answer is malformed or shorter than it said; interrupted on abort.
 */
export interface Transport extends AsyncDisposable {
  send(request: HttpRequest): Promise<HttpResponse>
}

export interface TransportOptions {
  /** The most connections to one origin, for each of the two ways. */
  readonly connections: number
  /** Milliseconds that a request may go without any byte in either direction. */
  readonly timeout: number
  readonly tls?: TlsOptions | undefined
}

export interface TlsOptions {
  /** Certificates in PEM form to trust instead of the system's. */
  readonly ca?: string | readonly string[] | undefined
}
