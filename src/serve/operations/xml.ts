// XML in requests, and elements that documents of several operations share.
import {
  hasXmlCharacters,
  MalformedXml,
  parseXml,
  xmlElement,
  xmlText,
  type XmlElement,
} from '../../wire/xml.ts'
import { readSmall } from '../body/incoming.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/types.ts'
import { MAX_XML } from './limits.ts'

/** What `take` makes of the document in the request's body. @throws S3Error MalformedXML, MissingRequestBodyError */
export async function fromXml<T>(
  request: S3Request,
  root: string,
  take: (root: XmlElement) => T,
): Promise<T> {
  return parseBody(await readSmall(request, MAX_XML), root, take)
}

/** As fromXml, of a text. @throws S3Error MalformedXML, MissingRequestBodyError */
export function parseBody<T>(text: string, root: string, take: (root: XmlElement) => T): T {
  if (text.trim() === '') throw new S3Error('MissingRequestBodyError')
  try {
    if (!hasXmlCharacters(text)) throw new MalformedXml('a character that XML has not')
    const element = parseXml(text)
    if (element.name !== root) throw new MalformedXml(`<${element.name}> is not <${root}>`)
    return take(element)
  } catch (cause) {
    if (cause instanceof MalformedXml) throw new S3Error('MalformedXML', { cause })
    throw cause
  }
}

/** In whole seconds, as in headers. @param time milliseconds since 1970 */
export function xmlTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}.000Z`
}

/** Accounts are access keys here. */
export function ownerElement(id: string, name = 'Owner'): string {
  return xmlElement(name, xmlText('ID', id), xmlText('DisplayName', id))
}
