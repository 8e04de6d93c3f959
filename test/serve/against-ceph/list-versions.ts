// ListObjectVersions.
import { differs, type Scenario, type Expected } from './stage.ts'

export const listings: Scenario = async (stage) => {
  const bucket = await stage.bucket('Enabled')
  const ids: string[] = []
  for (const [key, body] of [
    ['a', '1'],
    ['a', '2'],
    ['b/1', '1'],
    ['b/2', '1'],
    ['c', '1'],
    ['c', '2'],
    ['c', '3'],
  ] as const) {
    const id = await stage.put(`${bucket}/${key}`, body)
    stage.call(id, `${key}@${body}`)
    ids.push(id)
  }
  const removed = await stage.done('DELETE', `${bucket}/a`)
  stage.call(stage.version(removed.headers), 'a@gone')
  const list = async (
    label: string,
    query: Record<string, string>,
    expected: Expected,
    more: readonly string[] = [],
  ): Promise<void> => {
    await stage.ask(
      label,
      'GET',
      bucket,
      {
        query: { versions: '', ...query },
        show: [
          'Version/VersionId',
          'DeleteMarker/VersionId',
          'CommonPrefixes/Prefix',
          'IsTruncated',
          ...more,
        ],
      },
      expected,
    )
  }
  await list(
    'all',
    {},
    '200 Version/VersionId=a@2,a@1,b/1@1,b/2@1,c@3,c@2,c@1 DeleteMarker/VersionId=a@gone IsTruncated=false IsLatest=true,false,false,true,true,true,false,false KeyMarker= VersionIdMarker= MaxKeys=1000 Name=BUCKET',
    [
      'IsLatest',
      'KeyMarker',
      'VersionIdMarker',
      'NextKeyMarker',
      'NextVersionIdMarker',
      'MaxKeys',
      'Name',
    ],
  )
  await list(
    'a delimiter',
    { delimiter: '/' },
    '200 Version/VersionId=a@2,a@1,c@3,c@2,c@1 DeleteMarker/VersionId=a@gone CommonPrefixes/Prefix=b/ IsTruncated=false',
  )
  await list('a prefix', { prefix: 'b/' }, '200 Version/VersionId=b/1@1,b/2@1 IsTruncated=false')
  await list(
    'a key marker',
    { 'key-marker': 'a' },
    differs(
      '200 Version/VersionId=b/1@1,b/2@1,c@3,c@2,c@1 IsTruncated=false',
      '200 Version/VersionId=a@2,a@1,b/1@1,b/2@1,c@3,c@2,c@1 DeleteMarker/VersionId=a@gone IsTruncated=false',
      'ListObjectVersions: begins after the key; Ceph begins with it',
    ),
  )
  await list(
    'a key and a version marker',
    { 'key-marker': 'c', 'version-id-marker': ids[5] ?? '' },
    '200 Version/VersionId=c@1 IsTruncated=false',
  )
  await list(
    'a version marker alone',
    { 'version-id-marker': ids[5] ?? '' },
    differs(
      '400 InvalidArgument',
      '200 Version/VersionId=a@2,a@1,b/1@1,b/2@1,c@3,c@2,c@1 DeleteMarker/VersionId=a@gone IsTruncated=false',
      'version-id-marker comes with key-marker only; Ceph ignores it',
    ),
  )
  await list(
    'an empty version marker',
    { 'key-marker': 'b/2', 'version-id-marker': '' },
    differs(
      '200 Version/VersionId=c@3,c@2,c@1 IsTruncated=false',
      '200 Version/VersionId=b/2@1,c@3,c@2,c@1 IsTruncated=false',
      'ListObjectVersions: begins after the key; Ceph begins with it',
    ),
  )
  await list(
    'a page',
    { 'max-keys': '2' },
    '200 Version/VersionId=a@2 DeleteMarker/VersionId=a@gone IsTruncated=true NextKeyMarker=a NextVersionIdMarker=a@2',
    ['NextKeyMarker', 'NextVersionIdMarker'],
  )
  await list(
    'a page that ends in a common prefix',
    { 'max-keys': '4', delimiter: '/' },
    differs(
      '200 Version/VersionId=a@2,a@1 DeleteMarker/VersionId=a@gone CommonPrefixes/Prefix=b/ IsTruncated=true NextKeyMarker=b/',
      '200 Version/VersionId=a@2,a@1 DeleteMarker/VersionId=a@gone CommonPrefixes/Prefix=b/ IsTruncated=true NextKeyMarker=b/ NextVersionIdMarker=null',
      'The listing begins after the key, and the common prefix has more keys behind it; Ceph leaves it out',
    ),
    ['NextKeyMarker', 'NextVersionIdMarker'],
  )
  await list(
    'behind a common prefix',
    { 'key-marker': 'b/', delimiter: '/' },
    '200 Version/VersionId=c@3,c@2,c@1 IsTruncated=false',
  )
  await list('none', { 'max-keys': '0' }, '200 IsTruncated=false MaxKeys=0', ['MaxKeys'])
  await list(
    '1001',
    { 'max-keys': '1001' },
    differs(
      '200 Version/VersionId=a@2,a@1,b/1@1,b/2@1,c@3,c@2,c@1 DeleteMarker/VersionId=a@gone IsTruncated=false MaxKeys=1000',
      '200 Version/VersionId=a@2,a@1,b/1@1,b/2@1,c@3,c@2,c@1 DeleteMarker/VersionId=a@gone IsTruncated=false MaxKeys=1001',
      'Never more than 1,000, and MaxKeys tells; Ceph tells what was asked',
    ),
    ['MaxKeys'],
  )
  await list('a number that is none', { 'max-keys': 'many' }, '400 InvalidArgument')
}
