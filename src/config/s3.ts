// Which S3 service, in which region: from the flags, the standard variables of AWS's tools, and the shared profile.
import { HawserError } from '../core/errors.ts'
import type { Environment } from './environment.ts'

export interface ServiceSources {
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  readonly environment: Environment
  /** What the shared profile says. */
  readonly profile: {
    readonly region?: string | undefined
    readonly endpoint?: string | undefined
  }
}

export interface Service {
  /** `https://host:port` */
  readonly endpoint: string
  readonly region: string
  /** AWS's own service, not another one that speaks its protocol. */
  readonly amazon: boolean
}

/** @throws HawserError invalid-argument where an endpoint or region cannot be one */
export function resolveService({
  endpoint,
  region,
  environment,
  profile,
}: ServiceSources): Service {
  const at = firstOf([
    ['--region', region],
    ['AWS_REGION', environment['AWS_REGION']],
    ['AWS_DEFAULT_REGION', environment['AWS_DEFAULT_REGION']],
    ["the profile's region", profile.region],
  ])
  const name = at?.value ?? 'us-east-1'
  if (!/^[A-Za-z0-9-]{1,63}$/.test(name))
    throw refused(`${at?.source} takes a name such as eu-west-1, not ${JSON.stringify(name)}`)
  const ignored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true'
  const configured = firstOf([
    ['--endpoint', endpoint],
    ...(ignored
      ? []
      : ([
          ['AWS_ENDPOINT_URL_S3', environment['AWS_ENDPOINT_URL_S3']],
          ['AWS_ENDPOINT_URL', environment['AWS_ENDPOINT_URL']],
          ["the profile's endpoint_url", profile.endpoint],
        ] as const)),
  ])
  if (configured === undefined) return { endpoint: amazonOf(name), region: name, amazon: true }
  const origin = originOf(configured.value, configured.source)
  return { endpoint: origin, region: name, amazon: /\.amazonaws\.com(\.cn)?$/.test(origin) }
}

/** Buckets as host names, where the service and the name allow it; certificates do not cover names with dots. */
export function addressingOf(service: Service, bucket: string): 'path' | 'virtual-host' {
  return service.amazon && /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)
    ? 'virtual-host'
    : 'path'
}

function amazonOf(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

function originOf(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url && url.pathname === '/' && url.search === '' && url.hash === ''
  const anonymous = url && url.username === '' && url.password === ''
  if (plain && anonymous && (url.protocol === 'https:' || url.protocol === 'http:'))
    return url.origin
  // What is refused may hold a password: it is not repeated.
  throw refused(
    `${source} takes an address such as https://host or http://127.0.0.1:9000`,
    'Only scheme, host and port: no path, no user, no password.',
  )
}

type Named = readonly [source: string, value: string | undefined]

function firstOf(sources: readonly Named[]): { source: string; value: string } | undefined {
  for (const [source, value] of sources) if (value) return { source, value }
  return undefined
}

function refused(message: string, hint?: string): HawserError {
  return new HawserError('invalid-argument', message, { op: 'options', hint })
}
