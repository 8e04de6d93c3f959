// User metadata as `x-amz-meta-*` headers and back.
//
// Header values are printable ASCII without white space around or doubled inside. Other text travels as an encoded
// word of RFC 2047 (`=?UTF-8?B?…?=`): the form that S3 documents, stores as the text it means and gives back again.
import {
  type Attributes,
  attributesFromMetadata,
  attributesToMetadata,
  type SplitMetadata,
} from '../../core/attributes.ts'
import { type ErrorDetails, HawserError } from '../../core/errors.ts'
import { decodeWords, encodeWord } from '../../wire/encoded-words.ts'

const prefix = 'x-amz-meta-'

/** S3: the bytes of all names and values in UTF-8. */
const maxBytes = 2048

export interface GivenMetadata {
  readonly attributes?: Attributes | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** @throws invalid-argument for a name that is none for a header, and for more than S3 keeps */
export function metadataHeaders(
  given: GivenMetadata,
  details: ErrorDetails,
): Record<string, string> {
  const headers: Record<string, string> = {}
  let size = 0
  for (const values of [given.metadata ?? {}, attributesToMetadata(given.attributes ?? {})])
    for (const [name, value] of Object.entries(values)) {
      if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
        throw new HawserError(
          'invalid-argument',
          `not a name for metadata: ${JSON.stringify(name)}`,
          {
            ...details,
            hint: 'S3 takes lower-case letters, digits, dots, hyphens and underscores.',
          },
        )
      headers[prefix + name] = encodeValue(value)
      size += Buffer.byteLength(name) + Buffer.byteLength(value)
    }
  if (size > maxBytes)
    throw new HawserError('invalid-argument', `the metadata takes ${size} bytes`, {
      ...details,
      hint: given.attributes?.xattrs
        ? `S3 keeps at most ${maxBytes}: leave out the extended attributes, or this object.`
        : `S3 keeps at most ${maxBytes}.`,
    })
  return headers
}

export function metadataFrom(headers: ReadonlyMap<string, string>): SplitMetadata {
  const all: Record<string, string> = {}
  for (const [name, value] of headers)
    if (name.startsWith(prefix)) all[name.slice(prefix.length)] = decodeWords(value)
  return attributesFromMetadata(all)
}

/** Spaces that are doubled, or around the text, do not survive every signature and proxy. */
export function encodeValue(value: string): string {
  const isPlain = /^(?:[!-~]+(?: [!-~]+)*)?$/.test(value) && !value.includes('=?')
  return isPlain ? value : encodeWord(value)
}
