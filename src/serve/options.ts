// What a server can be told, checked once.
import { randomBytes } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import { HawserError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'
import type { Location } from '../core/location.ts'
import type { RequestRecord } from './http/handler.ts'
import { defaultLimits, type Limits } from './http/limits.ts'
import type { Service } from './http/types.ts'

export type { RequestRecord }

export interface ServeCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
}

export interface ServeOptions {
  /** 127.0.0.1. An address that others can reach needs credentials, or `anonymous`. */
  readonly host?: string | undefined
  /** 0, the default, takes any free one. */
  readonly port?: number | undefined
  /** Who may use the server, and what they make is theirs. Without them, and without `anonymous`, a pair is made. */
  readonly credentials?: readonly ServeCredentials[] | undefined
  /** Whether everybody may read everything. */
  readonly anonymous?: 'read' | undefined
  /** Refuses every change. */
  readonly readOnly?: boolean | undefined
  /** In PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined
  /** What requests are signed for: us-east-1. */
  readonly region?: string | undefined
  /**
   * A directory of the server's own, for what the store cannot hold. For a local directory `.hawser/s3` in it, for
   * memory a temporary one; any other store needs one.
   */
  readonly ledger?: string | undefined
  /** Names of this server that take a bucket's name in front of them, as `localhost` always does. */
  readonly domains?: readonly string[] | undefined
  /** How long restoring an object from an archive class takes, in milliseconds, by tier: at once unless said. */
  readonly restoreDelay?: Partial<Service['restoreDelay']> | undefined
  /** Milliseconds since 1970. */
  readonly clock?: (() => number) | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Told of every request after its answer. It must not throw. */
  readonly onRequest?: ((record: RequestRecord) => void) | undefined
  /** Told what was behind an answer of 500 and more, which no client gets to see, and the request's id. No throwing. */
  readonly onFailure?: ((cause: unknown, id: string) => void) | undefined
}

export interface CheckedOptions {
  readonly host: string
  readonly port: number
  readonly credentials: readonly ServeCredentials[]
  readonly anonymousRead: boolean
  readonly readOnly: boolean
  readonly tls: ServeOptions['tls']
  readonly region: string
  /** Undefined: a temporary directory. */
  readonly ledger: string | undefined
  readonly domains: readonly string[]
  readonly restoreDelay: Service['restoreDelay']
  readonly now: () => number
  readonly limits: Limits
  readonly onRequest: ServeOptions['onRequest']
  readonly onFailure: ServeOptions['onFailure']
}

/** @throws HawserError invalid-argument, invalid-config */
export function checkOptions(options: ServeOptions, location: Location): CheckedOptions {
  const host = options.host ?? '127.0.0.1'
  const port = options.port ?? 0
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw invalid(`${port} is no port`, 'Ports are whole numbers from 0, any free one, to 65535.')
  if (options.anonymous !== undefined && options.anonymous !== 'read')
    throw invalid('anonymous can only be "read"', 'Writing always needs a signature.')
  const anonymousRead = options.anonymous === 'read'
  const given = checkCredentials(options.credentials ?? [])
  if (given.length === 0 && !anonymousRead && !isLoopback(host))
    throw new HawserError(
      'invalid-config',
      `${host} can be reached by others, and there are no credentials`,
      { op: 'serve', hint: 'Give an access key and its secret, or let everybody read.' },
    )
  const none = given.length === 0 && !anonymousRead
  return {
    host,
    port,
    credentials: none ? [newCredentials()] : given,
    anonymousRead,
    readOnly: options.readOnly ?? false,
    tls: options.tls,
    region: options.region ?? 'us-east-1',
    ledger: options.ledger ?? defaultLedger(location),
    domains: ['localhost', ...(options.domains ?? []).map(checkDomain)],
    restoreDelay: checkDelays(options.restoreDelay),
    now: options.clock ?? Date.now,
    limits: checkLimits(options.limits),
    onRequest: options.onRequest,
    onFailure: options.onFailure,
  }
}

function checkCredentials(credentials: readonly ServeCredentials[]): readonly ServeCredentials[] {
  const seen = new Set<string>()
  for (const { accessKeyId, secretAccessKey } of credentials) {
    // What a signature's scope and a header can carry.
    if (!/^[\w.+=@-]{1,128}$/.test(accessKeyId))
      throw invalid(
        `${JSON.stringify(accessKeyId)} is no access key`,
        'An access key has 1 to 128 letters, digits and . _ + = @ -',
      )
    if (secretAccessKey.reveal() === '')
      throw invalid(`the secret of ${accessKeyId} is empty`, 'Give every access key a secret.')
    if (seen.has(accessKeyId))
      throw invalid(`the access key ${accessKeyId} is given twice`, 'Give each one once.')
    seen.add(accessKeyId)
  }
  return credentials
}

function newCredentials(): ServeCredentials {
  return {
    accessKeyId: `HAWSER${randomBytes(7).toString('hex').toUpperCase()}`,
    secretAccessKey: new Secret(randomBytes(30).toString('base64url')),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function defaultLedger({ scheme, root }: Location): string | undefined {
  if (scheme === 'file') return join(root, '.hawser', 's3')
  if (scheme === 'memory') return undefined
  throw invalid(
    `nothing says where to keep what ${scheme}:// cannot hold`,
    'Name a directory of this server’s own: the option `ledger`.',
  )
}

function checkDomain(domain: string): string {
  const name = domain.toLowerCase()
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name))
    throw invalid(`${JSON.stringify(domain)} is no host's name`, 'Such as s3.example.org.')
  return name
}

function checkDelays(delays: ServeOptions['restoreDelay'] = {}): Service['restoreDelay'] {
  const { Expedited = 0, Standard = 0, Bulk = 0 } = delays
  const checked = { Expedited, Standard, Bulk }
  for (const [tier, delay] of Object.entries(checked))
    if (!Number.isFinite(delay) || delay < 0)
      throw invalid(`restoreDelay.${tier} is ${delay}`, 'Delays are milliseconds.')
  return checked
}

function checkLimits(limits: Partial<Limits> = {}): Limits {
  const checked = { ...defaultLimits, ...limits }
  for (const [name, limit] of Object.entries(checked))
    if (!Number.isInteger(limit) || limit < (name === 'closeTimeout' ? 0 : 1))
      throw invalid(`limits.${name} is ${limit}`, 'Limits are whole numbers.')
  return checked
}

function invalid(message: string, hint: string): HawserError {
  return new HawserError('invalid-argument', message, { op: 'serve', hint })
}
