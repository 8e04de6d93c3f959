// ListObjects and ListObjectsV2.
import { xmlDocument, xmlText } from '../../wire/xml.ts'
import type { Operation, S3Request, Service } from '../http/types.ts'
import type { Bucket, ListPage } from '../vault/types.ts'
import { bucketOf, limitOf } from './arguments.ts'
import {
  nameWriterOf,
  objectElements,
  prefixElements,
  restoreShown,
  type NameWriter,
} from './listing.ts'
import { readToken, writeToken } from './tokens.ts'

export const listObjects: Operation = async (request, service) => {
  const { query } = request
  const marker = query.get('marker') ?? ''
  const listing = await list(request, service, marker)
  const { bucket, names, page, delimiter } = listing
  return {
    status: 200,
    body: xmlDocument(
      'ListBucketResult',
      head(listing),
      names.write('Marker', marker),
      // Without a delimiter the last key is the marker of the next page.
      delimiter === '' ? '' : names.write('NextMarker', page.next),
      entries(request, service, listing, bucket.owner),
    ),
  }
}

export const listObjectsV2: Operation = async (request, service) => {
  const { query } = request
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const listing = await list(
    request,
    service,
    token === undefined ? (startAfter ?? '') : readToken(token),
  )
  const { bucket, names, page } = listing
  return {
    status: 200,
    body: xmlDocument(
      'ListBucketResult',
      head(listing),
      xmlText('KeyCount', page.objects.length + page.prefixes.length),
      xmlText('ContinuationToken', token),
      xmlText('NextContinuationToken', page.next === undefined ? undefined : writeToken(page.next)),
      names.write('StartAfter', startAfter),
      entries(
        request,
        service,
        listing,
        query.get('fetch-owner') === 'true' ? bucket.owner : undefined,
      ),
    ),
  }
}

interface Listing {
  readonly bucket: Bucket
  readonly names: NameWriter
  readonly prefix: string
  readonly delimiter: string
  readonly limit: number
  readonly page: ListPage
}

const emptyPage: ListPage = { objects: [], prefixes: [], next: undefined }

async function list(request: S3Request, service: Service, after: string): Promise<Listing> {
  const { query, signal } = request
  const names = nameWriterOf(request)
  const limit = limitOf('max-keys', query.get('max-keys'))
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const bucket = await bucketOf(request, service)
  const page =
    limit === 0
      ? emptyPage
      : await service.vault.list(bucket, { prefix, delimiter, after, limit, signal })
  return { bucket, names, prefix, delimiter, limit, page }
}

function head({ bucket, names, prefix, delimiter, limit, page }: Listing): string {
  return (
    xmlText('Name', bucket.name) +
    names.write('Prefix', prefix) +
    names.write('Delimiter', delimiter === '' ? undefined : delimiter) +
    xmlText('MaxKeys', limit) +
    xmlText('EncodingType', names.encoding) +
    xmlText('IsTruncated', page.next !== undefined)
  )
}

function entries(
  request: S3Request,
  service: Service,
  { names, page }: Listing,
  owner: string | undefined,
): string {
  const shown = { owner, restoreAt: restoreShown(request, service.now()) }
  let text = ''
  for (const object of page.objects)
    text += `<Contents>${names.write('Key', object.key)}${objectElements(object, shown)}</Contents>`
  return text + prefixElements(names, page.prefixes)
}
