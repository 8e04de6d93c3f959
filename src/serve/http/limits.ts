// How much of the server clients can hold.

export interface Limits {
  /** Of a request's line and headers together, in bytes. */
  readonly headerBytes: number
  /** Requests that run at the same time; the next one is answered 503 SlowDown. */
  readonly requests: number
  /** Connections at the same time; the next one is closed at once. */
  readonly connections: number
  /** Milliseconds in which a request's headers must have come, and then the fields of a form. */
  readonly headersTimeout: number
  /** Milliseconds without a byte in either direction while it is the client's turn; then the connection is closed. */
  readonly idleTimeout: number
  /** Milliseconds that a connection stays open between requests. */
  readonly keepAliveTimeout: number
  /** Milliseconds after which an answer that takes long begins with white space, and between one and the next. */
  readonly patience: number
  /** Milliseconds that running requests have to end in when the server closes. */
  readonly closeTimeout: number
}

export const defaultLimits: Limits = {
  headerBytes: 16 * 1024,
  requests: 256,
  connections: 1024,
  headersTimeout: 60_000,
  idleTimeout: 60_000,
  keepAliveTimeout: 60_000,
  patience: 5_000,
  closeTimeout: 5_000,
}

/** How much of a body that nobody wants is still read, so that its sender gets to see the answer. */
export const unwanted: { readonly bytes: number; readonly milliseconds: number } = {
  bytes: 16 * 1024 * 1024,
  milliseconds: 5_000,
}
