// What the headers of a write say of the object, checked, as it is kept with it.
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'
import type { Facts } from '../vault/types.ts'
import { invalidArgument } from './arguments.ts'
import { checkHeaderValue, decodeHeaderText } from './header-text.ts'
import { storageClassOf } from './storage-class.ts'
import { parseTagHeader } from './tags.ts'
import { refuseUnsupported } from './unsupported.ts'

/** Of names and values in UTF-8. */
const MAX_METADATA = 2048

const META = 'x-amz-meta-'

const kept: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
]

/** RFC 9110, section 5.6.2; may be empty behind the prefix. */
const token = /^[!#$%&'*+\-.^_`|~0-9a-z]*$/

const nothing: Readonly<Record<string, string>> = {}

/** @throws S3Error NotImplemented, MetadataTooLarge, InvalidStorageClass, InvalidTag, ... */
export function factsFrom(headers: RequestHead['headers']): Facts {
  refuseUnsupported(headers)
  const contentType = headers['content-type']
  return {
    contentType: contentType ? checkHeaderValue('content-type', contentType) : undefined,
    headers: keptHeaders(headers),
    metadata: metadataFrom(headers),
    tags: parseTagHeader(headers['x-amz-tagging']),
    storageClass: storageClassOf(headers['x-amz-storage-class']),
  }
}

function keptHeaders(headers: RequestHead['headers']): Readonly<Record<string, string>> {
  let some: Record<string, string> | undefined
  for (const name of kept) {
    const sent = headers[name]
    const value = name === 'content-encoding' && sent ? withoutChunks(sent) : sent
    if (value) (some ??= {})[name] = checkHeaderValue(name, value)
  }
  return some ?? nothing
}

/** aws-chunked is the framing of this request, not of the object. */
function withoutChunks(encoding: string): string {
  if (!/aws-chunked/i.test(encoding)) return encoding
  return encoding
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one.toLowerCase() !== 'aws-chunked')
    .join(',')
}

function metadataFrom(headers: RequestHead['headers']): Readonly<Record<string, string>> {
  let some: (readonly [string, string])[] | undefined
  let size = 0
  for (const header in headers) {
    if (!header.startsWith(META)) continue
    const name = header.slice(META.length)
    if (!token.test(name))
      throw invalidArgument(header, name, 'The name of user metadata is not one for a header.')
    const value = decodeHeaderText(headers[header] ?? '')
    size += Buffer.byteLength(name) + Buffer.byteLength(value)
    ;(some ??= []).push([name, value])
  }
  if (size > MAX_METADATA)
    throw new S3Error('MetadataTooLarge', {
      extra: { Size: String(size), MaxSizeAllowed: String(MAX_METADATA) },
    })
  return some ? Object.fromEntries(some) : nothing
}
