// ListObjectVersions.
import { xmlDocument, xmlElement, xmlText } from '../../wire/xml.ts'
import type { Operation } from '../http/types.ts'
import type { ListVersionsPage, Version } from '../vault/types.ts'
import { bucketOf, invalidArgument, limitOf } from './arguments.ts'
import {
  nameWriterOf,
  objectElements,
  prefixElements,
  restoreShown,
  type NameWriter,
} from './listing.ts'
import { ownerElement, xmlTime } from './xml.ts'

const emptyPage: ListVersionsPage = { versions: [], prefixes: [], next: undefined }

export const listObjectVersions: Operation = async (request, service) => {
  const { query, signal } = request
  const names = nameWriterOf(request)
  const limit = limitOf('max-keys', query.get('max-keys'))
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const after = query.get('key-marker') ?? ''
  const afterVersion = query.get('version-id-marker') || undefined
  if (afterVersion !== undefined && after === '')
    throw invalidArgument(
      'version-id-marker',
      afterVersion,
      'A version-id marker cannot be specified without a key marker.',
    )
  const restoreAt = restoreShown(request, service.now())
  const bucket = await bucketOf(request, service)
  const page =
    limit === 0
      ? emptyPage
      : await service.vault.listVersions(bucket, {
          prefix,
          delimiter,
          after,
          afterVersion,
          limit,
          signal,
        })
  const shown = { owner: bucket.owner, restoreAt }
  return {
    status: 200,
    body: xmlDocument(
      'ListVersionsResult',
      xmlText('Name', bucket.name),
      names.write('Prefix', prefix),
      names.write('KeyMarker', after),
      xmlText('VersionIdMarker', afterVersion ?? ''),
      names.write('NextKeyMarker', page.next?.key),
      xmlText('NextVersionIdMarker', page.next?.version),
      xmlText('MaxKeys', limit),
      names.write('Delimiter', delimiter === '' ? undefined : delimiter),
      xmlText('EncodingType', names.encoding),
      xmlText('IsTruncated', page.next !== undefined),
      ...page.versions.map((version) => versionElement(version, names, shown)),
      prefixElements(names, page.prefixes),
    ),
  }
}

function versionElement(
  version: Version,
  names: NameWriter,
  shown: { readonly owner: string; readonly restoreAt: number | undefined },
): string {
  const head = [
    names.write('Key', version.key),
    xmlText('VersionId', version.version),
    xmlText('IsLatest', version.latest),
  ]
  if (version.kind === 'object')
    return xmlElement('Version', ...head, objectElements(version, shown))
  return xmlElement(
    'DeleteMarker',
    ...head,
    xmlText('LastModified', xmlTime(version.modified)),
    ownerElement(shown.owner),
  )
}
