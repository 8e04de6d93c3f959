// What can go wrong between a request and its answer, as coded errors.
import { HawserError } from '../../core/errors.ts'
import type { Origin } from './origin.ts'

const op = 'http'

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ENOTFOUND: 'is not known to the name service',
  EAI_AGAIN: 'cannot be looked up: the name service does not answer',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached: there is no network',
  EHOSTDOWN: 'is down',
  ENETDOWN: 'cannot be reached: the network is down',
  EADDRNOTAVAIL: 'cannot be reached from this address',
}

/** Codes of OpenSSL and of Node for a certificate, or a handshake, that another try will not mend. */
const certificate =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_|INVALID_|EPROTO$)/

/** Any error of a socket, of TLS or of node:http. */
export function connectionFailure(error: unknown, origin: Origin): HawserError {
  const code = errorCode(error)
  const server = `${origin.host}:${origin.port}`
  const reason = unreachable[code]
  if (reason !== undefined)
    return new HawserError('offline', `${server} ${reason}`, {
      op,
      retry: 'later',
      hint: `Check the endpoint ${server} and the network.`,
      cause: error,
    })
  if (code === 'ETIMEDOUT')
    return new HawserError('timeout', `no connection to ${server} in time`, {
      op,
      retry: 'later',
      cause: error,
    })
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return new HawserError('offline', `${server} does not answer in https`, {
      op,
      retry: 'never',
      hint: `Check the endpoint ${server}: it may speak http.`,
      cause: error,
    })
  if (certificate.test(code))
    return new HawserError('offline', `no trusted connection to ${server}: ${messageOf(error)}`, {
      op,
      retry: 'never',
      hint: `Have the certificate of ${server} mended, or trust its authority with NODE_EXTRA_CA_CERTS=FILE.`,
      cause: error,
    })
  if (code.startsWith('HPE_')) return malformed(messageOf(error), error)
  return broken(`the connection to ${server} broke`, error)
}

/** The connection ended before the answer did. */
export function broken(message: string, cause?: unknown): HawserError {
  return new HawserError('unavailable', message, { op, retry: 'later', cause })
}

export function malformed(what: string, cause?: unknown): HawserError {
  return new HawserError('unavailable', `a malformed answer: ${what}`, {
    op,
    retry: 'later',
    cause,
  })
}

export function truncated(received: number, length: number): HawserError {
  return broken(`the answer ended after ${received} of ${length} bytes`)
}

export function tooLong(limit: number): HawserError {
  return new HawserError(
    'unavailable',
    `an answer of more than ${limit} bytes where a short one belongs`,
    { op },
  )
}

/** More bytes came than were asked for. */
export function oversized(length: number, room: number): HawserError {
  return new HawserError('internal', `a body of ${length} bytes for a buffer of ${room}`, { op })
}

export function timedOut(milliseconds: number, origin: Origin): HawserError {
  return new HawserError(
    'timeout',
    `no byte to or from ${origin.host}:${origin.port} for ${milliseconds / 1000} s`,
    { op, retry: 'later' },
  )
}

export function interrupted(signal: AbortSignal): HawserError {
  return new HawserError('interrupted', 'interrupted', { op, cause: signal.reason })
}

export function closed(): HawserError {
  return new HawserError('internal', 'a request on a closed transport', { op })
}

export function errorCode(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
