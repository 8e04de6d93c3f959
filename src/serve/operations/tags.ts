// Tags of objects and buckets: their rules ("Categorizing your objects using tags" in the Amazon S3 User Guide), as a
// header and as XML.
import {
  child,
  needText,
  xmlDocument,
  xmlElement,
  xmlText,
  type XmlElement,
} from '../../wire/xml.ts'
import { S3Error } from '../errors.ts'
import { invalidArgument } from './arguments.ts'

export type Tags = Readonly<Record<string, string>>

export const noTags: Tags = {}
export const MAX_OBJECT_TAGS = 10
export const MAX_BUCKET_TAGS = 50

/** @param header a query: `a=1&b=2`. @throws S3Error InvalidArgument, InvalidTag, BadRequest */
export function parseTagHeader(header: string | undefined): Tags {
  if (header === undefined || header === '') return noTags
  const pairs: (readonly [string, string])[] = []
  for (const piece of header.split('&')) {
    const equals = piece.indexOf('=')
    const name = decode(equals === -1 ? piece : piece.slice(0, equals), header)
    pairs.push([name, equals === -1 ? '' : decode(piece.slice(equals + 1), header)])
  }
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw malformedHeader(header)
  return checkTags(pairs, MAX_OBJECT_TAGS)
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw malformedHeader(header)
  }
}

function malformedHeader(header: string): S3Error {
  return invalidArgument(
    'x-amz-tagging',
    header,
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
  )
}

/** @throws S3Error InvalidTag, BadRequest, and MalformedXml */
export function parseTagging(root: XmlElement, limit: number): Tags {
  const set = child(root, 'TagSet')
  if (root.name !== 'Tagging' || !set) throw new S3Error('MalformedXML')
  return checkTags(tagPairs(set), limit)
}

export function tagPairs(set: XmlElement): readonly (readonly [string, string])[] {
  return set.children.map((tag) => {
    if (tag.name !== 'Tag') throw new S3Error('MalformedXML')
    return [needText(tag, 'Key'), needText(tag, 'Value')]
  })
}

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export function checkTags(pairs: readonly (readonly [string, string])[], limit: number): Tags {
  if (pairs.length > limit)
    throw new S3Error('BadRequest', {
      message: `${limit === MAX_OBJECT_TAGS ? 'Object' : 'Bucket'} tags cannot be greater than ${limit}`,
    })
  const seen = new Set<string>()
  for (const [name, value] of pairs) {
    if (name === '' || name.length > 128 || !allowed.test(name))
      throw invalidTag('The TagKey you have provided is invalid', name)
    if (value.length > 256 || !allowed.test(value))
      throw invalidTag('The TagValue you have provided is invalid', name)
    if (/^aws:/i.test(name))
      throw invalidTag('System tags cannot be added/updated by requester', name)
    if (seen.has(name)) throw invalidTag('Cannot provide multiple Tags with the same key', name)
    seen.add(name)
  }
  return Object.fromEntries(pairs)
}

function invalidTag(message: string, name: string): S3Error {
  return new S3Error('InvalidTag', { message, extra: { TagKey: name } })
}

export function taggingXml(tags: Tags): string {
  return xmlDocument(
    'Tagging',
    xmlElement(
      'TagSet',
      ...Object.entries(tags).map(([name, value]) =>
        xmlElement('Tag', xmlText('Key', name), xmlText('Value', value)),
      ),
    ),
  )
}
