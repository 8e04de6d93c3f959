// DeleteObjects.
import { differs, md5, type Scenario, type Expected } from './stage.ts'
import { other } from './etags.ts'

const object = (key: string, more = ''): string => `<Object><Key>${key}</Key>${more}</Object>`

export const ofMany: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const remove = async (
    label: string,
    inside: string,
    expected: Expected,
    headers?: Record<string, string>,
  ): Promise<void> => {
    const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</Delete>`
    await stage.ask(
      label,
      'POST',
      bucket,
      {
        query: { delete: '' },
        body,
        headers: headers ?? { 'content-md5': md5(body) },
        show: ['Deleted/Key', 'Error/Key', 'Error/Code'],
      },
      expected,
    )
  }
  for (const key of ['a', 'b', 'c', 'd']) await stage.put(`${bucket}/${key}`, 'hello')
  await remove('one', object('a'), '200 Deleted/Key=a')
  await remove('one that is not there', object('none'), '200 Deleted/Key=none')
  await remove('quietly', `<Quiet>true</Quiet>${object('b')}`, '200')
  await remove(
    'one that is not there, of an etag',
    object('none', `<ETag>${other}</ETag>`),
    differs(
      '200 Error/Key=none Error/Code=NoSuchKey',
      '200 Deleted/Key=none',
      'Conditional deletes: NoSuchKey where there is no object; Ceph removes it',
    ),
  )
  await remove(
    'of another etag',
    object('c', `<ETag>${other}</ETag>`),
    '200 Error/Key=c Error/Code=PreconditionFailed',
  )
  await remove(
    'of its etag',
    object('c', '<ETag>"5d41402abc4b2a76b9719d911017c592"</ETag>'),
    '200 Deleted/Key=c',
  )
  await remove(
    'none',
    '',
    differs('400 MalformedXML', '400', 'List of error codes: MalformedXML; Ceph gives no code'),
  )
  await remove(
    '1001',
    Array.from({ length: 1001 }, (_, index) => object(`n${index}`)).join(''),
    differs('400 MalformedXML', '400', 'List of error codes: MalformedXML; Ceph gives no code'),
  )
  await remove(
    'without a digest',
    object('d'),
    differs(
      '400 InvalidRequest',
      '200 Deleted/Key=d',
      'DeleteObjects: Content-MD5 or a checksum is required, and verified; Ceph looks at neither',
    ),
    {},
  )
  await stage.put(`${bucket}/d`, 'hello')
  await remove(
    'with a wrong digest',
    object('d'),
    differs(
      '400 BadDigest',
      '200 Deleted/Key=d',
      'DeleteObjects: Content-MD5 or a checksum is required, and verified; Ceph looks at neither',
    ),
    { 'content-md5': md5('other') },
  )
  await stage.put(`${bucket}/d`, 'hello')
  await remove(
    'with another checksum',
    object('d'),
    differs(
      '400 BadDigest',
      '200 Deleted/Key=d',
      'DeleteObjects: Content-MD5 or a checksum is required, and verified; Ceph looks at neither',
    ),
    { 'x-amz-checksum-crc32': 'AAAAAA==' },
  )
  await remove(
    'no key',
    '<Object></Object>',
    differs('400 MalformedXML', '400', 'List of error codes: MalformedXML; Ceph gives no code'),
  )
  await stage.ask(
    'no XML',
    'POST',
    bucket,
    { query: { delete: '' }, body: 'none', headers: { 'content-md5': md5('none') } },
    differs('400 MalformedXML', '400', 'List of error codes: MalformedXML; Ceph gives no code'),
  )
  await stage.ask(
    'nothing of these was removed',
    'GET',
    `${bucket}/d`,
    { show: ['body'] },
    differs('200 "hello"', '404 NoSuchKey', 'Of the three before, Ceph refused none'),
  )
}
