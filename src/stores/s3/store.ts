// The S3 store: everything that speaks Amazon's S3, behind the Store port.
import type { Secret } from '../../core/secret.ts'
import type { Store, Traits } from '../../core/store.ts'
import { type Addressing, maxKeyBytes } from './address.ts'
import { s3Archive } from './archive.ts'
import { s3Buckets } from './buckets.ts'
import { Client } from './client.ts'
import { s3Copy } from './copy.ts'
import type { CredentialProvider } from './credentials.ts'
import { httpTransport } from './http.ts'
import { listObjects } from './list.ts'
import type { TlsOptions } from './message.ts'
import { s3Multipart } from './multipart.ts'
import { statObject, writeObject } from './objects.ts'
import { readObject, readObjectInto } from './read.ts'
import { removeObjects } from './remove.ts'

export interface S3Options {
  /** An origin: `https://s3.eu-west-1.amazonaws.com`, `http://127.0.0.1:7580`. */
  readonly endpoint: string
  readonly region: string
  /** Empty for the service as a whole: then only `buckets` can be used. */
  readonly bucket: string
  readonly addressing: Addressing
  /** Undefined asks without a signature, as anybody. */
  readonly credentials: CredentialProvider | undefined
  /** 32 bytes in base64: objects are encrypted with it by the service, which does not keep it (SSE-C). */
  readonly customerKey?: Secret | undefined
  /** The most connections at once; 64. */
  readonly connections?: number | undefined
  /** Milliseconds that a request may go without any byte in either direction; 60,000. */
  readonly timeout?: number | undefined
  /** The most keys in one answer of a listing; 1,000, which is also the most that S3 gives. */
  readonly pageSize?: number | undefined
  readonly userAgent?: string | undefined
  readonly tls?: TlsOptions | undefined
  readonly clock?: (() => Date) | undefined
}

const traits: Traits = {
  order: 'key',
  hierarchical: false,
  modified: 'stored',
  conditions: new Set(['if-absent', 'if-match']),
  etagIsMd5: true,
  maxKeyBytes,
}

/**
 * Nothing is sent before the first call. Never retries by itself: errors say whether another try can help.
 * @throws HawserError invalid-argument for a customer's key that is none, or that would go over plain http
 */
export function s3Store(options: S3Options): Store {
  const transport = httpTransport({
    connections: options.connections ?? 64,
    timeout: options.timeout ?? 60_000,
    tls: options.tls,
  })
  const client = new Client({
    ...options,
    userAgent: options.userAgent ?? 'hawser',
    clock: options.clock ?? (() => new Date()),
    transport,
  })
  return {
    location: client.location,
    // The etag of an encrypted object is not of the bytes that were sent.
    traits: options.customerKey ? { ...traits, etagIsMd5: false } : traits,
    list: (prefix, o) => listObjects(client, prefix, options.pageSize ?? 1000, o),
    stat: (key, o) => statObject(client, key, o),
    read: (key, o) => readObject(client, key, o),
    readInto: (key, target, position, o) => readObjectInto(client, key, target, position, o),
    write: (key, body, o) => writeObject(client, key, body, o),
    remove: (refs, o) => removeObjects(client, refs, o),
    multipart: s3Multipart(client),
    copy: s3Copy(client),
    rename: undefined,
    buckets: s3Buckets(client),
    lineage: undefined,
    withFile: undefined,
    archive: s3Archive(client),
    setAttributes: undefined,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}
