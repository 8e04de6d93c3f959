// Ranges and parts of objects.
import { differs, type Scenario, type Expected } from './stage.ts'

export const ranges: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const [ten, empty] = [`${bucket}/ten`, `${bucket}/empty`]
  await stage.put(ten, '0123456789')
  await stage.put(empty, '')
  const show = ['content-range', 'content-length', 'body']
  const get = async (
    label: string,
    range: string,
    expected: Expected,
    key = ten,
  ): Promise<void> => {
    await stage.ask(
      label,
      'GET',
      key,
      { headers: { range }, show: range.startsWith('!') ? [] : show },
      expected,
    )
  }
  const refused = async (
    label: string,
    range: string,
    expected: Expected,
    key = ten,
  ): Promise<void> => {
    await stage.ask(
      label,
      'GET',
      key,
      { headers: { range }, show: ['content-range', 'RangeRequested', 'ActualObjectSize'] },
      expected,
    )
  }
  await get('first and last', 'bytes=2-4', '206 content-range=bytes 2-4/10 content-length=3 "234"')
  await get('one byte', 'bytes=0-0', '206 content-range=bytes 0-0/10 content-length=1 "0"')
  await get('open', 'bytes=7-', '206 content-range=bytes 7-9/10 content-length=3 "789"')
  await get('suffix', 'bytes=-3', '206 content-range=bytes 7-9/10 content-length=3 "789"')
  await get(
    'a suffix longer than the object',
    'bytes=-30',
    '206 content-range=bytes 0-9/10 content-length=10 "0123456789"',
  )
  await get(
    'an end behind the end',
    'bytes=7-70',
    '206 content-range=bytes 7-9/10 content-length=3 "789"',
  )
  await refused(
    'a suffix of none',
    'bytes=-0',
    differs(
      '416 InvalidRange content-range=bytes */10 RangeRequested=bytes=-0 ActualObjectSize=10',
      '206 content-range=bytes 0-9/10',
      'RFC 9110: no such range can be satisfied; Ceph sends all',
    ),
  )
  await refused(
    'a beginning at the end',
    'bytes=10-',
    differs(
      '416 InvalidRange content-range=bytes */10 RangeRequested=bytes=10- ActualObjectSize=10',
      '416 InvalidRange',
      'RFC 9110: Content-Range tells the size; Ceph tells nothing more',
    ),
  )
  await refused(
    'a beginning behind the end',
    'bytes=20-30',
    differs(
      '416 InvalidRange content-range=bytes */10 RangeRequested=bytes=20-30 ActualObjectSize=10',
      '416 InvalidRange',
      'RFC 9110: Content-Range tells the size; Ceph tells nothing more',
    ),
  )
  await get(
    'an end before the beginning',
    'bytes=5-2',
    differs(
      '200 content-length=10 "0123456789"',
      '416 InvalidRange',
      'RFC 9110: Content-Range tells the size; Ceph tells nothing more',
    ),
  )
  await get(
    'several ranges',
    'bytes=0-1,4-5',
    differs(
      '200 content-length=10 "0123456789"',
      '206 content-range=bytes 0-1/10 content-length=2 "01"',
      'S3 gives no more than one range in an answer, and so the whole; Ceph gives the first',
    ),
  )
  await get(
    'another unit',
    'lines=0-1',
    differs(
      '200 content-length=10 "0123456789"',
      '200 content-range=bytes 0-9/10 content-length=10 "0123456789"',
      'RFC 9110: what is no range of bytes is ignored; Ceph reads something into it',
    ),
  )
  await get(
    'no range',
    'bytes=a-b',
    differs(
      '200 content-length=10 "0123456789"',
      '206 content-range=bytes 0-0/10 content-length=1 "0"',
      'RFC 9110: what is no range of bytes is ignored; Ceph reads something into it',
    ),
  )
  await refused(
    'of no bytes, from the first',
    'bytes=0-',
    differs(
      '416 InvalidRange content-range=bytes */0 RangeRequested=bytes=0- ActualObjectSize=0',
      '416 InvalidRange',
      'RFC 9110: Content-Range tells the size; Ceph tells nothing more',
    ),
    empty,
  )
  await refused(
    'of no bytes, the first ten',
    'bytes=0-9',
    differs(
      '416 InvalidRange content-range=bytes */0 RangeRequested=bytes=0-9 ActualObjectSize=0',
      '416 InvalidRange',
      'RFC 9110: Content-Range tells the size; Ceph tells nothing more',
    ),
    empty,
  )
  await refused(
    'of no bytes, the last ten',
    'bytes=-10',
    differs(
      '416 InvalidRange content-range=bytes */0 RangeRequested=bytes=-10 ActualObjectSize=0',
      '416 InvalidRange',
      'RFC 9110: Content-Range tells the size; Ceph tells nothing more',
    ),
    empty,
  )
  await stage.ask(
    'HEAD',
    'HEAD',
    ten,
    { headers: { range: 'bytes=2-4' }, show },
    '206 content-range=bytes 2-4/10 content-length=3 ""',
  )
  await stage.ask(
    'HEAD behind the end',
    'HEAD',
    ten,
    { headers: { range: 'bytes=20-30' }, show: ['body'] },
    '416 ""',
  )
  await stage.ask(
    'of what is not there',
    'GET',
    `${bucket}/none`,
    { headers: { range: 'bytes=0-' } },
    '404 NoSuchKey',
  )
  const { headers: known } = await stage.done('HEAD', ten)
  const ifRange = async (label: string, validator: string, expected: Expected): Promise<void> => {
    await stage.ask(
      label,
      'GET',
      ten,
      { headers: { range: 'bytes=0-1', 'if-range': validator }, show: ['content-range'] },
      expected,
    )
  }
  await ifRange('If-Range of its etag', String(known.etag), '206 content-range=bytes 0-1/10')
  await ifRange(
    'If-Range of another etag',
    '"0123456789abcdef0123456789abcdef"',
    differs(
      '200',
      '206 content-range=bytes 0-1/10',
      'RFC 9110: the whole, where it is another; Ceph does not know the header',
    ),
  )
  await ifRange(
    'If-Range of its time',
    String(known['last-modified']),
    '206 content-range=bytes 0-1/10',
  )
  await stage.ask(
    'a part of what has no parts',
    'GET',
    ten,
    { query: { partNumber: '1' }, show: [...show, 'x-amz-mp-parts-count'] },
    differs(
      '206 content-range=bytes 0-9/10 content-length=10 "0123456789"',
      '200 content-length=10 "0123456789"',
      'GetObject: effectively a ranged GET; Ceph sends the whole as such',
    ),
  )
  await stage.ask(
    'HEAD of a part of what has no parts',
    'HEAD',
    ten,
    {
      query: { partNumber: '1' },
      show: ['content-range', 'content-length', 'x-amz-mp-parts-count'],
    },
    differs(
      '206 content-range=bytes 0-9/10 content-length=10',
      '200 content-length=10',
      'GetObject: effectively a ranged GET; Ceph sends the whole as such',
    ),
  )
  await stage.ask(
    'the second part of what has no parts',
    'GET',
    ten,
    { query: { partNumber: '2' }, show: ['ActualPartCount'] },
    differs(
      '416 InvalidPartNumber ActualPartCount=1',
      '400 InvalidPart',
      'List of error codes: InvalidPartNumber, 416; Ceph has a code of its own',
    ),
  )
  await stage.ask(
    'part 0',
    'GET',
    ten,
    { query: { partNumber: '0' } },
    differs(
      '400 InvalidArgument',
      '400 InvalidPart',
      'GetObject: a positive integer between 1 and 10,000; Ceph says that there is none',
    ),
  )
  await stage.ask(
    'part 10001',
    'GET',
    ten,
    { query: { partNumber: '10001' } },
    differs(
      '400 InvalidArgument',
      '400 InvalidPart',
      'GetObject: a positive integer between 1 and 10,000; Ceph says that there is none',
    ),
  )
  await stage.ask(
    'part x',
    'GET',
    ten,
    { query: { partNumber: 'x' } },
    differs(
      '400 InvalidArgument',
      '400 InvalidPart',
      'GetObject: a positive integer between 1 and 10,000; Ceph says that there is none',
    ),
  )
  await stage.ask(
    'the part of no bytes',
    'GET',
    empty,
    { query: { partNumber: '1' }, show },
    '200 content-length=0 ""',
  )
  await stage.ask(
    'a part and a range',
    'GET',
    ten,
    { query: { partNumber: '1' }, headers: { range: 'bytes=0-1' } },
    differs('400 InvalidRequest', '206', 'GetObject: one of them; Ceph takes the range'),
  )
}
