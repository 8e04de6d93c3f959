// What S3 keeps with an object beside its bytes and user metadata, as headers and back.
import { type ErrorDetails, HawserError } from '../../core/errors.ts'
import type { ObjectProperties } from '../../core/store.ts'
import { escapeXml, needText, type XmlElement } from '../../wire/xml.ts'
import { isOfCloudTier } from './cloud-tier.ts'

/** Those that are a header of the same meaning in writes and in reads. */
const headerNames = {
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
  storageClass: 'x-amz-storage-class',
} as const satisfies Partial<Record<keyof ObjectProperties, string>>

const encryptionHeader = 'x-amz-server-side-encryption'
const encryptionKeyHeader = 'x-amz-server-side-encryption-aws-kms-key-id'

/** @throws invalid-argument for what no header can say */
export function propertyHeaders(
  properties: ObjectProperties,
  details: ErrorDetails,
): Record<string, string> {
  const headers: Record<string, string> = {}
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) return
    if (!/^[!-~](?:[ -~]*[!-~])?$/.test(value))
      throw new HawserError(
        'invalid-argument',
        `not a value for ${name}: ${JSON.stringify(value)}`,
        {
          ...details,
          hint: 'It takes printable ASCII, without spaces around.',
        },
      )
    headers[name] = value
  }
  const { acl, tags, encryption } = properties
  for (const name of Object.keys(headerNames).filter(isNamed))
    set(headerNames[name], properties[name])
  set('x-amz-acl', acl)
  if (tags && Object.keys(tags).length > 0) set('x-amz-tagging', tagsText(tags))
  set(encryptionHeader, encryption?.algorithm)
  set(encryptionKeyHeader, encryption?.keyId)
  return headers
}

/** What a HEAD or GET tells, to be given to a copy: all but the access list and the tags. */
export function propertiesFrom(headers: ReadonlyMap<string, string>): ObjectProperties {
  const found: { -readonly [K in keyof ObjectProperties]: ObjectProperties[K] } = {}
  for (const name of Object.keys(headerNames).filter(isNamed)) {
    const value = headers.get(headerNames[name])
    const kept = name === 'contentEncoding' ? withoutChunks(value) : value
    if (kept) found[name] = kept
  }
  if (isOfCloudTier(headers)) delete found.storageClass
  const algorithm = headers.get(encryptionHeader)
  if (algorithm === 'AES256' || algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse')
    found.encryption = { algorithm, keyId: headers.get(encryptionKeyHeader) }
  return found
}

function isNamed(name: string): name is keyof typeof headerNames {
  return name in headerNames
}

/** Some services keep what was the framing of the request that made the object. */
function withoutChunks(encoding: string | undefined): string | undefined {
  return encoding
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one.toLowerCase() !== 'aws-chunked')
    .join(', ')
}

function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

export function tagsDocument(tags: Readonly<Record<string, string>>): string {
  const set = Object.entries(tags).map(
    ([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`,
  )
  return `<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`
}

/** Of the answer to GetObjectTagging. */
export function readTags(root: XmlElement): Readonly<Record<string, string>> {
  const tags = new Map<string, string>()
  for (const set of root.children)
    for (const tag of set.name === 'TagSet' ? set.children : [])
      if (tag.name === 'Tag') tags.set(needText(tag, 'Key'), needText(tag, 'Value'))
  return Object.fromEntries(tags)
}
