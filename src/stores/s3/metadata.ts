// User metadata as `x-amz-meta-*` headers and back.
//
// Header values are printable ASCII without white space around or doubled inside. Other text travels as an encoded
// word of RFC 2047 (`=?UTF-8?B?…?=`): the form that S3 documents, stores as the text it means and gives back again.
import {
  type Attributes,
  attributesFromMetadata,
  attributesToMetadata,
} from '../../core/attributes.ts'
import { HawserError } from '../../core/errors.ts'
import { decodeWords, encodeWord } from '../../wire/encoded-words.ts'

const prefix = 'x-amz-meta-'

export interface UserMetadata {
  readonly attributes: Attributes
  /** What is there beside the attributes. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface GivenMetadata {
  readonly attributes?: Attributes | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** @throws invalid-argument for a name that is none for a header */
export function metadataHeaders(given: GivenMetadata, op: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const values of [given.metadata ?? {}, attributesToMetadata(given.attributes ?? {})])
    for (const [name, value] of Object.entries(values)) {
      if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
        throw new HawserError(
          'invalid-argument',
          `not a name for metadata: ${JSON.stringify(name)}`,
          {
            op,
            hint: 'S3 takes lower-case letters, digits, dots, hyphens and underscores.',
          },
        )
      headers[prefix + name] = encodeValue(value)
    }
  return headers
}

export function metadataFrom(headers: ReadonlyMap<string, string>): UserMetadata {
  const all: Record<string, string> = {}
  for (const [name, value] of headers)
    if (name.startsWith(prefix)) all[name.slice(prefix.length)] = decodeWords(value)
  const attributes = attributesFromMetadata(all)
  const { mtime, mode, ...metadata } = all
  if (mtime !== undefined && attributes.mtime === undefined) metadata['mtime'] = mtime
  if (mode !== undefined && attributes.mode === undefined) metadata['mode'] = mode
  return { attributes, metadata }
}

/** Spaces that are doubled, or around the text, do not survive every signature and proxy. */
export function encodeValue(value: string): string {
  const isPlain = /^(?:[!-~]+(?: [!-~]+)*)?$/.test(value) && !value.includes('=?')
  return isPlain ? value : encodeWord(value)
}
