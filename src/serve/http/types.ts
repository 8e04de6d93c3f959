// One request and its answer, between HTTP and the operations.
import type { Identity, Payload } from '../auth/types.ts'
import type { Source } from '../body/source.ts'
import type { Vault } from '../vault/types.ts'

/** What a request says before anybody believes it. */
export interface RequestHead {
  readonly method: string
  /** As sent, without the query. */
  readonly rawPath: string
  /** As sent, without the question mark. */
  readonly rawQuery: string
  readonly bucket: string | undefined
  readonly key: string | undefined
  /** The host names the bucket, and the path does not. */
  readonly hosted: boolean
  /** Decoded; of a name that comes twice the first one. */
  readonly query: ReadonlyMap<string, string>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface S3Request extends RequestHead {
  /** Names the request in answers and logs. */
  readonly id: string
  readonly identity: Identity
  readonly payload: Payload
  readonly body: Source
  /** Aborts when the client goes away, and when the server stops. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** XML as text, with its declaration; or bytes, whose length the headers say. */
  readonly body?: string | AsyncIterable<Uint8Array> | undefined
}

/** What the operations share. */
export interface Service {
  readonly vault: Vault
  readonly region: string
  readonly readOnly: boolean
  /** How long a restoration from an archive takes, in milliseconds, by tier. */
  readonly restoreDelay: Readonly<Record<'Expedited' | 'Standard' | 'Bulk', number>>
  /** Milliseconds since 1970. */
  now(): number
}

/** One operation of S3. @throws S3Error */
export type Operation = (request: S3Request, service: Service) => Promise<Answer>
