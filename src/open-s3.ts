// From a bucket's name to its store: which service, which region, whose credentials.
import { type Environment, homeDirectory } from './config/environment.ts'
import { addressingOf, resolveService } from './config/s3.ts'
import { version } from './config/version.ts'
import type { Store } from './core/store.ts'
import type { OpenOptions } from './open.ts'
import {
  chooseCredentials,
  type CredentialProvider,
  type SharedConfig,
  sharedConfig,
} from './stores/s3/credentials.ts'
import { s3Store } from './stores/s3/store.ts'

/** @throws HawserError invalid-argument, invalid-config; unauthenticated where there are no credentials */
export async function openS3(bucket: string, options: OpenOptions): Promise<Store> {
  const environment = options.environment ?? {}
  const shared = await sharedFiles(options)
  const service = resolveService({
    endpoint: options.endpoint,
    region: options.region,
    environment,
    profile: shared,
  })
  return s3Store({
    endpoint: service.endpoint,
    region: service.region,
    bucket,
    addressing: addressingOf(service, bucket),
    credentials: credentialsOf(options, environment, shared),
    customerKey: options.customerKey,
    connections: options.connections,
    timeout: options.timeout,
    userAgent: `hawser/${version}`,
  })
}

/** The files are looked at only for who asked for the environment, or for a profile. */
async function sharedFiles({ profile, environment, signal }: OpenOptions): Promise<SharedConfig> {
  if (profile === undefined && environment === undefined) return {}
  return sharedConfig(profile, environment ?? {}, homeDirectory(environment ?? {}), signal)
}

function credentialsOf(
  { anonymous, credentials, profile }: OpenOptions,
  environment: Environment,
  shared: SharedConfig,
): CredentialProvider | undefined {
  if (anonymous) return undefined
  if (credentials) return credentials
  const chosen = chooseCredentials({ profile, environment, shared })
  return async () => chosen
}
