// From a bucket's name to its store: which service, which region, whose credentials.
import { addressingOf, resolveService } from './config/s3.ts'
import { version } from './config/version.ts'
import { HawserError } from './core/errors.ts'
import { Secret } from './core/secret.ts'
import type { Store } from './core/store.ts'
import type { OpenOptions } from './open.ts'
import type { CredentialProvider } from './stores/s3/credentials.ts'
import { s3Store } from './stores/s3/store.ts'

/** @throws HawserError invalid-argument; unauthenticated where there are no credentials */
export async function openS3(bucket: string, options: OpenOptions): Promise<Store> {
  const environment = options.environment ?? {}
  const service = resolveService({
    endpoint: options.endpoint,
    region: options.region,
    environment,
    profile: {},
  })
  return s3Store({
    endpoint: service.endpoint,
    region: service.region,
    bucket,
    addressing: addressingOf(service, bucket),
    credentials: options.anonymous ? undefined : credentialsOf(options),
    connections: options.connections,
    timeout: options.timeout,
    userAgent: `hawser/${version}`,
  })
}

function credentialsOf({ credentials, environment = {} }: OpenOptions): CredentialProvider {
  if (credentials) return credentials
  const accessKeyId = environment['AWS_ACCESS_KEY_ID']
  const secret = environment['AWS_SECRET_ACCESS_KEY']
  const token = environment['AWS_SESSION_TOKEN']
  if (accessKeyId && secret) {
    const sessionToken = token ? new Secret(token) : undefined
    const found = { accessKeyId, secretAccessKey: new Secret(secret), sessionToken }
    return async () => found
  }
  throw new HawserError('unauthenticated', 'no credentials were found', {
    op: 'open',
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or fill ~/.aws/credentials (another profile of it: --profile), or use --no-sign-request for a public bucket.',
  })
}
