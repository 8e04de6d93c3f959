// Copies inside the service, from any bucket that the same credentials reach.
import { type ErrorDetails, HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type {
  Copy,
  CopySource,
  ObjectInfo,
  ObjectProperties,
  WriteOptions,
} from '../../core/store.ts'
import { encodeKey } from '../../wire/sigv4.ts'
import { needText, textOf } from '../../wire/xml.ts'
import { type Call, Client } from './client.ts'
import { isOfCloudTier } from './cloud-tier.ts'
import { sendGuarded } from './conditions.ts'
import { crcFrom, etagFrom, infoFromHeaders, timeFrom, versionFrom } from './info.ts'
import { headObject } from './head-object.ts'
import { lookBefore, objectHeaders, putTags, requireEncrypted, tagsOf } from './objects.ts'
import { propertyHeaders } from './properties.ts'
import { mismatch } from './upload.ts'

/** S3: "You create a copy of your object up to 5 GB in size in a single atomic action." */
const maxSize = 5 * 1024 ** 3

export function s3Copy(client: Client): Copy {
  return {
    accepts: (from) => Client.of(from.location)?.sharesAccess(client) ?? false,
    maxSize,
    copy: (from, to, options) => copyObject(client, from, to, options),
  }
}

/** Names the source (without a `/` in front, which older Ceph takes for a part of it) and the state of it that is meant. */
export function copySourceHeaders(from: CopySource): Record<string, string | undefined> {
  const version = from.version === undefined ? '' : `?versionId=${encodeURIComponent(from.version)}`
  return {
    'x-amz-copy-source': `${encodeKey(from.location.root)}/${encodeKey(from.key)}${version}`,
    'x-amz-copy-source-if-match': from.etag,
  }
}

async function copyObject(
  client: Client,
  from: CopySource,
  to: Key,
  options: WriteOptions = {},
): Promise<ObjectInfo> {
  const { signal, meter, condition } = options
  const source = client.sourceOf(from.location)
  const seen = { version: from.version, ifMatch: from.etag, signal, meter }
  const { headers: found } = await headObject(source, from.key, seen, 'copy')
  const old = infoFromHeaders(from.key, found, Number(found.get('content-length') ?? 0))
  if (old.size > maxSize)
    throw new HawserError(
      'invalid-argument',
      'larger than 5 GiB: to be copied in parts',
      source.details({ op: 'copy', key: from.key }),
    )
  if (old.size > 0 && isOfCloudTier(found))
    throw new HawserError(
      'unsupported',
      'the bytes are here for some days only: to be copied in parts',
      source.details({ op: 'copy', key: from.key }),
    )
  const replaces = replacesDescription(options)
  const tags = replaces && !options.properties?.tags && Number(found.get('x-amz-tagging-count'))
  const oldTags = tags
    ? await tagsOf(source, from.key, { ...seen, version: old.version }, 'copy')
    : undefined
  const given = {
    attributes: options.attributes ?? old.attributes,
    metadata: options.metadata ?? old.metadata,
    contentType: options.contentType ?? old.contentType,
    properties: mergedProperties({ ...old.properties, tags: oldTags }, options.properties),
  }
  const headers = {
    ...copySourceHeaders({ ...from, etag: from.etag ?? old.etag }),
    ...source.customerKey.source,
    ...client.customerKey.object,
    ...givenHeaders(replaces, given, found, client.details({ op: 'copy', key: to })),
  }
  const call: Call = { op: 'copy', kind: 'copy', method: 'PUT', key: to, headers, options }
  const copied = await sendGuarded(
    client,
    {
      op: 'copy',
      condition,
      look: (held) => lookBefore(client, to, held, 'copy', options),
      // Ceph does.
      mayIgnore: true,
    },
    async (guard) =>
      client.document(
        { ...call, headers: { ...headers, ...guard } },
        'CopyObjectResult',
        (root, response) => ({
          ...old,
          ...given,
          key: to,
          modified: timeFrom(textOf(root, 'LastModified')) ?? old.modified,
          etag: etagFrom(needText(root, 'ETag')),
          version: versionFrom(response.headers),
          storageClass: given.properties.storageClass,
          crc64nvme: crcFrom(textOf(root, 'ChecksumCRC64NVME'), textOf(root, 'ChecksumType')),
          answer: response.headers,
        }),
      ),
  )
  const { answer, ...info } = copied
  requireEncrypted(client, call, answer)
  const told = info.crc64nvme
  if (told !== undefined && old.crc64nvme !== undefined && told !== old.crc64nvme)
    throw mismatch(client, call, 'are stored')
  if (replaces) await putTags(client, to, given.properties.tags, 'copy', options)
  // Of the same etag, it is the same.
  return told === undefined && info.etag === old.etag ? { ...info, crc64nvme: old.crc64nvme } : info
}

/** The storage class is never kept by the service itself, and so is always said. */
function givenHeaders(
  replaces: boolean,
  given: WriteOptions & { readonly properties: ObjectProperties },
  found: ReadonlyMap<string, string>,
  details: ErrorDetails,
): Record<string, string | undefined> {
  const { storageClass, acl, tags, encryption } = given.properties
  if (!replaces) return propertyHeaders({ storageClass, acl, encryption }, details)
  const redirect = 'x-amz-website-redirect-location'
  return {
    'x-amz-metadata-directive': 'REPLACE',
    [redirect]: found.get(redirect),
    ...objectHeaders(given, details),
    ...(tags && { 'x-amz-tagging-directive': 'REPLACE' }),
  }
}

/**
 * A copy that replaces some of what describes the object loses the rest of it, unless that is said again: on Ceph also
 * its tags, which it replaces only together with the rest.
 */
function replacesDescription({
  attributes,
  metadata,
  contentType,
  properties = {},
}: WriteOptions): boolean {
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage } = properties
  return [
    attributes,
    metadata,
    contentType,
    cacheControl,
    contentDisposition,
    contentEncoding,
    contentLanguage,
    properties.expires,
    properties.tags,
  ].some((given) => given !== undefined)
}

/** Encryption is the destination's matter: its bucket's, or as it is given. */
function mergedProperties(
  old: ObjectProperties = {},
  given: ObjectProperties = {},
): ObjectProperties {
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...old, encryption: undefined, ...Object.fromEntries(said) }
}
