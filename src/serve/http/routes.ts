// Which operation of S3 a request asks for: by its method, by whether it names a bucket and a key, and by the
// subresource in its query.
//
// Rules: "Actions" in the Amazon S3 API Reference. What is not implemented is said to be so; it never passes for
// something else: a PUT of `?policy` is no CreateBucket.
import * as operations from '../operations/index.ts'
import { deleteBucketCors, getBucketCors, putBucketCors } from '../operations/cors.ts'
import { postObject, type FormService } from '../operations/post-object.ts'
import { S3Error } from '../errors.ts'
import type { Answer, RequestHead, S3Request } from './types.ts'

export interface Route {
  /** As S3 calls it. */
  readonly name: string
  readonly operation: (request: S3Request, service: FormService) => Promise<Answer>
  readonly access: 'read' | 'list' | 'write'
  /** It may take so long that its answer begins before its end. */
  readonly long: boolean
}

function read(name: string, operation: Route['operation']): Route {
  return { name, operation, access: 'read', long: false }
}
function list(name: string, operation: Route['operation']): Route {
  return { name, operation, access: 'list', long: false }
}
function write(name: string, operation: Route['operation']): Route {
  return { name, operation, access: 'write', long: false }
}
function long(name: string, operation: Route['operation']): Route {
  return { name, operation, access: 'write', long: true }
}

/** By method: what it is without a subresource, and with one. The first subresource that is there decides. */
type Routes = Readonly<Record<string, { readonly plain?: Route; readonly sub?: SubRoutes }>>
type SubRoutes = readonly (readonly [parameter: string, route: Route])[]

const ofService: Routes = {
  GET: { plain: list('ListBuckets', operations.listBuckets) },
}

const ofBucket: Routes = {
  GET: {
    plain: list('ListObjects', operations.listObjects),
    sub: [
      ['location', read('GetBucketLocation', operations.getBucketLocation)],
      ['versioning', read('GetBucketVersioning', operations.getBucketVersioning)],
      ['tagging', read('GetBucketTagging', operations.getBucketTagging)],
      ['cors', read('GetBucketCors', getBucketCors)],
      ['acl', read('GetBucketAcl', operations.getBucketAcl)],
      ['versions', list('ListObjectVersions', operations.listObjectVersions)],
      ['uploads', list('ListMultipartUploads', operations.listMultipartUploads)],
    ],
  },
  HEAD: { plain: read('HeadBucket', operations.headBucket) },
  PUT: {
    plain: write('CreateBucket', operations.createBucket),
    sub: [
      ['versioning', write('PutBucketVersioning', operations.putBucketVersioning)],
      ['tagging', write('PutBucketTagging', operations.putBucketTagging)],
      ['cors', write('PutBucketCors', putBucketCors)],
    ],
  },
  DELETE: {
    plain: write('DeleteBucket', operations.deleteBucket),
    sub: [
      ['tagging', write('DeleteBucketTagging', operations.deleteBucketTagging)],
      ['cors', write('DeleteBucketCors', deleteBucketCors)],
    ],
  },
  POST: { sub: [['delete', write('DeleteObjects', operations.deleteObjects)]] },
}

const ofObject: Routes = {
  GET: {
    plain: read('GetObject', operations.getObject),
    sub: [
      ['uploadId', list('ListParts', operations.listParts)],
      ['tagging', read('GetObjectTagging', operations.getObjectTagging)],
      ['attributes', read('GetObjectAttributes', operations.getObjectAttributes)],
      ['acl', read('GetObjectAcl', operations.getObjectAcl)],
    ],
  },
  HEAD: { plain: read('HeadObject', operations.headObject) },
  PUT: {
    plain: write('PutObject', operations.putObject),
    sub: [
      ['uploadId', write('UploadPart', operations.uploadPart)],
      ['tagging', write('PutObjectTagging', operations.putObjectTagging)],
    ],
  },
  DELETE: {
    plain: write('DeleteObject', operations.deleteObject),
    sub: [
      ['uploadId', write('AbortMultipartUpload', operations.abortMultipartUpload)],
      ['tagging', write('DeleteObjectTagging', operations.deleteObjectTagging)],
    ],
  },
  POST: {
    sub: [
      ['uploads', write('CreateMultipartUpload', operations.createMultipartUpload)],
      ['uploadId', long('CompleteMultipartUpload', operations.completeMultipartUpload)],
      ['restore', write('RestoreObject', operations.restoreObject)],
    ],
  },
}

