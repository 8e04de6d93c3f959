// CopyObject.
import { differs, source, type Scenario, type Expected } from './stage.ts'
import { other } from './etags.ts'

export const copies: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  await stage.put(`${bucket}/from`, 'hello', {
    'content-type': 'text/plain',
    'x-amz-meta-a': '1',
    'x-amz-tagging': 'a=1',
    'cache-control': 'no-store',
  })
  const etag = '"5d41402abc4b2a76b9719d911017c592"'
  const past = new Date(Date.now() - 86_400_000).toUTCString()
  const future = new Date(Date.now() + 86_400_000).toUTCString()
  const from = source(bucket, 'from')
  const copy = async (
    label: string,
    headers: Record<string, string>,
    expected: Expected,
    key = 'to',
  ): Promise<void> => {
    await stage.ask(
      label,
      'PUT',
      `${bucket}/${key}`,
      { headers: { 'x-amz-copy-source': from, ...headers }, show: ['ETag'] },
      expected,
    )
  }
  const show = [
    'content-type',
    'cache-control',
    'x-amz-meta-a',
    'x-amz-meta-b',
    'x-amz-storage-class',
    'body',
  ]
  const look = async (label: string, expected: Expected, key = 'to'): Promise<void> => {
    await stage.ask(label, 'GET', `${bucket}/${key}`, { show }, expected)
  }
  await copy('plainly', {}, '200 ETag="5d41402abc4b2a76b9719d911017c592"')
  await look(
    'takes the metadata along',
    '200 content-type=text/plain cache-control=no-store x-amz-meta-a=1 "hello"',
  )
  await stage.ask(
    'takes the tags along',
    'GET',
    `${bucket}/to`,
    { query: { tagging: '' }, show: ['Tag/Key', 'Tag/Value'] },
    '200 Tag/Key=a Tag/Value=1',
  )
  await copy(
    'with REPLACE',
    { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-b': '2', 'content-type': 'text/html' },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await look('replaces the metadata', '200 content-type=text/html x-amz-meta-b=2 "hello"')
  await stage.ask(
    'and not the tags',
    'GET',
    `${bucket}/to`,
    { query: { tagging: '' }, show: ['Tag/Key', 'Tag/Value'] },
    differs(
      '200 Tag/Key=a Tag/Value=1',
      '200',
      'CopyObject: x-amz-tagging-directive is COPY unless said; Ceph drops the tags with the metadata',
    ),
  )
  await copy(
    'with COPY',
    { 'x-amz-metadata-directive': 'COPY', 'x-amz-meta-b': '2' },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await look(
    'keeps the metadata',
    '200 content-type=text/plain cache-control=no-store x-amz-meta-a=1 "hello"',
  )
  await copy(
    'with other tags',
    { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'b=2' },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await stage.ask(
    'replaces the tags',
    'GET',
    `${bucket}/to`,
    { query: { tagging: '' }, show: ['Tag/Key', 'Tag/Value'] },
    differs(
      '200 Tag/Key=b Tag/Value=2',
      '200 Tag/Key=a Tag/Value=1',
      'CopyObject: x-amz-tagging-directive; Ceph does not know it',
    ),
  )
  await copy(
    'with a directive that is none',
    { 'x-amz-metadata-directive': 'MERGE' },
    '400 InvalidArgument',
  )
  await copy('onto itself', {}, '400 InvalidRequest', 'from')
  await copy(
    'onto itself with REPLACE',
    { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-b': '2' },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
    'from',
  )
  await look(
    'has other metadata then',
    '200 content-type=binary/octet-stream x-amz-meta-b=2 "hello"',
    'from',
  )
  await copy(
    'source If-Match',
    { 'x-amz-copy-source-if-match': etag },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await copy(
    'source If-Match of another',
    { 'x-amz-copy-source-if-match': other },
    '412 PreconditionFailed',
  )
  await copy(
    'source If-None-Match',
    { 'x-amz-copy-source-if-none-match': etag },
    differs(
      '412 PreconditionFailed',
      '304',
      'CopyObject: 412 Precondition Failed; Ceph answers as to a GET',
    ),
  )
  await copy(
    'source If-None-Match of another',
    { 'x-amz-copy-source-if-none-match': other },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await copy(
    'source If-Modified-Since the past',
    { 'x-amz-copy-source-if-modified-since': past },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await copy(
    'source If-Modified-Since the future',
    { 'x-amz-copy-source-if-modified-since': future },
    differs(
      '412 PreconditionFailed',
      '304',
      'CopyObject: 412 Precondition Failed; Ceph answers as to a GET',
    ),
  )
  await copy(
    'source If-Unmodified-Since the past',
    { 'x-amz-copy-source-if-unmodified-since': past },
    '412 PreconditionFailed',
  )
  await copy(
    'source If-Match holds, If-Unmodified-Since does not',
    { 'x-amz-copy-source-if-match': etag, 'x-amz-copy-source-if-unmodified-since': past },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await copy(
    'source If-None-Match does not hold, If-Modified-Since does',
    { 'x-amz-copy-source-if-none-match': etag, 'x-amz-copy-source-if-modified-since': past },
    differs(
      '412 PreconditionFailed',
      '304',
      'CopyObject: 412 Precondition Failed; Ceph answers as to a GET',
    ),
  )
  await copy(
    'If-None-Match where something is',
    { 'if-none-match': '*' },
    differs(
      '412 PreconditionFailed',
      '200 ETag="5d41402abc4b2a76b9719d911017c592"',
      'CopyObject: conditions of the destination; Ceph ignores them',
    ),
  )
  await copy(
    'If-None-Match where nothing is',
    { 'if-none-match': '*' },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
    'new',
  )
  await copy(
    'If-Match of another etag',
    { 'if-match': other },
    differs(
      '412 PreconditionFailed',
      '200 ETag="5d41402abc4b2a76b9719d911017c592"',
      'CopyObject: conditions of the destination; Ceph ignores them',
    ),
    'new',
  )
  await copy(
    'If-Match of its etag',
    { 'if-match': etag },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
    'new',
  )
  await copy(
    'If-Match where nothing is',
    { 'if-match': etag },
    differs(
      '404 NoSuchKey',
      '200 ETag="5d41402abc4b2a76b9719d911017c592"',
      'CopyObject: conditions of the destination; Ceph ignores them',
    ),
    'newer',
  )
  await copy(
    'of what is not there',
    { 'x-amz-copy-source': source(bucket, 'none') },
    '404 NoSuchKey',
  )
  await copy(
    'from a bucket that is not there',
    { 'x-amz-copy-source': source(`${bucket}-none`, 'from') },
    '404 NoSuchBucket',
  )
  await copy('of no key', { 'x-amz-copy-source': `/${bucket}` }, '400 InvalidArgument')
  await copy(
    'without a slash ahead',
    { 'x-amz-copy-source': `${bucket}/from` },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await copy(
    'encoded whole',
    { 'x-amz-copy-source': encodeURIComponent(`${bucket}/from`) },
    '200 ETag="5d41402abc4b2a76b9719d911017c592"',
  )
  await stage.put(`${bucket}/a b+c%/ä`, 'odd')
  await copy(
    'of an odd key',
    { 'x-amz-copy-source': source(bucket, 'a b+c%/ä') },
    '200 ETag="a2b6f2a6066ed8700d83335fc50a2b8e"',
  )
  await copy(
    'to another class',
    { 'x-amz-storage-class': 'STANDARD_IA' },
    differs(
      '200 ETag="5d41402abc4b2a76b9719d911017c592"',
      '400 InvalidArgument',
      'S3 has this class; Ceph has only those that are set up',
    ),
    'class',
  )
}
