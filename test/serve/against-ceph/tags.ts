// Tags of objects and buckets.
import { differs, md5, type Scenario, type Expected } from './stage.ts'

const tag = (name: string, value: string): string =>
  `<Tag><Key>${name}</Key><Value>${value}</Value></Tag>`

export const tags: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  await stage.put(key, 'x')
  const many = (count: number): string =>
    Array.from({ length: count }, (_, index) => tag(`k${index}`, 'v')).join('')
  const put = async (
    label: string,
    inside: string,
    expected: Expected,
    target = key,
  ): Promise<void> => {
    const body = `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${inside}</TagSet></Tagging>`
    await stage.ask(
      label,
      'PUT',
      target,
      { query: { tagging: '' }, body, headers: { 'content-md5': md5(body) } },
      expected,
    )
  }
  const show = ['Tag/Key', 'Tag/Value']
  await stage.ask('none', 'GET', key, { query: { tagging: '' }, show }, '200')
  await put('two', tag('a', '1') + tag('b', ''), '200')
  await stage.ask(
    'which are there',
    'GET',
    key,
    { query: { tagging: '' }, show },
    '200 Tag/Key=a,b Tag/Value=1,',
  )
  await stage.ask(
    'as a number',
    'HEAD',
    key,
    { show: ['x-amz-tagging-count'] },
    '200 x-amz-tagging-count=2',
  )
  await put('ten', many(10), '200')
  await put(
    'eleven',
    many(11),
    differs(
      '400 BadRequest',
      '400 InvalidTag',
      'S3 says BadRequest, though not in its documentation; Ceph has other codes',
    ),
  )
  await put(
    'one twice',
    tag('a', '1') + tag('a', '2'),
    differs('400 InvalidTag', '200', 'Tag keys are unique; Ceph takes the last'),
  )
  await put('no name', tag('', '1'), '400 InvalidTag')
  await put('a name of 128', tag('n'.repeat(128), '1'), '200')
  await put('a name of 129', tag('n'.repeat(129), '1'), '400 InvalidTag')
  await put('a value of 256', tag('n', 'v'.repeat(256)), '200')
  await put('a value of 257', tag('n', 'v'.repeat(257)), '400 InvalidTag')
  await put(
    'a name of aws',
    tag('aws:a', '1'),
    differs('400 InvalidTag', '200', 'Tag keys do not begin with aws:; Ceph takes them'),
  )
  await put(
    'a character that may not be',
    tag('a', '1;2'),
    differs(
      '400 InvalidTag',
      '200',
      'Tags: letters, numbers, spaces and + - = . _ : / @; Ceph takes all',
    ),
  )
  await put('characters that may be', tag('ä +-=._:/@', 'ö'), '200')
  await put('of what is not there', tag('a', '1'), '404 NoSuchKey', `${bucket}/none`)
  await stage.ask(
    'no XML',
    'PUT',
    key,
    { query: { tagging: '' }, body: 'none' },
    '400 MalformedXML',
  )
  await stage.ask('DELETE', 'DELETE', key, { query: { tagging: '' } }, '204')
  await stage.ask('none again', 'GET', key, { query: { tagging: '' }, show }, '200')
  await stage.ask(
    'GET of what is not there',
    'GET',
    `${bucket}/none`,
    { query: { tagging: '' } },
    '404 NoSuchKey',
  )
  const header = async (label: string, value: string, expected: Expected): Promise<void> => {
    await stage.ask(label, 'PUT', key, { body: 'x', headers: { 'x-amz-tagging': value } }, expected)
  }
  await header('header: encoded', 'a%20b=%C3%A4&c=1+2', '200')
  await stage.ask(
    'header: is there',
    'GET',
    key,
    { query: { tagging: '' }, show },
    differs(
      '200 Tag/Key=a b,c Tag/Value=ä,1 2',
      '200 Tag/Key=a b,c Tag/Value=ä,1+2',
      'A query: + is a space; Ceph keeps it',
    ),
  )
  await header(
    'header: one twice',
    'a=1&a=2',
    differs('400 InvalidArgument', '200', 'Tag keys are unique; Ceph takes the last'),
  )
  await header(
    'header: eleven',
    Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&'),
    differs(
      '400 BadRequest',
      '400 InvalidArgument',
      'S3 says BadRequest, though not in its documentation; Ceph has other codes',
    ),
  )
  await header('header: no value', 'a', '200')
  await stage.ask('bucket: none', 'GET', bucket, { query: { tagging: '' } }, '404 NoSuchTagSet')
  await put(
    'bucket: 50',
    many(50),
    differs('204', '200', 'PutBucketTagging: the answer of the example is 204; Ceph says 200'),
    bucket,
  )
  await put(
    'bucket: 51',
    many(51),
    differs(
      '400 BadRequest',
      '400 InvalidTag',
      'S3 says BadRequest, though not in its documentation; Ceph has other codes',
    ),
    bucket,
  )
  await stage.ask('bucket: DELETE', 'DELETE', bucket, { query: { tagging: '' } }, '204')
}
