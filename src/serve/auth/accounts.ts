// Who may ask: access keys and their secrets.
import type { Secret } from '../../core/secret.ts'
import { S3Error } from '../errors.ts'

export interface Account {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
}

export interface Accounts {
  /** The same Secret each time: signing keys are kept for it. */
  find(accessKeyId: string): Secret | undefined
}

export function accountsOf(accounts: Iterable<Account>): Accounts {
  const secrets = new Map<string, Secret>()
  for (const { accessKeyId, secretAccessKey } of accounts) secrets.set(accessKeyId, secretAccessKey)
  return { find: (accessKeyId) => secrets.get(accessKeyId) }
}

/** @throws S3Error InvalidAccessKeyId; InvalidToken for a session's token: the keys here are not of sessions */
export function secretOf(
  accounts: Accounts,
  accessKeyId: string,
  token: string | undefined,
): Secret {
  const secret = accounts.find(accessKeyId)
  if (!secret) throw new S3Error('InvalidAccessKeyId', { extra: { AWSAccessKeyId: accessKeyId } })
  if (token) throw new S3Error('InvalidToken')
  return secret
}
