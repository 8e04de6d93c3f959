// Who signs: credentials, and where they come from.
import type { Secret } from '../../core/secret.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken?: Secret | undefined
  readonly expires?: Date | undefined
}

/** Asked before each request: answers from memory as long as it may. */
export type CredentialProvider = (signal?: AbortSignal) => Promise<Credentials>
