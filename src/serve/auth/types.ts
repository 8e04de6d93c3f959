// Who asks, and how far the signature covers the body.
import type { KeyObject } from 'node:crypto'

export type Identity =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly accessKeyId: string }

/** What a body's chunks are signed with: the signature of each covers the one before. */
export interface ChunkSigning {
  readonly key: KeyObject
  /** `20130524T000000Z`. */
  readonly time: string
  readonly scope: string
  /** Of the request's head, in hex. */
  readonly seed: string
}

/** How the body comes, by x-amz-content-sha256. */
export type Payload =
  | { readonly kind: 'unsigned' }
  /** The SHA-256 of the whole in hex. */
  | { readonly kind: 'signed'; readonly sha256: string }
  /** In chunks with a framing of their own (aws-chunked), signed or not, and headers behind them or not. */
  | {
      readonly kind: 'chunked'
      readonly signing: ChunkSigning | undefined
      readonly trailer: boolean
    }

export interface Authenticated {
  readonly identity: Identity
  readonly payload: Payload
}
