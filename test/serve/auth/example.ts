// The account, time and place of the examples in the Amazon S3 API Reference, and requests as they arrive.
import { expect } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { accountsOf, type Account, type Accounts } from '../../../src/serve/auth/accounts.ts'
import type { RequestHead } from '../../../src/serve/http/types.ts'

export const account: Account = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
}
export const accounts: Accounts = accountsOf([account])
export const region = 'us-east-1'
export const day: Date = new Date('2013-05-24T00:00:00Z')
export const host = 'examplebucket.s3.amazonaws.com'

export function headOf(
  method: string,
  target: string,
  headers: Readonly<Record<string, string | undefined>>,
): RequestHead {
  const mark = target.indexOf('?')
  const rawQuery = mark === -1 ? '' : target.slice(mark + 1)
  const query = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(rawQuery))
    if (!query.has(name)) query.set(name, value)
  return {
    method,
    rawPath: mark === -1 ? target : target.slice(0, mark),
    rawQuery,
    bucket: undefined,
    key: undefined,
    hosted: false,
    query,
    headers,
  }
}

/** What an S3Error is expected to be. */
export function refusal(
  code: string,
  message?: RegExp | string,
  extra?: Readonly<Record<string, unknown>>,
): unknown {
  return expect.objectContaining({
    name: 'S3Error',
    code,
    ...(message !== undefined && { message: expect.stringMatching(message) }),
    ...(extra && { extra: expect.objectContaining(extra) }),
  })
}
