// ListObjectsV2.
import { differs, type Scenario, type Expected } from './stage.ts'
import { entries, keys } from './keys.ts'

export const versionTwo: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  for (const key of keys) await stage.put(`${bucket}/${key}`, 'x')
  const list = async (
    label: string,
    query: Record<string, string>,
    expected: Expected,
    show: readonly string[] = [],
  ): Promise<string | undefined> => {
    const { bytes } = await stage.ask(
      label,
      'GET',
      bucket,
      { query: { 'list-type': '2', ...query }, show: [...entries, 'KeyCount', ...show] },
      expected,
    )
    return /<NextContinuationToken>([^<]*)</.exec(bytes.toString())?.[1]
  }
  await list(
    'all',
    {},
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false KeyCount=10 Name=BUCKET MaxKeys=1000',
    ['Name', 'MaxKeys', 'StartAfter', 'Owner'],
  )
  await list(
    'a delimiter',
    { delimiter: '/' },
    '200 Contents/Key=a,e,z--1,z--2,ä CommonPrefixes/Prefix=b/,d/ IsTruncated=false KeyCount=7',
  )
  await list(
    'a delimiter of two characters',
    { delimiter: '--' },
    '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,ä CommonPrefixes/Prefix=z-- IsTruncated=false KeyCount=9',
  )
  await list(
    'start-after',
    { 'start-after': 'b/1' },
    '200 Contents/Key=b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false KeyCount=8 StartAfter=b/1',
    ['StartAfter'],
  )
  await list(
    'a prefix, a delimiter and start-after',
    { prefix: 'b/', delimiter: '/', 'start-after': 'b/1' },
    '200 Contents/Key=b/2 CommonPrefixes/Prefix=b/c/ IsTruncated=false KeyCount=2',
  )
  await list(
    'start-after in a common prefix',
    { delimiter: '/', 'start-after': 'b/1' },
    differs(
      '200 Contents/Key=e,z--1,z--2,ä CommonPrefixes/Prefix=b/,d/ IsTruncated=false KeyCount=6',
      '200 Contents/Key=e,z--1,z--2,ä CommonPrefixes/Prefix=d/ IsTruncated=false KeyCount=5',
      'The listing begins after the key, and the common prefix has more keys behind it; Ceph leaves it out',
    ),
  )
  await list(
    'start-after a common prefix',
    { delimiter: '/', 'start-after': 'b/' },
    '200 Contents/Key=e,z--1,z--2,ä CommonPrefixes/Prefix=d/ IsTruncated=false KeyCount=5',
  )
  await list(
    'start-after before the prefix',
    { prefix: 'b/', 'start-after': 'a' },
    '200 Contents/Key=b/1,b/2,b/c/1 IsTruncated=false KeyCount=3',
  )
  await list(
    'start-after behind the prefix',
    { prefix: 'b/', 'start-after': 'c' },
    '200 IsTruncated=false KeyCount=0',
  )
  const first = await list(
    'a page',
    { 'max-keys': '3', delimiter: '/' },
    '200 Contents/Key=a CommonPrefixes/Prefix=b/,d/ IsTruncated=true KeyCount=3',
  )
  const second = await list(
    'the next page',
    { 'max-keys': '3', delimiter: '/', 'continuation-token': first ?? '' },
    '200 Contents/Key=e,z--1,z--2 IsTruncated=true KeyCount=3',
  )
  await list(
    'the next page counts, not start-after',
    { 'max-keys': '3', delimiter: '/', 'continuation-token': first ?? '', 'start-after': 'a' },
    '200 Contents/Key=e,z--1,z--2 IsTruncated=true KeyCount=3',
  )
  await list(
    'the last page',
    { 'max-keys': '3', delimiter: '/', 'continuation-token': second ?? '' },
    '200 Contents/Key=ä IsTruncated=false KeyCount=1',
  )
  await list('none', { 'max-keys': '0' }, '200 IsTruncated=false KeyCount=0 MaxKeys=0', ['MaxKeys'])
  await list(
    '1001',
    { 'max-keys': '1001' },
    differs(
      '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false KeyCount=10 MaxKeys=1000',
      '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false KeyCount=10 MaxKeys=1001',
      'ListObjects: never more than 1,000, and MaxKeys tells; Ceph tells what was asked',
    ),
    ['MaxKeys'],
  )
  await list(
    'less than none',
    { 'max-keys': '-1' },
    differs(
      '400 InvalidArgument',
      '200 IsTruncated=false KeyCount=0',
      'max-keys is a number from 0 to 2147483647; Ceph makes of it none',
    ),
  )
  await list('a number that is none', { 'max-keys': 'many' }, '400 InvalidArgument')
  await list(
    'a token that is none',
    { 'continuation-token': 'none' },
    differs(
      '400 InvalidArgument',
      '200 Contents/Key=z--1,z--2,ä IsTruncated=false KeyCount=3',
      'A token is what the answer before gave; Ceph takes any text for a key',
    ),
  )
  await list(
    'an empty token',
    { 'continuation-token': '' },
    differs(
      '400 InvalidArgument',
      '200 Contents/Key=a,b/1,b/2,b/c/1,d//1,d//2,e,z--1,z--2,ä IsTruncated=false KeyCount=10',
      'A token is what the answer before gave; Ceph takes any text for a key',
    ),
  )
  await list(
    'with owners',
    { 'fetch-owner': 'true', 'max-keys': '1' },
    '200 Contents/Key=a IsTruncated=true KeyCount=1',
  )
}
