// What the tests ask of an S3 client, each in its own words.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ClientCommand } from '../../servers/clients.ts'
import type { S3Endpoint } from '../../servers/s3.ts'

export interface ObjectFacts {
  readonly contentType: string
  /** User metadata with the name `note`. */
  readonly note: string
}

export interface Presigned {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly url: string
  /** Of a form, before the file. */
  readonly fields?: Readonly<Record<string, string>> | undefined
}

export interface Client {
  makeBucket(bucket: string): Promise<void>
  /** Sends what is not there yet; objects of 20 MiB in parts. */
  upload(directory: string, bucket: string): Promise<void>
  download(bucket: string, directory: string): Promise<void>
  /** Sizes by key. */
  list(bucket: string): Promise<Map<string, number>>
  /** Removes the objects. */
  empty(bucket: string): Promise<void>
  removeBucket(bucket: string): Promise<void>
  put(file: string, bucket: string, key: string, facts: ObjectFacts): Promise<void>
  /** Inside the server, in parts where the client does that. */
  copy(bucket: string, from: string, to: string): Promise<void>
  facts(bucket: string, key: string): Promise<ObjectFacts>
  /** All that it can sign: to read the key, to write it, and to fill in a form for it. */
  presign(bucket: string, key: string): Promise<readonly Presigned[]>
}

/** Makes a client for an endpoint, with a directory of its own for what it keeps between runs. */
export type MakeClient = (client: ClientCommand, endpoint: S3Endpoint, home: string) => Client

const run = promisify(execFile)

/**
 * Runs a program and gives its standard output.
 * @throws Error with what it complained about
 */
export async function output(
  { command, env }: ClientCommand,
  argv: readonly string[],
): Promise<string> {
  const { stdout } = await run(command, argv, { env, maxBuffer: 16 * 1024 * 1024 })
  return stdout
}

export function withEnvironment(
  { command, env }: ClientCommand,
  more: Readonly<Record<string, string>>,
): ClientCommand {
  return { command, env: { ...env, ...more } }
}

/** What AWS's own software reads. */
export function awsEnvironment(endpoint: S3Endpoint, home: string): Record<string, string> {
  return {
    HOME: home,
    AWS_ACCESS_KEY_ID: endpoint.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.secretAccessKey,
    AWS_REGION: endpoint.region,
    AWS_DEFAULT_REGION: endpoint.region,
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

export function parseSizes(listing: string, line: RegExp): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const text of listing.split('\n')) {
    const [, size, key] = line.exec(text) ?? []
    if (key !== undefined) sizes.set(key, Number(size))
  }
  return sizes
}
