// Where requests go: an origin in the pieces that sockets and agents need.
import { HawserError } from '../../core/errors.ts'

/**
 * Milliseconds to try each address of a name with several before the next one is tried as well. Node's own 250 ms
 * gives up on far servers.
 */
export const ADDRESS_WAIT = 2000

export interface Origin {
  readonly secure: boolean
  /** A name or an address; an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
}

/** @throws HawserError invalid-argument for what is not an origin of http or https */
export function parseOrigin(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new HawserError('invalid-argument', `not an http or https address: ${text}`, {
      op: 'http',
    })
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { secure, host, port: Number(url.port) || (secure ? 443 : 80) }
}
