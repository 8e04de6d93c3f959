import { expect, test } from 'vitest'
import { S3Error } from '../../../src/serve/errors.ts'
import { routeOf } from '../../../src/serve/http/routes.ts'
import type { RequestHead } from '../../../src/serve/http/types.ts'

function head(line: string, headers: RequestHead['headers'] = {}): RequestHead {
  const [method = '', target = ''] = line.split(' ')
  const [rawPath = '', rawQuery = ''] = target.split('?')
  const [bucket, ...key] = rawPath.slice(1).split('/')
  return {
    method,
    rawPath,
    rawQuery,
    bucket: bucket === '' ? undefined : bucket,
    key: key.join('/') === '' ? undefined : key.join('/'),
    hosted: false,
    query: new Map(new URLSearchParams(rawQuery)),
    headers,
  }
}

function codeOf(line: string, headers?: RequestHead['headers']): string {
  try {
    return routeOf(head(line, headers)).name
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}

test.each([
  ['GET /', 'ListBuckets'],
  ['GET /?x-id=ListBuckets', 'ListBuckets'],
  ['GET /b', 'ListObjects'],
  ['GET /b/', 'ListObjects'],
  ['GET /b?list-type=2&prefix=a', 'ListObjectsV2'],
  ['GET /b?location', 'GetBucketLocation'],
  ['GET /b?versioning', 'GetBucketVersioning'],
  ['GET /b?tagging', 'GetBucketTagging'],
  ['GET /b?cors', 'GetBucketCors'],
  ['GET /b?acl', 'GetBucketAcl'],
  ['GET /b?versions&prefix=a', 'ListObjectVersions'],
  ['GET /b?uploads', 'ListMultipartUploads'],
  ['GET /b?something', 'ListObjects'],
  ['HEAD /b', 'HeadBucket'],
  ['PUT /b', 'CreateBucket'],
  ['PUT /b?versioning', 'PutBucketVersioning'],
  ['PUT /b?tagging', 'PutBucketTagging'],
  ['PUT /b?cors', 'PutBucketCors'],
  ['DELETE /b', 'DeleteBucket'],
  ['DELETE /b?tagging', 'DeleteBucketTagging'],
  ['DELETE /b?cors', 'DeleteBucketCors'],
  ['POST /b?delete', 'DeleteObjects'],
  ['GET /b/k', 'GetObject'],
  ['GET /b/k?partNumber=2&versionId=x&response-expires=y', 'GetObject'],
  ['GET /b/k?uploadId=x&max-parts=1', 'ListParts'],
  ['GET /b/k?tagging', 'GetObjectTagging'],
  ['GET /b/k?attributes', 'GetObjectAttributes'],
  ['GET /b/k?acl', 'GetObjectAcl'],
  ['HEAD /b/k', 'HeadObject'],
  ['PUT /b/k', 'PutObject'],
  ['PUT /b/k?x-id=PutObject&X-Amz-Expires=1', 'PutObject'],
  ['PUT /b/k?partNumber=1&uploadId=x', 'UploadPart'],
  ['PUT /b/k?tagging', 'PutObjectTagging'],
  ['DELETE /b/k?versionId=x', 'DeleteObject'],
  ['DELETE /b/k?uploadId=x', 'AbortMultipartUpload'],
  ['DELETE /b/k?tagging', 'DeleteObjectTagging'],
  ['POST /b/k?uploads', 'CreateMultipartUpload'],
  ['POST /b/k?uploadId=x', 'CompleteMultipartUpload'],
  ['POST /b/k?restore', 'RestoreObject'],
])('%s is %s', (line, name) => {
  expect(codeOf(line)).toBe(name)
})

test('a source makes a copy, and a form an object', () => {
  const copy = { 'x-amz-copy-source': 'a/b' }
  expect(codeOf('PUT /b/k', copy)).toBe('CopyObject')
  expect(codeOf('PUT /b/k?partNumber=1&uploadId=x', copy)).toBe('UploadPartCopy')
  expect(codeOf('POST /b', { 'content-type': 'multipart/form-data; boundary=x' })).toBe(
    'PostObject',
  )
})

test.each([
  'GET /b?policy',
  'PUT /b?policy',
  'DELETE /b?policy',
  'GET /b?lifecycle',
  'PUT /b?lifecycle',
  'PUT /b?acl',
  'PUT /b?object-lock',
  'GET /b?object-lock',
  'PUT /b?what-comes-later',
  'DELETE /b?what-comes-later',
  'GET /b?session',
  'GET /b/k?torrent',
  'GET /b/k?retention',
  'PUT /b/k?retention',
  'PUT /b/k?legal-hold',
  'PUT /b/k?acl',
  'PUT /b/k?renameObject',
  'PUT /b/k?what-comes-later',
  'DELETE /b/k?what-comes-later',
  'POST /b/k?select&select-type=2',
])('%s is not implemented, and not taken for something else', (line) => {
  expect(codeOf(line)).toBe('NotImplemented')
})

test.each(['POST /', 'PUT /', 'DELETE /', 'POST /b/k', 'PATCH /b/k', 'constructor /b'])(
  '%s is not allowed',
  (line) => {
    expect(codeOf(line)).toBe('MethodNotAllowed')
  },
)

test('only a form is posted to a bucket', () => {
  expect(codeOf('POST /b')).toBe('RequestIsNotMultiPartContent')
})

test('what is written is known to be a write', () => {
  const reads = ['GET /', 'GET /b', 'GET /b/k', 'HEAD /b/k', 'GET /b?cors', 'GET /b/k?uploadId=x']
  expect(reads.map((line) => routeOf(head(line)).access)).not.toContain('write')
  const writes = ['PUT /b', 'PUT /b/k', 'POST /b?delete', 'POST /b/k?uploads', 'DELETE /b?cors']
  expect(new Set(writes.map((line) => routeOf(head(line)).access))).toEqual(new Set(['write']))
})
