// ListParts and ListMultipartUploads.
import { xmlDocument, xmlElement, xmlText } from '../../../wire/xml.ts'
import type { Operation } from '../../http/types.ts'
import type { PartInfo, UploadInfo } from '../../vault/types.ts'
import { bucketOf, keyOf, limitOf, partMarkerOf, uploadIdOf } from '../arguments.ts'
import { checksumElement } from '../checksums.ts'
import { nameWriterOf, prefixElements, type NameWriter } from '../listing.ts'
import { quoted } from '../object-headers.ts'
import { ownerElement, xmlTime } from '../xml.ts'

export const listParts: Operation = async (request, service) => {
  const { query } = request
  const names = nameWriterOf(request)
  const limit = limitOf('max-parts', query.get('max-parts'))
  const after = partMarkerOf('part-number-marker', query.get('part-number-marker'))
  const bucket = await bucketOf(request, service)
  const { uploads } = service.vault
  const upload = await uploads.find(bucket, keyOf(request), uploadIdOf(request))
  // One more tells whether there are more.
  const found = limit === 0 ? [] : await uploads.parts(upload, after, limit + 1)
  const page = found.slice(0, limit)
  return {
    status: 200,
    body: xmlDocument(
      'ListPartsResult',
      xmlText('Bucket', bucket.name),
      names.write('Key', upload.key),
      xmlText('UploadId', upload.id),
      ownerElement(bucket.owner, 'Initiator'),
      ownerElement(bucket.owner),
      kindElements(upload),
      xmlText('PartNumberMarker', after),
      xmlText('NextPartNumberMarker', page.at(-1)?.number ?? after),
      xmlText('MaxParts', limit),
      xmlText('EncodingType', names.encoding),
      xmlText('IsTruncated', found.length > limit),
      ...page.map((part) => partElement(part, upload)),
    ),
  }
}

function kindElements({ facts, checksum }: UploadInfo): string {
  return (
    xmlText('StorageClass', facts.storageClass) +
    xmlText('ChecksumAlgorithm', checksum?.algorithm) +
    xmlText('ChecksumType', checksum?.type)
  )
}

function partElement(part: PartInfo, { checksum }: UploadInfo): string {
  return xmlElement(
    'Part',
    xmlText('PartNumber', part.number),
    xmlText('LastModified', xmlTime(part.modified)),
    xmlText('ETag', quoted(part.etag)),
    xmlText('Size', part.size),
    checksum ? checksumElement(checksum.algorithm, part.checksum) : '',
  )
}

export const listMultipartUploads: Operation = async (request, service) => {
  const { query } = request
  const names = nameWriterOf(request)
  const limit = limitOf('max-uploads', query.get('max-uploads'))
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const after = query.get('key-marker') ?? ''
  // Without a key it says nothing: ListMultipartUploads in the Amazon S3 API Reference.
  const afterId = (after !== '' && query.get('upload-id-marker')) || undefined
  const bucket = await bucketOf(request, service)
  const wanted = { prefix, delimiter, after, afterId, limit }
  const page = limit === 0 ? emptyPage : await service.vault.uploads.list(bucket, wanted)
  return {
    status: 200,
    body: xmlDocument(
      'ListMultipartUploadsResult',
      xmlText('Bucket', bucket.name),
      names.write('KeyMarker', after),
      xmlText('UploadIdMarker', afterId ?? ''),
      names.write('NextKeyMarker', page.next?.key),
      xmlText('NextUploadIdMarker', page.next?.id),
      names.write('Prefix', prefix),
      names.write('Delimiter', delimiter === '' ? undefined : delimiter),
      xmlText('MaxUploads', limit),
      xmlText('EncodingType', names.encoding),
      xmlText('IsTruncated', page.next !== undefined),
      ...page.uploads.map((upload) => uploadElement(upload, names, bucket.owner)),
      prefixElements(names, page.prefixes),
    ),
  }
}

const emptyPage = { uploads: [], prefixes: [], next: undefined }

function uploadElement(upload: UploadInfo, names: NameWriter, owner: string): string {
  return xmlElement(
    'Upload',
    names.write('Key', upload.key),
    xmlText('UploadId', upload.id),
    ownerElement(owner, 'Initiator'),
    ownerElement(owner),
    kindElements(upload),
    xmlText('Initiated', xmlTime(upload.started)),
  )
}
