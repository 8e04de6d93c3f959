// The one error class of the product: coded, with its address and what to do. Stores classify; nobody matches messages.
import type { Key } from './key.ts'
import { formatAddress, type Location } from './location.ts'

export type ErrorCode =
  | 'not-found'
  | 'already-exists'
  | 'precondition-failed'
  | 'permission-denied'
  | 'unauthenticated'
  | 'unsupported'
  | 'invalid-argument'
  | 'invalid-config'
  | 'range'
  | 'integrity'
  | 'archived'
  | 'offline'
  | 'no-space'
  | 'local-io'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'conflict'
  | 'guard'
  | 'interrupted'
  | 'internal'

/** Whether another try can help: `later` may be tried again, `exhausted` was tried as often as allowed. */
export type Retry = 'never' | 'later' | 'exhausted'

export interface ErrorDetails {
  /** What was being done: a method of the Store port, or a command's own step. */
  readonly op: string
  readonly location?: Location | undefined
  readonly key?: Key | undefined
  readonly retry?: Retry
  /** How long the service asked us to wait, in milliseconds. */
  readonly retryAfter?: number | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  /** What the user can do about it: a sentence. */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

const mark = Symbol.for('hawser.error')

export class HawserError extends Error {
  override readonly name = 'HawserError'
  readonly code: ErrorCode
  readonly op: string
  readonly location: Location | undefined
  readonly key: Key | undefined
  readonly retry: Retry
  readonly retryAfter: number | undefined
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.op = details.op
    this.location = details.location
    this.key = details.key
    this.retry = details.retry ?? 'never'
    this.retryAfter = details.retryAfter
    this.status = details.status
    this.requestId = details.requestId
    this.hint = details.hint
  }

  static {
    Object.defineProperty(this.prototype, mark, { value: true })
  }

  /** The same failure with other details, for a layer that knows more. */
  with(details: Partial<ErrorDetails>): HawserError {
    return new HawserError(this.code, this.message, {
      op: this.op,
      location: this.location,
      key: this.key,
      retry: this.retry,
      retryAfter: this.retryAfter,
      status: this.status,
      requestId: this.requestId,
      hint: this.hint,
      cause: this.cause,
      ...details,
    })
  }

  /** The address that failed, as a user would type it; undefined where no place was involved. */
  get address(): string | undefined {
    return this.location && formatAddress(this.location, this.key)
  }
}

/** Recognises the class by its mark, so that two copies of the library understand each other. */
export function isHawserError(error: unknown): error is HawserError {
  return typeof error === 'object' && error !== null && mark in error
}

/** Any thrown value as a HawserError; what is not one yet is a bug here (`internal`), unless it is an abort. */
export function asHawserError(error: unknown, details: ErrorDetails): HawserError {
  if (isHawserError(error)) return error
  if (isAbort(error))
    return new HawserError('interrupted', 'interrupted', { ...details, cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new HawserError('internal', message, { ...details, cause: error })
}

export function isAbort(error: unknown): boolean {
  if (isHawserError(error)) return error.code === 'interrupted'
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}
