// PutObject: conditions, classes, and what is not implemented.
import { differs, type Scenario, type Expected } from './stage.ts'
import { other } from './etags.ts'

export const puts: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  const put = async (
    label: string,
    target: string,
    headers: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(label, 'PUT', target, { body: 'hello', headers }, expected)
  }
  await put('If-Match where nothing is', key, { 'if-match': other }, '404 NoSuchKey')
  await put('If-None-Match where nothing is', key, { 'if-none-match': '*' }, '200')
  await put(
    'If-None-Match where something is',
    key,
    { 'if-none-match': '*' },
    '412 PreconditionFailed',
  )
  await put('If-Match of another etag', key, { 'if-match': other }, '412 PreconditionFailed')
  await put(
    'If-Match of its etag',
    key,
    { 'if-match': '"5d41402abc4b2a76b9719d911017c592"' },
    '200',
  )
  await put(
    'If-Match of its etag without quotes',
    key,
    { 'if-match': '5d41402abc4b2a76b9719d911017c592' },
    '200',
  )
  await put(
    'If-None-Match of an etag',
    key,
    { 'if-none-match': other },
    differs('501 NotImplemented', '200', 'PutObject: only * is expected; Ceph takes etags, too'),
  )
  await put('both', key, { 'if-none-match': '*', 'if-match': other }, '412 PreconditionFailed')
  await put('in a bucket that is not there', `${bucket}-none/key`, {}, '404 NoSuchBucket')
  await put(
    'a storage class',
    key,
    { 'x-amz-storage-class': 'STANDARD_IA' },
    differs('200', '400 InvalidArgument', 'S3 has this class; Ceph has only those that are set up'),
  )
  await put(
    'a storage class that is none',
    key,
    { 'x-amz-storage-class': 'COLD' },
    differs(
      '400 InvalidStorageClass',
      '400 InvalidArgument',
      'List of error codes: InvalidStorageClass; Ceph has none',
    ),
  )
  await put('an ACL that says nothing', key, { 'x-amz-acl': 'private' }, '200')
  await put(
    'an ACL',
    key,
    { 'x-amz-acl': 'public-read' },
    differs('501 NotImplemented', '200', 'Not implemented here, which is said; Ceph has ACLs'),
  )
  await put(
    'encryption',
    key,
    { 'x-amz-server-side-encryption': 'AES256' },
    differs(
      '501 NotImplemented',
      '400 InvalidArgument',
      'Not implemented here, which is said; Ceph is not set up for it',
    ),
  )
  await put(
    'a lock',
    key,
    { 'x-amz-object-lock-mode': 'GOVERNANCE' },
    differs(
      '501 NotImplemented',
      '400 InvalidArgument',
      'Not implemented here, which is said; Ceph wants a bucket made for it',
    ),
  )
}
