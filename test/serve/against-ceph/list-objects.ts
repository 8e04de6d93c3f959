// ListObjects.
import { differs, type Scenario, type Expected } from './stage.ts'
import { entries, keys } from './keys.ts'

export const versionOne: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  for (const key of keys) await stage.put(`${bucket}/${key}`, 'x')
  const list = async (
    label: string,
    query: Record<string, string>,
    expected: Expected,
    show: readonly string[] = [],
  ): Promise<void> => {
    await stage.ask(label, 'GET', bucket, { query, show: [...entries, ...show] }, expected)
  }
  await list(
    'all',
    {},
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false Name=BUCKET Prefix= Marker= MaxKeys=1000 StorageClass=STANDARD,STANDARD,STANDARD,STANDARD,STANDARD,STANDARD,STANDARD,STANDARD,STANDARD,STANDARD',
    [
      'Name',
      'Prefix',
      'Marker',
      'MaxKeys',
      'NextMarker',
      'Delimiter',
      'EncodingType',
      'StorageClass',
    ],
  )
  await list(
    'a delimiter',
    { delimiter: '/' },
    '200 Contents/Key=a,e,z--1,z--2,ä CommonPrefixes/Prefix=b/,d/ IsTruncated=false Delimiter=/',
    ['Delimiter'],
  )
  await list(
    'a delimiter of two characters',
    { delimiter: '--' },
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,ä CommonPrefixes/Prefix=z-- IsTruncated=false',
  )
  await list(
    'a delimiter of two slashes',
    { delimiter: '//' },
    '200 Contents/Key=a,b/1,b/2,b/c/1,e,z--1,z--2,ä CommonPrefixes/Prefix=d// IsTruncated=false',
  )
  await list(
    'a prefix',
    { prefix: 'b/' },
    '200 Contents/Key=b/1,b/2,b/c/1 IsTruncated=false ListBucketResult/Prefix=b/',
    ['ListBucketResult/Prefix'],
  )
  await list(
    'a prefix and a delimiter',
    { prefix: 'b/', delimiter: '/' },
    '200 Contents/Key=b/1,b/2 CommonPrefixes/Prefix=b/c/ IsTruncated=false',
  )
  await list(
    'a prefix that is in the middle of a name',
    { prefix: 'z-', delimiter: '-' },
    '200 CommonPrefixes/Prefix=z-- IsTruncated=false',
  )
  await list(
    'a marker',
    { marker: 'b/1' },
    '200 Contents/Key=b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false Marker=b/1',
    ['Marker'],
  )
  await list(
    'a marker that is no key',
    { marker: 'c' },
    '200 Contents/Key=d//1,d//2,e,z--1,z--2,ä IsTruncated=false',
  )
  await list(
    'a marker in a common prefix',
    { marker: 'b/1', delimiter: '/' },
    differs(
      '200 Contents/Key=e,z--1,z--2,ä CommonPrefixes/Prefix=b/,d/ IsTruncated=false',
      '200 Contents/Key=e,z--1,z--2,ä CommonPrefixes/Prefix=d/ IsTruncated=false',
      'The listing begins after the key, and the common prefix has more keys behind it; Ceph leaves it out',
    ),
  )
  await list(
    'a marker that is a common prefix',
    { marker: 'b/', delimiter: '/' },
    '200 Contents/Key=e,z--1,z--2,ä CommonPrefixes/Prefix=d/ IsTruncated=false',
  )
  await list(
    'a page',
    { 'max-keys': '2' },
    differs(
      '200 Contents/Key=a,b/1 IsTruncated=true MaxKeys=2',
      '200 Contents/Key=a,b/1 IsTruncated=true MaxKeys=2 NextMarker=b/1',
      'ListObjects: NextMarker only with a delimiter; Ceph always has it',
    ),
    ['MaxKeys', 'NextMarker'],
  )
  await list(
    'a page with a delimiter',
    { 'max-keys': '2', delimiter: '/' },
    '200 Contents/Key=a CommonPrefixes/Prefix=b/ IsTruncated=true MaxKeys=2 NextMarker=b/',
    ['MaxKeys', 'NextMarker'],
  )
  await list(
    'the next page',
    { 'max-keys': '2', delimiter: '/', marker: 'b/' },
    '200 Contents/Key=e CommonPrefixes/Prefix=d/ IsTruncated=true NextMarker=e',
    ['NextMarker'],
  )
  await list(
    'the last page',
    { 'max-keys': '10', marker: 'e' },
    '200 Contents/Key=z--1,z--2,ä IsTruncated=false',
    ['NextMarker'],
  )
  await list(
    'as many as there are',
    { 'max-keys': '10' },
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false',
  )
  await list('none', { 'max-keys': '0' }, '200 IsTruncated=false MaxKeys=0', ['MaxKeys'])
  await list(
    '1001',
    { 'max-keys': '1001' },
    differs(
      '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false MaxKeys=1000',
      '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false MaxKeys=1001',
      'ListObjects: never more than 1,000, and MaxKeys tells; Ceph tells what was asked',
    ),
    ['MaxKeys'],
  )
  await list(
    'less than none',
    { 'max-keys': '-1' },
    differs(
      '400 InvalidArgument',
      '200 IsTruncated=false',
      'max-keys is a number from 0 to 2147483647; Ceph makes of it none',
    ),
  )
  await list('a number that is none', { 'max-keys': 'many' }, '400 InvalidArgument')
  await list(
    'no number',
    { 'max-keys': '' },
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false MaxKeys=1000',
    ['MaxKeys'],
  )
  await list(
    'too large a number',
    { 'max-keys': '2147483648' },
    differs(
      '400 InvalidArgument',
      '200 IsTruncated=false',
      'max-keys is a number from 0 to 2147483647; Ceph makes of it none',
    ),
  )
  await list(
    'an encoding that is none',
    { 'encoding-type': 'base64' },
    differs(
      '400 InvalidArgument',
      '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false',
      'encoding-type: valid value url; Ceph ignores others',
    ),
  )
  await list('a prefix that nothing has', { prefix: 'nothing' }, '200 IsTruncated=false')
  await list(
    'an empty delimiter',
    { delimiter: '' },
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false',
    ['Delimiter'],
  )
}
