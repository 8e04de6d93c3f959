// From a message's head to what S3 understands by it: bucket, key and query.
//
// The path is taken as sent: nothing in it is normalised, since `a//b` and `a/../b` are keys.
import { S3Error } from '../errors.ts'
import type { MessageHead } from './message-head.ts'
import type { RequestHead } from './types.ts'

const maxKeyBytes = 1024

/**
 * @param domains Names of this server, in lower case, in front of which a bucket's name may stand
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function readHead(message: MessageHead, domains: readonly string[]): RequestHead {
  const { method, target, headers } = message
  const { rawPath, rawQuery } = splitTarget(target)
  const hosted = domains.length === 0 ? undefined : hostedBucket(headers['host'], domains)
  const { bucket, key } = splitPath(rawPath, hosted)
  return {
    method,
    rawPath,
    rawQuery,
    bucket,
    key,
    hosted: hosted !== undefined,
    query: parseQuery(rawQuery),
    headers,
  }
}

function splitTarget(target: string): { readonly rawPath: string; readonly rawQuery: string } {
  let url = target
  if (!url.startsWith('/')) {
    // As a proxy is asked: RFC 9112, 3.2.2.
    const origin = /^https?:\/\/[^/?]+/i.exec(url)
    if (!origin) throw new S3Error('InvalidURI')
    url = url.slice(origin[0].length)
  }
  const mark = url.indexOf('?')
  const rawPath = mark === -1 ? url : url.slice(0, mark)
  return { rawPath: rawPath || '/', rawQuery: mark === -1 ? '' : url.slice(mark + 1) }
}

function splitPath(
  rawPath: string,
  hosted: string | undefined,
): { readonly bucket: string | undefined; readonly key: string | undefined } {
  if (!/^[!-~]*$/.test(rawPath)) throw new S3Error('InvalidURI')
  if (hosted !== undefined) return { bucket: hosted, key: keyOf(rawPath.slice(1)) }
  const slash = rawPath.indexOf('/', 1)
  const bucket = rawPath.slice(1, slash === -1 ? undefined : slash)
  if (bucket === '' && rawPath.length > 1)
    throw new S3Error('InvalidURI', { message: 'The path names no bucket.' })
  return {
    bucket: bucket === '' ? undefined : decode(bucket),
    key: slash === -1 ? undefined : keyOf(rawPath.slice(slash + 1)),
  }
}

function keyOf(raw: string): string | undefined {
  return raw === '' ? undefined : checkKeyLength(decode(raw))
}

/** The key. @throws S3Error KeyTooLongError */
export function checkKeyLength(key: string): string {
  if (key.length * 3 > maxKeyBytes) {
    const size = Buffer.byteLength(key)
    if (size > maxKeyBytes)
      throw new S3Error('KeyTooLongError', {
        extra: { Size: String(size), MaxSizeAllowed: String(maxKeyBytes) },
      })
  }
  return key
}

/** The bucket that the Host header names, where it names one. */
function hostedBucket(host: string | undefined, domains: readonly string[]): string | undefined {
  if (host === undefined) return undefined
  const name = host.replace(/:\d*$/, '').toLowerCase()
  if (domains.includes(name)) return undefined
  let longest: string | undefined
  for (const domain of domains)
    if (name.endsWith(`.${domain}`) && domain.length > (longest?.length ?? 0)) longest = domain
  const bucket = longest && name.slice(0, -longest.length - 1)
  return bucket || undefined
}

const noQuery: ReadonlyMap<string, string> = new Map()

function parseQuery(raw: string): ReadonlyMap<string, string> {
  if (raw === '') return noQuery
  const query = new Map<string, string>()
  for (const pair of raw.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeQuery(equals === -1 ? pair : pair.slice(0, equals))
    if (!query.has(name)) query.set(name, equals === -1 ? '' : decodeQuery(pair.slice(equals + 1)))
  }
  return query
}

function decodeQuery(text: string): string {
  return decode(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

/** Percent-encoded UTF-8. @throws S3Error InvalidURI for anything else */
export function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw new S3Error('InvalidURI')
  }
}
