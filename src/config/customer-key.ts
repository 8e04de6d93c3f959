// The key that a customer encrypts with (SSE-C), as a file has it: 32 bytes, or their text in base64 or hex.
import { readFileSync } from 'node:fs'
import { HawserError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'

const keyBytes = 32

/**
 * The key in base64, as stores take it. A line break at the end of a text is none of it.
 * @param source what to name in errors; the content never is
 * @throws HawserError invalid-config
 */
export function parseCustomerKey(content: Uint8Array, source: string): Secret {
  if (content.length === keyBytes) return secretOf(content)
  const text = Buffer.from(content)
    .toString('latin1')
    .replace(/\r?\n$/, '')
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return secretOf(Buffer.from(text, 'hex'))
  const bytes = Buffer.from(text, 'base64')
  if (/^[A-Za-z0-9+/]{43}=$/.test(text) && bytes.toString('base64') === text) return secretOf(bytes)
  throw new HawserError('invalid-config', `no key for encryption is in ${source}`, {
    op: 'options',
    hint: `It takes ${keyBytes} bytes, or 44 characters of base64, or 64 of hex. Make one with: openssl rand -base64 32`,
  })
}

function secretOf(bytes: Uint8Array): Secret {
  return new Secret(Buffer.from(bytes).toString('base64'))
}

/** @throws HawserError local-io, invalid-config */
export function readCustomerKey(file: string): Secret {
  let content: Uint8Array
  try {
    content = readFileSync(file)
  } catch (cause) {
    throw new HawserError('local-io', `cannot read ${file}`, {
      op: 'options',
      hint: 'Check its name, and that you may read it.',
      cause,
    })
  }
  return parseCustomerKey(content, file)
}
