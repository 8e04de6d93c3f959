// What a test needs to run against the real S3 servers of the run.
import { randomBytes } from 'node:crypto'
import { describe, inject, test } from 'vitest'

/** A running S3 server with empty storage at the start of the run, and two users who own nothing yet. */
export interface S3Endpoint {
  /** `ceph` and the major version: `ceph20` is the strict profile, `ceph16` the old one; `hawser`: our own. */
  readonly name: string
  readonly version: string
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly otherAccessKeyId: string
  readonly otherSecretAccessKey: string
}

/** A server that the run does not have. */
export interface MissingServer {
  readonly name: string
  readonly reason: string
  /** The tests that need it fail, rather than being skipped. */
  readonly required: boolean
}

export interface S3Servers {
  readonly endpoints: readonly S3Endpoint[]
  readonly missing: readonly MissingServer[]
}

declare module 'vitest' {
  interface ProvidedContext {
    s3Servers: S3Servers | undefined
  }
}

/** The running S3 servers. */
export function s3Endpoints(): readonly S3Endpoint[] {
  return servers().endpoints
}

/**
 * Declares a suite once for each S3 server, or for those named. For one that cannot be had the suite
 * is skipped, test by test, or fails where `CI` is true; its endpoint then leads nowhere.
 */
export function describeS3(
  title: string,
  suite: (endpoint: S3Endpoint) => void,
  names: readonly string[] = [],
): void {
  const { endpoints, missing } = servers()
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name)
  for (const endpoint of endpoints) {
    if (wanted(endpoint.name)) describe(`${title}, ${endpoint.name}`, () => suite(endpoint))
  }
  for (const { name, reason, required } of missing) {
    if (!wanted(name)) continue
    if (required) {
      describe(`${title}, ${name}`, () => {
        test('has its server', () => {
          throw new Error(`The test server ${name} cannot be had: ${reason}`)
        })
      })
    } else describe.skip(`${title}, ${name}`, () => suite(nowhere(name)))
  }
}

/** A bucket name that no other test has. */
export function createBucketName(): string {
  return `hawser-${randomBytes(8).toString('hex')}`
}

function servers(): S3Servers {
  const provided = inject('s3Servers')
  if (!provided) {
    throw new Error(
      'A test file has the S3 servers only where global-setup.ts sees that it needs them',
    )
  }
  return provided
}

function nowhere(name: string): S3Endpoint {
  return {
    name,
    version: '',
    url: 'http://127.0.0.1:9',
    region: 'us-east-1',
    accessKeyId: 'none',
    secretAccessKey: 'none',
    otherAccessKeyId: 'none',
    otherSecretAccessKey: 'none',
  }
}
