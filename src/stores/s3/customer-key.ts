// Encryption with a key that the customer keeps (SSE-C): the service gets it with every request, and forgets it.
import { createHash } from 'node:crypto'
import { HawserError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { isProtected } from './sign.ts'

type Headers = Readonly<Record<string, string>>

const keyBytes = 32

/** How requests carry the key: of the object itself, and of the source of a copy. */
export interface CustomerKeyHeaders {
  readonly object: Headers
  readonly source: Headers
}

const none: CustomerKeyHeaders = { object: {}, source: {} }

/**
 * @param key 32 bytes in base64
 * @throws HawserError invalid-argument for another one, and where anybody on the way could read it
 */
export function customerKeyHeaders(key: Secret | undefined, endpoint: string): CustomerKeyHeaders {
  if (!key) return none
  const bytes = Buffer.from(key.reveal(), 'base64')
  if (bytes.length !== keyBytes || bytes.toString('base64') !== key.reveal())
    throw new HawserError('invalid-argument', `a customer's key has ${keyBytes} bytes`, {
      op: 'options',
    })
  if (!isProtected(new URL(endpoint).origin))
    throw new HawserError('invalid-argument', "a customer's key is not sent over plain http", {
      op: 'options',
      hint: 'Use an https endpoint: over http anybody on the way can read the key.',
    })
  const headers = (prefix: string): Headers => ({
    [`${prefix}-algorithm`]: 'AES256',
    [`${prefix}-key`]: key.reveal(),
    [`${prefix}-key-md5`]: createHash('md5').update(bytes).digest('base64'),
  })
  return {
    object: headers('x-amz-server-side-encryption-customer'),
    source: headers('x-amz-copy-source-server-side-encryption-customer'),
  }
}
