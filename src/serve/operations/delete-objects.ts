// DeleteObjects: up to 1,000 keys in one request, each with an end of its own.
import {
  child,
  needText,
  textOf,
  xmlDocument,
  xmlElement,
  xmlText,
  type XmlElement,
} from '../../wire/xml.ts'
import { statedChecksum } from '../body/checksum-headers.ts'
import { S3Error, asS3Error } from '../errors.ts'
import { checkKeyLength } from '../http/request.ts'
import type { Operation, S3Request } from '../http/types.ts'
import type { Conditions, Removed } from '../vault/types.ts'
import { bucketOf } from './arguments.ts'
import { parseEtags } from './conditions.ts'
import { refuseUnsupported } from './unsupported.ts'
import { fromXml } from './xml.ts'

const MAX_OBJECTS = 1000

/** How many are removed side by side. */
const LANES = 16

export const deleteObjects: Operation = async (request, service) => {
  refuseUnsupported(request.headers)
  needDigest(request)
  const { quiet, objects } = await fromXml(request, 'Delete', parseDelete)
  const bucket = await bucketOf(request, service)
  const results = objects.map(() => '')
  const left = objects.entries()
  const work = async (): Promise<void> => {
    for (const [index, object] of left) {
      const { key, version, conditions } = object
      try {
        const { signal } = request
        checkKeyLength(key)
        const removed = await service.vault.remove(bucket, key, version, { conditions, signal })
        if (!quiet) results[index] = deletedElement(object, removed)
      } catch (error) {
        request.signal.throwIfAborted()
        results[index] = errorElement(object, asS3Error(error))
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, work))
  return { status: 200, body: xmlDocument('DeleteResult', ...results) }
}

/** @throws S3Error InvalidRequest where nothing tells whether the list came whole */
function needDigest({ headers }: S3Request): void {
  if (headers['content-md5'] === undefined && statedChecksum(headers) === undefined)
    throw new S3Error('InvalidRequest', {
      message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    })
}

interface ToDelete {
  readonly key: string
  readonly version: string | undefined
  readonly conditions: Conditions
}

/** @throws S3Error MalformedXML, NotImplemented; MalformedXml */
export function parseDelete(root: XmlElement): {
  readonly quiet: boolean
  readonly objects: readonly ToDelete[]
} {
  const quiet = textOf(root, 'Quiet')?.trim().toLowerCase() ?? 'false'
  const objects = root.children.filter(({ name }) => name === 'Object').map(parseObject)
  if (objects.length === 0 || objects.length > MAX_OBJECTS || !/^(?:true|false)$/.test(quiet))
    throw new S3Error('MalformedXML')
  return { quiet: quiet === 'true', objects }
}

function parseObject(object: XmlElement): ToDelete {
  // Only directory buckets have these conditions.
  if (child(object, 'LastModifiedTime') || child(object, 'Size'))
    throw new S3Error('NotImplemented', {
      message: 'The conditions LastModifiedTime and Size are not implemented.',
    })
  const key = needText(object, 'Key')
  if (key === '') throw new S3Error('MalformedXML')
  const etag = textOf(object, 'ETag')
  return {
    key,
    version: textOf(object, 'VersionId') || undefined,
    conditions: { ifMatch: etag === undefined ? undefined : parseEtags(etag) },
  }
}

function deletedElement({ key, version }: ToDelete, removed: Removed): string {
  return xmlElement(
    'Deleted',
    xmlText('Key', key),
    xmlText('VersionId', version),
    removed.marker ? xmlText('DeleteMarker', true) : '',
    removed.marker ? xmlText('DeleteMarkerVersionId', removed.version) : '',
  )
}

function errorElement({ key, version }: ToDelete, error: S3Error): string {
  return xmlElement(
    'Error',
    xmlText('Key', key),
    xmlText('VersionId', version),
    xmlText('Code', error.code),
    xmlText('Message', error.message),
  )
}
