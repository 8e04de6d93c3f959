// GetObjectAttributes.
import { xmlDocument, xmlElement, xmlText } from '../../wire/xml.ts'
import type { Operation } from '../http/types.ts'
import type { ObjectRecord, ObjectVersion } from '../vault/types.ts'
import { bucketOf, invalidArgument, keyOf, limitOf, partMarkerOf, versionOf } from './arguments.ts'
import { checksumElement, checksumElements } from './checksums.ts'
import { findObject } from './find.ts'
import { versionId } from './object-headers.ts'
import { refuseUnsupported } from './unsupported.ts'

const known = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const
type Attribute = (typeof known)[number]

export const getObjectAttributes: Operation = async (request, service) => {
  const { headers, signal } = request
  refuseUnsupported(headers)
  const wanted = attributesOf(headers['x-amz-object-attributes'])
  const page = {
    after: partMarkerOf('x-amz-part-number-marker', headers['x-amz-part-number-marker']),
    limit: limitOf('x-amz-max-parts', headers['x-amz-max-parts']),
  }
  const bucket = await bucketOf(request, service)
  const object = await findObject(service, bucket, keyOf(request), versionOf(request), signal)
  return {
    status: 200,
    headers: {
      'last-modified': new Date(object.modified).toUTCString(),
      'x-amz-version-id': versionId(bucket, object.version),
    },
    body: xmlDocument(
      'GetObjectAttributesResponse',
      ...known.filter((one) => wanted.has(one)).map((one) => elements[one](object, page)),
    ),
  }
}

/** @throws S3Error InvalidArgument */
export function attributesOf(header: string | undefined): ReadonlySet<Attribute> {
  const names = (header ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0)
    throw invalidArgument(
      'x-amz-object-attributes',
      header ?? '',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    )
  return new Set(
    names.map((name) => {
      const attribute = known.find((one) => one === name)
      if (!attribute)
        throw invalidArgument(
          'x-amz-object-attributes',
          header ?? '',
          'Invalid attribute name specified.',
        )
      return attribute
    }),
  )
}

/** Of a page of parts: behind which it begins, and how many it holds at the most. */
interface PartPage {
  readonly after: number
  readonly limit: number
}

const elements: Readonly<Record<Attribute, (object: ObjectVersion, parts: PartPage) => string>> = {
  ETag: ({ record }) => xmlText('ETag', record.etag), // without quotes, in this answer alone
  Checksum: ({ record }) =>
    record.checksum ? xmlElement('Checksum', checksumElements(record.checksum)) : '',
  ObjectParts: ({ record }, parts) => partsElement(record, parts),
  StorageClass: ({ record }) => xmlText('StorageClass', record.storageClass),
  ObjectSize: ({ size }) => xmlText('ObjectSize', size),
}

/** Parts are listed one by one only where they have checksums; their number is always told. */
export function partsElement(
  { parts, checksum }: ObjectRecord,
  { after, limit }: PartPage,
): string {
  if (!parts) return ''
  const count = xmlText('PartsCount', parts.length)
  if (!checksum || parts.every((part) => part.checksum === undefined))
    return xmlElement('ObjectParts', count)
  const rest = parts.filter(({ number }) => number > after)
  const shown = rest.slice(0, limit)
  return xmlElement(
    'ObjectParts',
    count,
    xmlText('PartNumberMarker', after),
    xmlText('NextPartNumberMarker', shown.at(-1)?.number ?? after),
    xmlText('MaxParts', limit),
    xmlText('IsTruncated', limit > 0 && rest.length > shown.length),
    ...shown.map(({ number, size, checksum: value }) =>
      xmlElement(
        'Part',
        xmlText('PartNumber', number),
        xmlText('Size', size),
        checksumElement(checksum.algorithm, value),
      ),
    ),
  )
}
