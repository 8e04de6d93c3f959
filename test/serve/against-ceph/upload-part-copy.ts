// UploadPartCopy.
import { differs, source, type Scenario, type Expected } from './stage.ts'
import { wrongTag, begin } from './upload-tools.ts'

const range = (text: string): Record<string, string> => ({ 'x-amz-copy-source-range': text })

export const copies: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  await stage.put(`${bucket}/ten`, '0123456789')
  const uploadId = await begin(stage, key)
  const copy = async (
    label: string,
    headers: Record<string, string>,
    expected: Expected,
    number = '1',
  ): Promise<void> => {
    await stage.ask(
      label,
      'PUT',
      key,
      {
        query: { uploadId, partNumber: number },
        headers: { 'x-amz-copy-source': source(bucket, 'ten'), ...headers },
        show: ['ETag'],
      },
      expected,
    )
  }
  await copy('the whole', {}, '200 ETag="781e5e245d69b566979b86e28d23f2c7"')
  await copy('a range', range('bytes=2-4'), '200 ETag="289dff07669d7a23de0ef88d2f7129e7"')
  await copy(
    'up to the last byte',
    range('bytes=2-9'),
    '200 ETag="4428c6c474502e61151877825bb41961"',
  )
  await copy(
    'behind the end',
    range('bytes=2-10'),
    differs(
      '400 InvalidArgument',
      '416 InvalidRange',
      'UploadPartCopy: bytes=first-last, both within the source, and an argument that is not valid otherwise; Ceph takes it for a Range',
    ),
  )
  await copy(
    'an open range',
    range('bytes=2-'),
    differs(
      '400 InvalidArgument',
      '416 InvalidRange',
      'UploadPartCopy: bytes=first-last, both within the source, and an argument that is not valid otherwise; Ceph takes it for a Range',
    ),
  )
  await copy(
    'a suffix',
    range('bytes=-2'),
    differs(
      '400 InvalidArgument',
      '200 ETag="d2490f048dc3b77a457e3e450ab4eb38"',
      'UploadPartCopy: bytes=first-last, both within the source, and an argument that is not valid otherwise; Ceph takes it for a Range',
    ),
  )
  await copy(
    'backwards',
    range('bytes=4-2'),
    differs(
      '400 InvalidArgument',
      '416 InvalidRange',
      'UploadPartCopy: bytes=first-last, both within the source, and an argument that is not valid otherwise; Ceph takes it for a Range',
    ),
  )
  await copy('no range', range('2-4'), '400 InvalidArgument')
  await copy(
    'If-Match',
    { 'x-amz-copy-source-if-match': '"781e5e245d69b566979b86e28d23f2c7"' },
    '200 ETag="781e5e245d69b566979b86e28d23f2c7"',
  )
  await copy(
    'If-Match of another',
    { 'x-amz-copy-source-if-match': wrongTag },
    differs(
      '412 PreconditionFailed',
      '200 ETag="781e5e245d69b566979b86e28d23f2c7"',
      'UploadPartCopy: 412 Precondition Failed; Ceph ignores the conditions',
    ),
  )
  await copy(
    'If-None-Match',
    { 'x-amz-copy-source-if-none-match': '"781e5e245d69b566979b86e28d23f2c7"' },
    differs(
      '412 PreconditionFailed',
      '200 ETag="781e5e245d69b566979b86e28d23f2c7"',
      'UploadPartCopy: 412 Precondition Failed; Ceph ignores the conditions',
    ),
  )
  await copy(
    'If-Unmodified-Since the past',
    { 'x-amz-copy-source-if-unmodified-since': 'Wed, 21 Oct 2015 07:28:00 GMT' },
    differs(
      '412 PreconditionFailed',
      '200 ETag="781e5e245d69b566979b86e28d23f2c7"',
      'UploadPartCopy: 412 Precondition Failed; Ceph ignores the conditions',
    ),
  )
  await copy(
    'If-Modified-Since the past',
    { 'x-amz-copy-source-if-modified-since': 'Wed, 21 Oct 2015 07:28:00 GMT' },
    '200 ETag="781e5e245d69b566979b86e28d23f2c7"',
  )
  await copy(
    'of what is not there',
    { 'x-amz-copy-source': source(bucket, 'none') },
    '404 NoSuchKey',
  )
  await copy(
    'part 0',
    {},
    differs(
      '400 InvalidArgument',
      '200 ETag="781e5e245d69b566979b86e28d23f2c7"',
      'UploadPart: part numbers are from 1 to 10,000; Ceph takes others',
    ),
    '0',
  )
}
