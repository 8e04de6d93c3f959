// The source of a copy: the header x-amz-copy-source, with its conditions.
import { S3Error } from '../errors.ts'
import type { S3Request, Service } from '../http/types.ts'
import type { Bucket, ByteRange, ObjectVersion, OpenObject } from '../vault/types.ts'
import { invalidArgument } from './arguments.ts'
import { checkCopySource, readConditions } from './conditions.ts'
import { versionId } from './object-headers.ts'
import { checkReadable } from './storage-class.ts'

export interface CopySource {
  readonly bucket: string
  readonly key: string
  readonly version: string | undefined
}

const HEADER = 'x-amz-copy-source'

/** @param header `bucket/key?versionId=…`, percent-encoded, with a slash ahead or without. @throws S3Error InvalidArgument */
export function parseCopySource(header: string): CopySource {
  const question = header.indexOf('?')
  const path = decode(question === -1 ? header : header.slice(0, question), header)
  const version = question === -1 ? undefined : versionIn(header.slice(question + 1), header)
  const from = path.startsWith('/') ? 1 : 0
  const slash = path.indexOf('/', from)
  const [bucket, key] = slash === -1 ? ['', ''] : [path.slice(from, slash), path.slice(slash + 1)]
  if (bucket === '' || key === '')
    throw invalidArgument(
      HEADER,
      header,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    )
  return { bucket, key, version }
}

function versionIn(query: string, header: string): string {
  const match = /^versionId=([^&]+)$/.exec(query)
  if (!match) throw invalidArgument(HEADER, header, 'Unsupported copy source parameter.')
  return decode(match[1] ?? '', header)
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalidArgument(HEADER, header, 'Invalid copy source encoding.')
  }
}

export interface OpenSource {
  readonly bucket: Bucket
  readonly object: OpenObject
}

/**
 * Opens the source that the request names, if its conditions hold and its bytes can be read.
 * @param select as of Vault.open
 */
export async function openSource(
  request: S3Request,
  service: Service,
  source: CopySource,
  select: (version: ObjectVersion) => ByteRange | undefined,
): Promise<OpenSource> {
  const { headers, signal } = request
  const conditions = readConditions(headers, 'x-amz-copy-source-')
  const bucket = await service.vault.buckets.get(source.bucket, { signal })
  const owner = headers['x-amz-source-expected-bucket-owner']
  if (owner !== undefined && owner !== bucket.owner) throw new S3Error('AccessDenied')
  try {
    const object = await service.vault.open(bucket, source.key, source.version, {
      signal,
      select: (version) => {
        if (conditions) checkCopySource(conditions, version)
        checkReadable(
          version.record,
          service.now(),
          "Operation is not valid for the source object's storage class",
        )
        return select(version)
      },
    })
    return { bucket, object }
  } catch (error) {
    if (error instanceof S3Error && error.code === 'MethodNotAllowed')
      throw new S3Error('InvalidRequest', {
        message:
          'The source of a copy request may not specifically refer to a delete marker by version id.',
        cause: error,
      })
    throw error
  }
}

/** x-amz-copy-source-version-id */
export function sourceHeaders({ bucket, object }: OpenSource): Record<string, string> {
  const version = versionId(bucket, object.version.version)
  return version === undefined ? {} : { 'x-amz-copy-source-version-id': version }
}