const listObjectsV2 = list('ListObjectsV2', operations.listObjectsV2)
const copyObject = long('CopyObject', operations.copyObject)
const uploadPartCopy = long('UploadPartCopy', operations.uploadPartCopy)
const postForm = write('PostObject', postObject)

/** Subresources of S3 that are not implemented, with any method. */
export const unsupported: ReadonlySet<string> = new Set([
  'abac',
  'accelerate',
  'analytics',
  'append',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metadataConfiguration',
  'metadataInventoryTable',
  'metadataJournalTable',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'retention',
  'select',
  'session',
  'torrent',
  'website',
])

/** Parameters that choose no subresource. Those that begin with `x-` go to nobody but logs, or belong to signatures. */
const parameters: ReadonlySet<string> = new Set([
  'AWSAccessKeyId',
  'Expires',
  'Signature',
  'bucket-region',
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'key-marker',
  'list-type',
  'marker',
  'max-buckets',
  'max-keys',
  'max-parts',
  'max-uploads',
  'part-number-marker',
  'partNumber',
  'prefix',
  'select-type',
  'start-after',
  'upload-id-marker',
  'uploadId',
  'version-id-marker',
  'versionId',
])

/** The operations that there are, as S3 calls them. */
export function operationNames(): readonly string[] {
  const routes = [ofService, ofBucket, ofObject].flatMap((level) => Object.values(level))
  const named = routes.flatMap(({ plain, sub = [] }) => [plain, ...sub.map(([, route]) => route)])
  const special = [listObjectsV2, copyObject, uploadPartCopy, postForm]
  return [...named, ...special].flatMap((route) => route?.name ?? [])
}

/** @throws S3Error NotImplemented, MethodNotAllowed, RequestIsNotMultiPartContent */
export function routeOf(head: RequestHead): Route {
  const { method, bucket, key, query, headers } = head
  const routes = bucket === undefined ? ofService : key === undefined ? ofBucket : ofObject
  const known = Object.hasOwn(routes, method) ? routes[method] : undefined
  if (!known)
    throw new S3Error('MethodNotAllowed', {
      headers: { allow: Object.keys(routes).join(', ') },
      extra: { Method: method, ResourceType: resourceType(head) },
    })
  const found = query.size === 0 ? known.plain : chosen(head, known)
  if (found === undefined) {
    if (method === 'POST' && bucket !== undefined && key === undefined) {
      if (isForm(headers)) return postForm
      throw new S3Error('RequestIsNotMultiPartContent')
    }
    throw new S3Error('MethodNotAllowed', {
      extra: { Method: method, ResourceType: resourceType(head) },
    })
  }
  if (headers['x-amz-copy-source'] !== undefined) {
    if (found.name === 'PutObject') return copyObject
    if (found.name === 'UploadPart') return uploadPartCopy
  }
  return found
}

function chosen(
  { method, query }: RequestHead,
  { plain, sub }: { readonly plain?: Route; readonly sub?: SubRoutes },
): Route | undefined {
  for (const name of query.keys()) if (unsupported.has(name)) throw notImplemented(name)
  for (const [parameter, route] of sub ?? []) if (query.has(parameter)) return route
  // What reads may be asked in more words than are known here; what changes something must be understood.
  if (method !== 'GET' && method !== 'HEAD')
    for (const name of query.keys())
      if (!parameters.has(name) && !/^x-/i.test(name)) throw notImplemented(name)
  if (plain?.name === 'ListObjects' && query.get('list-type') === '2') return listObjectsV2
  return plain
}

function notImplemented(parameter: string): S3Error {
  return new S3Error('NotImplemented', {
    message: `The subresource "${parameter}" is not implemented with this method.`,
    extra: { Parameter: parameter },
  })
}

function isForm(headers: RequestHead['headers']): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')
}

function resourceType({ bucket, key }: RequestHead): string {
  return bucket === undefined ? 'SERVICE' : key === undefined ? 'BUCKET' : 'OBJECT'
}
