// Where a request goes: the bucket and key in the URL, in one of S3's two styles.
import { keyBytes } from '../../core/key.ts'
import { canonicalQuery, encodeKey } from '../../wire/sigv4.ts'
import type { HttpUrl } from './message.ts'

/** `path`: `https://host/bucket/key`; `virtual-host`: `https://bucket.host/key`. */
export type Addressing = 'path' | 'virtual-host'

/** S3: "The object key name is a sequence of Unicode characters with UTF-8 encoding of up to 1,024 bytes long." */
export const maxKeyBytes = 1024

/** What a request is about: an object, a bucket (without a key), or the service (without either). */
export interface Subject {
  /** Empty for the service. */
  readonly bucket: string
  readonly key: string | undefined
}

/** Why there is no such request, and what to do; undefined where there is. */
export function refusalOf({ bucket, key }: Subject): { message: string; hint: string } | undefined {
  if (bucket !== '' && !/^[A-Za-z0-9][\w.-]{0,254}$/.test(bucket))
    return {
      message: `not a name of a bucket: ${JSON.stringify(bucket)}`,
      hint: 'A name has lower-case letters, digits, dots and hyphens.',
    }
  // An empty key would be the bucket itself: a removal of the one would remove the other.
  if (key === '')
    return { message: 'no key is named', hint: 'Give an address like s3://BUCKET/KEY.' }
  if (key !== undefined && keyBytes(key) > maxKeyBytes)
    return {
      message: 'the key is too long',
      hint: `S3 takes keys of up to ${maxKeyBytes} bytes in UTF-8.`,
    }
  return undefined
}

export function requestUrl(
  endpoint: URL,
  addressing: Addressing,
  { bucket, key }: Subject,
  query: Readonly<Record<string, string | undefined>>,
): HttpUrl {
  const { origin, protocol, host } = endpoint
  const encoded = { query: canonicalQuery(query) }
  if (bucket === '') return { origin, path: '/', ...encoded }
  const path = key === undefined ? '' : `/${encodeKey(key)}`
  return addressing === 'path'
    ? { origin, path: `/${bucket}${path}`, ...encoded }
    : { origin: `${protocol}//${bucket}.${host}`, path: path || '/', ...encoded }
}
