// UploadPart and ListParts.
import { differs, type Scenario, type Expected } from './stage.ts'
import { begin, part } from './upload-tools.ts'

export const parts: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  const other = await begin(stage, key)
  const put = async (
    label: string,
    query: Record<string, string>,
    expected: Expected,
    target = key,
  ): Promise<void> => {
    await stage.ask(label, 'PUT', target, { query, body: 'part', show: ['etag'] }, expected)
  }
  await put(
    'part 0',
    { uploadId: other, partNumber: '0' },
    differs(
      '400 InvalidArgument',
      '200 etag="f4c9385f1902f7334b00b9b4ecd164de"',
      'UploadPart: part numbers are from 1 to 10,000; Ceph takes others',
    ),
  )
  await put(
    'part 10001',
    { uploadId: other, partNumber: '10001' },
    differs(
      '400 InvalidArgument',
      '200 etag="f4c9385f1902f7334b00b9b4ecd164de"',
      'UploadPart: part numbers are from 1 to 10,000; Ceph takes others',
    ),
  )
  await put(
    'part -1',
    { uploadId: other, partNumber: '-1' },
    differs(
      '400 InvalidArgument',
      '200 etag="f4c9385f1902f7334b00b9b4ecd164de"',
      'UploadPart: part numbers are from 1 to 10,000; Ceph takes others',
    ),
  )
  await put('part x', { uploadId: other, partNumber: 'x' }, '400 InvalidArgument')
  await put('no part', { uploadId: other }, '400 InvalidArgument')
  await put('an upload that is none', { uploadId: 'none', partNumber: '1' }, '404 NoSuchUpload')
  await put(
    'the upload of another key',
    { uploadId: other, partNumber: '1' },
    '404 NoSuchUpload',
    `${bucket}/other`,
  )
  const uploadId = await begin(stage, key)
  await put('part 1', { uploadId, partNumber: '1' }, '200 etag="f4c9385f1902f7334b00b9b4ecd164de"')
  await put(
    'part 10000',
    { uploadId, partNumber: '10000' },
    '200 etag="f4c9385f1902f7334b00b9b4ecd164de"',
  )
  await put(
    'part 1 again',
    { uploadId, partNumber: '1' },
    '200 etag="f4c9385f1902f7334b00b9b4ecd164de"',
  )
  for (const number of [2, 3, 4]) await part(stage, key, uploadId, number, 'x'.repeat(number))
  const list = async (
    label: string,
    query: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(
      label,
      'GET',
      key,
      {
        query: { uploadId, ...query },
        show: [
          'Part/PartNumber',
          'Part/Size',
          'PartNumberMarker',
          'NextPartNumberMarker',
          'MaxParts',
          'IsTruncated',
          'StorageClass',
        ],
      },
      expected,
    )
  }
  await list(
    'all parts',
    {},
    '200 Part/PartNumber=1,2,3,4,10000 Part/Size=4,2,3,4,4 PartNumberMarker=0 NextPartNumberMarker=10000 MaxParts=1000 IsTruncated=false StorageClass=STANDARD',
  )
  await list(
    'a page',
    { 'max-parts': '2' },
    '200 Part/PartNumber=1,2 Part/Size=4,2 PartNumberMarker=0 NextPartNumberMarker=2 MaxParts=2 IsTruncated=true StorageClass=STANDARD',
  )
  await list(
    'the next page',
    { 'max-parts': '2', 'part-number-marker': '2' },
    '200 Part/PartNumber=3,4 Part/Size=3,4 PartNumberMarker=2 NextPartNumberMarker=4 MaxParts=2 IsTruncated=true StorageClass=STANDARD',
  )
  await list(
    'behind the last',
    { 'part-number-marker': '10000' },
    differs(
      '200 PartNumberMarker=10000 NextPartNumberMarker=10000 MaxParts=1000 IsTruncated=false StorageClass=STANDARD',
      '200 PartNumberMarker=10000 NextPartNumberMarker=0 MaxParts=1000 IsTruncated=false StorageClass=STANDARD',
      'Nothing comes after the marker; Ceph begins anew',
    ),
  )
  await list(
    'no parts',
    { 'max-parts': '0' },
    differs(
      '200 PartNumberMarker=0 NextPartNumberMarker=0 MaxParts=0 IsTruncated=false StorageClass=STANDARD',
      '200 PartNumberMarker=0 NextPartNumberMarker=0 MaxParts=0 IsTruncated=true StorageClass=STANDARD',
      'UploadPart: part numbers are from 1 to 10,000; Ceph takes others',
    ),
  )
  await list(
    '1001',
    { 'max-parts': '1001' },
    differs(
      '200 Part/PartNumber=1,2,3,4,10000 Part/Size=4,2,3,4,4 PartNumberMarker=0 NextPartNumberMarker=10000 MaxParts=1000 IsTruncated=false StorageClass=STANDARD',
      '200 Part/PartNumber=1,2,3,4,10000 Part/Size=4,2,3,4,4 PartNumberMarker=0 NextPartNumberMarker=10000 MaxParts=1001 IsTruncated=false StorageClass=STANDARD',
      'ListParts: never more than 1,000, and MaxParts tells; Ceph tells what was asked',
    ),
  )
  await list('a number that is none', { 'max-parts': 'many' }, '400 InvalidArgument')
  await list('a marker that is none', { 'part-number-marker': 'last' }, '400 InvalidArgument')
  await stage.ask(
    'parts of an upload that is none',
    'GET',
    key,
    { query: { uploadId: 'none' } },
    differs(
      '404 NoSuchUpload',
      '404 NoSuchKey',
      'UploadPart: part numbers are from 1 to 10,000; Ceph takes others',
    ),
  )
  await stage.ask('a bucket with an upload', 'DELETE', bucket, {}, '204')
}
