// ListMultipartUploads.
import { differs, type Scenario, type Expected } from './stage.ts'
import { begin } from './upload-tools.ts'

export const uploads: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  for (const key of ['a', 'b/1', 'b/2', 'c'])
    stage.call(await begin(stage, `${bucket}/${key}`), `upload-${key}`)
  const list = async (
    label: string,
    query: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(
      label,
      'GET',
      bucket,
      {
        query: { uploads: '', ...query },
        show: [
          'Upload/Key',
          'Upload/UploadId',
          'CommonPrefixes/Prefix',
          'NextKeyMarker',
          'NextUploadIdMarker',
          'MaxUploads',
          'IsTruncated',
        ],
      },
      expected,
    )
  }
  await list(
    'all',
    {},
    differs(
      '200 Upload/Key=a,b/1,b/2,c Upload/UploadId=upload-a,upload-b/1,upload-b/2,upload-c MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=a,b/1,b/2,c Upload/UploadId=upload-a,upload-b/1,upload-b/2,upload-c NextKeyMarker=c NextUploadIdMarker=upload-c MaxUploads=1000 IsTruncated=false',
      'The markers of the next page are for listings that are truncated; Ceph always has them',
    ),
  )
  await list(
    'a prefix',
    { prefix: 'b/' },
    differs(
      '200 Upload/Key=b/1,b/2 Upload/UploadId=upload-b/1,upload-b/2 MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=b/1,b/2 Upload/UploadId=upload-b/1,upload-b/2 NextKeyMarker=b/2 NextUploadIdMarker=upload-b/2 MaxUploads=1000 IsTruncated=false',
      'The markers of the next page are for listings that are truncated; Ceph always has them',
    ),
  )
  await list(
    'a delimiter',
    { delimiter: '/' },
    differs(
      '200 Upload/Key=a,c Upload/UploadId=upload-a,upload-c CommonPrefixes/Prefix=b/ MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=a,c Upload/UploadId=upload-a,upload-c NextKeyMarker=c NextUploadIdMarker=upload-c MaxUploads=1000 IsTruncated=false',
      'The markers of the next page are for listings that are truncated; Ceph always has them',
    ),
  )
  await list(
    'a page',
    { 'max-uploads': '2' },
    '200 Upload/Key=a,b/1 Upload/UploadId=upload-a,upload-b/1 NextKeyMarker=b/1 NextUploadIdMarker=upload-b/1 MaxUploads=2 IsTruncated=true',
  )
  await list(
    'a key marker',
    { 'key-marker': 'b/1' },
    differs(
      '200 Upload/Key=b/2,c Upload/UploadId=upload-b/2,upload-c MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=b/1,b/2,c Upload/UploadId=upload-b/1,upload-b/2,upload-c NextKeyMarker=c NextUploadIdMarker=upload-c MaxUploads=1000 IsTruncated=false',
      'ListMultipartUploads: begins after the key where no upload is named; Ceph begins with it',
    ),
  )
  await list(
    'a common prefix as the marker',
    { 'key-marker': 'b/', delimiter: '/' },
    differs(
      '200 Upload/Key=c Upload/UploadId=upload-c MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=c Upload/UploadId=upload-c NextKeyMarker=c NextUploadIdMarker=upload-c MaxUploads=1000 IsTruncated=false',
      'The markers of the next page are for listings that are truncated; Ceph always has them',
    ),
  )
  await list(
    'none',
    { 'max-uploads': '0' },
    differs(
      '200 MaxUploads=0 IsTruncated=false',
      '200 MaxUploads=0 IsTruncated=true',
      'A listing of none is not truncated; Ceph says it is',
    ),
  )
  await list(
    '1001',
    { 'max-uploads': '1001' },
    differs(
      '200 Upload/Key=a,b/1,b/2,c Upload/UploadId=upload-a,upload-b/1,upload-b/2,upload-c MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=a,b/1,b/2,c Upload/UploadId=upload-a,upload-b/1,upload-b/2,upload-c NextKeyMarker=c NextUploadIdMarker=upload-c MaxUploads=1001 IsTruncated=false',
      'Never more than 1,000, and MaxUploads tells; the markers of the next page are for listings that are truncated. Ceph tells both',
    ),
  )
  await list('a number that is none', { 'max-uploads': 'many' }, '400 InvalidArgument')
  const first = await begin(stage, `${bucket}/same`)
  const second = await begin(stage, `${bucket}/same`)
  stage.call(first, 'FIRST')
  stage.call(second, 'SECOND')
  const { bytes } = await stage.done('GET', bucket, {
    query: { uploads: '', prefix: 'same', 'max-uploads': '1' },
  })
  const marker = /<NextUploadIdMarker>([^<]*)</.exec(bytes.toString())?.[1] ?? ''
  stage.call(marker, 'ONE')
  stage.call(marker === first ? second : first, 'THE OTHER')
  await list(
    'two of one key',
    { prefix: 'same', 'key-marker': 'same', 'upload-id-marker': marker },
    differs(
      '200 Upload/Key=same Upload/UploadId=THE OTHER MaxUploads=1000 IsTruncated=false',
      '200 Upload/Key=same Upload/UploadId=THE OTHER NextKeyMarker=same NextUploadIdMarker=THE OTHER MaxUploads=1000 IsTruncated=false',
      'The markers of the next page are for listings that are truncated; Ceph always has them',
    ),
  )
  await list(
    'an upload without its key',
    { prefix: 'same', 'upload-id-marker': marker, 'max-uploads': '1' },
    '200 Upload/Key=same Upload/UploadId=ONE NextKeyMarker=same NextUploadIdMarker=ONE MaxUploads=1 IsTruncated=true',
  )
  await stage.ask(
    'in a bucket that is not there',
    'POST',
    `${bucket}-none/key`,
    { query: { uploads: '' } },
    '404 NoSuchBucket',
  )
  await stage.ask(
    'a class that is none',
    'POST',
    `${bucket}/key`,
    { query: { uploads: '' }, headers: { 'x-amz-storage-class': 'COLD' } },
    differs(
      '400 InvalidStorageClass',
      '400 InvalidArgument',
      'List of error codes: InvalidStorageClass; Ceph has none',
    ),
  )
}
