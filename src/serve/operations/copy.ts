// CopyObject.
import { xmlDocument, xmlText } from '../../wire/xml.ts'
import { wantedChecksum } from '../body/checksum-headers.ts'
import { S3Error } from '../errors.ts'
import type { Operation, S3Request } from '../http/types.ts'
import type { Facts, ObjectVersion } from '../vault/types.ts'
import { bucketOf, invalidArgument, keyOf } from './arguments.ts'
import { checksumElements } from './checksums.ts'
import { writeConditions } from './conditions.ts'
import { openSource, parseCopySource, sourceHeaders } from './copy-source.ts'
import { factsFrom } from './facts.ts'
import { MAX_WRITE } from './limits.ts'
import { quoted, versionId } from './object-headers.ts'
import { xmlTime } from './xml.ts'

export const copyObject: Operation = async (request, service) => {
  const { headers, signal } = request
  const source = parseCopySource(headers['x-amz-copy-source'] ?? '')
  const given = factsFrom(headers)
  const replace = {
    metadata: directive(request, 'x-amz-metadata-directive'),
    tags: directive(request, 'x-amz-tagging-directive'),
  }
  const checksum = wantedChecksum(headers)?.algorithm
  const conditions = writeConditions(headers)
  const bucket = await bucketOf(request, service)
  const key = keyOf(request)
  const ontoItself = source.bucket === bucket.name && source.key === key
  const from = await openSource(request, service, source, (version) => {
    if (version.size > MAX_WRITE)
      throw new S3Error('InvalidRequest', {
        message: `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_WRITE}`,
      })
    const changes =
      replace.metadata ||
      given.storageClass !== version.record.storageClass ||
      (checksum !== undefined && checksum !== version.record.checksum?.algorithm)
    if (ontoItself && version.latest && !changes)
      throw new S3Error('InvalidRequest', {
        message:
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      })
    return undefined
  })
  const version = await service.vault.copy(
    from.object,
    { bucket, key, facts: mergeFacts(from.object.version, given, replace), checksum },
    { conditions, signal },
  )
  return {
    status: 200,
    headers: { 'x-amz-version-id': versionId(bucket, version.version), ...sourceHeaders(from) },
    body: copyResult(version),
  }
}

/** Whether the request's own facts count, not the source's. */
function directive({ headers }: S3Request, name: string): boolean {
  const value = headers[name]
  if (value === undefined || value === 'COPY') return false
  if (value === 'REPLACE') return true
  throw invalidArgument(name, value, 'Unknown directive: COPY and REPLACE are known.')
}

/** The storage class is never the source's: what does not say is STANDARD. */
function mergeFacts(
  { record }: ObjectVersion,
  given: Facts,
  replace: { readonly metadata: boolean; readonly tags: boolean },
): Facts {
  const { contentType, headers, metadata } = replace.metadata ? given : record
  return {
    contentType,
    headers,
    metadata,
    tags: replace.tags ? given.tags : record.tags,
    storageClass: given.storageClass,
  }
}

function copyResult({ modified, record }: ObjectVersion): string {
  return xmlDocument(
    'CopyObjectResult',
    xmlText('LastModified', xmlTime(modified)),
    xmlText('ETag', quoted(record.etag)),
    checksumElements(record.checksum),
  )
}
