// Versions and delete markers.
import { differs, md5, source, type Scenario } from './stage.ts'
import { show, bare } from './version-tools.ts'

export const enabled: Scenario = async (stage) => {
  const bucket = await stage.bucket('Enabled')
  const key = `${bucket}/key`
  await stage.ask(
    'GET ?versioning',
    'GET',
    bucket,
    { query: { versioning: '' }, show: ['Status', 'MfaDelete'] },
    differs(
      '200 Status=Enabled',
      '200 Status=Enabled MfaDelete=Disabled',
      'MfaDelete is there only if it was ever set; Ceph always tells',
    ),
  )
  await stage.ask(
    'a first version',
    'PUT',
    key,
    { body: 'one', show: bare },
    '200 x-amz-version-id=another',
  )
  const one = stage.version((await stage.done('HEAD', key)).headers)
  stage.call(one, 'one')
  stage.call(await stage.put(key, 'two'), 'two')
  await stage.ask('the latest', 'GET', key, { show }, '200 x-amz-version-id=two "two"')
  await stage.ask(
    'the first',
    'GET',
    key,
    { query: { versionId: one }, show },
    '200 x-amz-version-id=one "one"',
  )
  await stage.ask(
    'a version that is not there',
    'GET',
    key,
    { query: { versionId: 'null' } },
    differs(
      '404 NoSuchVersion',
      '404 NoSuchKey',
      'List of error codes: NoSuchVersion; Ceph says NoSuchKey',
    ),
  )
  await stage.ask(
    'a version of no form',
    'GET',
    key,
    { query: { versionId: 'no-version' } },
    differs(
      '404 NoSuchVersion',
      '404 NoSuchKey',
      'List of error codes: NoSuchVersion; Ceph says NoSuchKey',
    ),
  )
  const removed = await stage.ask(
    'DELETE',
    'DELETE',
    key,
    { show: bare },
    '204 x-amz-version-id=another x-amz-delete-marker=true',
  )
  const marker = stage.version(removed.headers)
  stage.call(marker, 'marker')
  await stage.ask(
    'DELETE of what is covered, If-Match of any',
    'DELETE',
    key,
    { headers: { 'if-match': '*' } },
    differs(
      '404 NoSuchKey',
      '204',
      'Conditional deletes: covered by a marker the object does not exist; Ceph adds a marker',
    ),
  )
  await stage.ask(
    'GET of what is covered',
    'GET',
    key,
    { show: bare },
    differs(
      '404 NoSuchKey x-amz-version-id=marker x-amz-delete-marker=true',
      '404 NoSuchKey x-amz-delete-marker=true',
      'GetObject: x-amz-version-id is that of the marker; Ceph does not tell',
    ),
  )
  await stage.ask(
    'HEAD of what is covered',
    'HEAD',
    key,
    { show: [...bare, 'body'] },
    differs(
      '404 x-amz-version-id=marker x-amz-delete-marker=true ""',
      '404 x-amz-delete-marker=true ""',
      'GetObject: x-amz-version-id is that of the marker; Ceph does not tell',
    ),
  )
  await stage.ask(
    'GET of the marker',
    'GET',
    key,
    { query: { versionId: marker }, show: [...bare, 'allow'] },
    differs(
      '405 MethodNotAllowed x-amz-version-id=marker x-amz-delete-marker=true allow=DELETE',
      '404 NoSuchKey x-amz-delete-marker=false',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'HEAD of the marker',
    'HEAD',
    key,
    { query: { versionId: marker }, show: [...bare, 'allow', 'body'] },
    differs(
      '405 x-amz-version-id=marker x-amz-delete-marker=true allow=DELETE ""',
      '404 x-amz-delete-marker=false ""',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'tags of what is covered',
    'GET',
    key,
    { query: { tagging: '' } },
    '404 NoSuchKey',
  )
  await stage.ask(
    'tags of the marker',
    'GET',
    key,
    { query: { tagging: '', versionId: marker } },
    differs(
      '405 MethodNotAllowed',
      '404 NoSuchKey',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'attributes of the marker',
    'GET',
    key,
    {
      query: { attributes: '', versionId: marker },
      headers: { 'x-amz-object-attributes': 'ETag' },
    },
    differs(
      '405 MethodNotAllowed',
      '404 NoSuchKey',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'a copy of the marker',
    'PUT',
    `${bucket}/copy`,
    { headers: { 'x-amz-copy-source': source(bucket, 'key', marker) } },
    differs(
      '400 InvalidRequest',
      '404 NoSuchKey',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'a copy of what is covered',
    'PUT',
    `${bucket}/copy`,
    { headers: { 'x-amz-copy-source': source(bucket, 'key') } },
    '404 NoSuchKey',
  )
  await stage.ask(
    'a copy of a version',
    'PUT',
    `${bucket}/copy`,
    {
      headers: { 'x-amz-copy-source': source(bucket, 'key', one) },
      show: ['x-amz-version-id', 'x-amz-copy-source-version-id'],
    },
    differs(
      '200 x-amz-version-id=another x-amz-copy-source-version-id=one',
      '200',
      'CopyObject: both version IDs; Ceph tells neither',
    ),
  )
  await stage.ask(
    'a put if nothing is there, on a marker',
    'PUT',
    key,
    { body: 'x', headers: { 'if-none-match': '*' }, show: bare },
    '200 x-amz-version-id=another',
  )
  const third = stage.version((await stage.done('HEAD', key)).headers)
  stage.call(third, 'third')
  await stage.ask(
    'DELETE of a version',
    'DELETE',
    key,
    { query: { versionId: third }, show: bare },
    '204 x-amz-version-id=third',
  )
  const again = await stage.ask(
    'DELETE on a marker',
    'DELETE',
    key,
    { show: bare },
    '204 x-amz-version-id=another x-amz-delete-marker=true',
  )
  await stage.done('DELETE', key, { query: { versionId: stage.version(again.headers) } })
  await stage.ask(
    'DELETE of the marker',
    'DELETE',
    key,
    { query: { versionId: marker }, show: bare },
    '204 x-amz-version-id=marker x-amz-delete-marker=true',
  )
  await stage.ask(
    'brings back what it covered',
    'GET',
    key,
    { show },
    differs(
      '200 x-amz-version-id=two "two"',
      '404 NoSuchKey x-amz-delete-marker=true',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'DELETE of a version that is gone',
    'DELETE',
    key,
    { query: { versionId: third }, show: bare },
    differs(
      '204 x-amz-version-id=third',
      '204',
      'x-amz-version-id names what was asked for; Ceph does not tell',
    ),
  )
  await stage.ask(
    'DELETE of what was never there',
    'DELETE',
    `${bucket}/never`,
    { show: ['x-amz-delete-marker'] },
    '204 x-amz-delete-marker=true',
  )
  const body = `<Delete><Object><Key>key</Key></Object><Object><Key>key</Key><VersionId>${one}</VersionId></Object></Delete>`
  await stage.ask(
    'DeleteObjects',
    'POST',
    bucket,
    {
      query: { delete: '' },
      body,
      headers: { 'content-md5': md5(body) },
      show: ['Deleted/Key', 'Deleted/DeleteMarker', 'Deleted/VersionId'],
    },
    '200 Deleted/Key=key,key Deleted/DeleteMarker=true Deleted/VersionId=one',
  )
  const gone = await stage.done('POST', bucket, {
    query: { delete: '' },
    body: '<Delete><Object><Key>new</Key></Object></Delete>',
    headers: { 'content-md5': md5('<Delete><Object><Key>new</Key></Object></Delete>') },
  })
  const made = /<DeleteMarkerVersionId>([^<]*)</.exec(gone.bytes.toString())?.[1] ?? ''
  stage.call(made, 'made')
  const unmark = `<Delete><Object><Key>new</Key><VersionId>${made}</VersionId></Object></Delete>`
  await stage.ask(
    'DeleteObjects of a marker',
    'POST',
    bucket,
    {
      query: { delete: '' },
      body: unmark,
      headers: { 'content-md5': md5(unmark) },
      show: [
        'Deleted/Key',
        'Deleted/VersionId',
        'Deleted/DeleteMarker',
        'Deleted/DeleteMarkerVersionId',
      ],
    },
    '200 Deleted/Key=new Deleted/VersionId=made Deleted/DeleteMarker=true Deleted/DeleteMarkerVersionId=made',
  )
  await stage.ask('a bucket with versions', 'DELETE', bucket, {}, '409 BucketNotEmpty')
}
