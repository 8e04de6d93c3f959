// Copies inside the service, from any bucket that the same credentials reach.
import { HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Copy, CopySource, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { encodeKey } from '../../wire/sigv4.ts'
import { needText, textOf } from '../../wire/xml.ts'
import { type Call, Client } from './client.ts'
import { crcFrom, etagFrom, infoFromHeaders, timeFrom, versionFrom } from './info.ts'
import { conditionHeaders, headObject, lookBefore, objectHeaders } from './objects.ts'

/** S3: "You create a copy of your object up to 5 GB in size in a single atomic action." */
const maxSize = 5 * 1024 ** 3

export function s3Copy(client: Client): Copy {
  return {
    accepts: (from) => Client.of(from.location)?.sharesAccess(client) ?? false,
    maxSize,
    copy: (from, to, options) =>
      copyObject(client, client.withBucket(from.location.root), from, to, options),
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

/** Set with the object beside its user metadata; a copy that replaces some of these loses the others. */
const kept = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
]

async function copyObject(
  client: Client,
  source: Client,
  from: CopySource,
  to: Key,
  options: WriteOptions = {},
): Promise<ObjectInfo> {
  const { signal, meter, condition } = options
  const seen = { version: from.version, ifMatch: from.etag, signal, meter }
  const { headers: found } = await headObject(source, from.key, seen, 'copy')
  const old = infoFromHeaders(from.key, found, Number(found.get('content-length') ?? 0))
  if (old.size > maxSize)
    throw new HawserError(
      'invalid-argument',
      'larger than 5 GiB: to be copied in parts',
      source.details({ op: 'copy', key: from.key }),
    )
  const attributes = options.attributes ?? old.attributes
  const metadata = options.metadata ?? old.metadata
  const contentType = options.contentType ?? old.contentType
  const replaces =
    options.attributes !== undefined ||
    options.metadata !== undefined ||
    options.contentType !== undefined
  // Ceph ignores conditions on the destination of a copy: a look before at least narrows the gap.
  if (condition) await lookBefore(client, to, condition, 'copy', options)
  const call: Call = {
    op: 'copy',
    kind: 'copy',
    method: 'PUT',
    key: to,
    headers: {
      ...copySourceHeaders({ ...from, etag: from.etag ?? old.etag }),
      ...conditionHeaders(client, condition),
      ...(replaces && {
        'x-amz-metadata-directive': 'REPLACE',
        ...Object.fromEntries(kept.map((name) => [name, found.get(name)])),
        ...objectHeaders(
          { attributes, metadata, contentType },
          client.details({ op: 'copy', key: to }),
        ),
      }),
    },
    options,
  }
  return client.document(call, 'CopyObjectResult', (root, response) => ({
    ...old,
    key: to,
    modified: timeFrom(textOf(root, 'LastModified')) ?? old.modified,
    etag: etagFrom(needText(root, 'ETag')),
    version: versionFrom(response.headers),
    attributes,
    metadata,
    contentType,
    crc64nvme:
      crcFrom(textOf(root, 'ChecksumCRC64NVME'), textOf(root, 'ChecksumType')) ?? old.crc64nvme,
  }))
}
