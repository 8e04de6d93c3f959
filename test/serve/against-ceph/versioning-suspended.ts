// Versions where versioning is suspended.
import { differs, type Scenario } from './stage.ts'
import { show, bare } from './version-tools.ts'

export const suspended: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  await stage.ask(
    'never versioned',
    'GET',
    bucket,
    { query: { versioning: '' }, show: ['Status'] },
    '200',
  )
  await stage.ask('no version in the answer', 'PUT', key, { body: 'before', show: bare }, '200')
  await stage.ask(
    'the version null',
    'GET',
    key,
    { query: { versionId: 'null' }, show: ['body'] },
    '200 "before"',
  )
  await stage.versioning(bucket, 'Enabled')
  await stage.put(key, 'enabled')
  await stage.ask(
    'what was there before',
    'GET',
    key,
    { query: { versionId: 'null' }, show },
    '200 x-amz-version-id=null "before"',
  )
  await stage.versioning(bucket, 'Suspended')
  await stage.ask(
    'GET ?versioning',
    'GET',
    bucket,
    { query: { versioning: '' }, show: ['Status'] },
    '200 Status=Suspended',
  )
  await stage.ask(
    'replaces the version null',
    'PUT',
    key,
    { body: 'suspended', show: bare },
    differs(
      '200 x-amz-version-id=null',
      '200',
      'The version is null, and x-amz-version-id says so; Ceph does not tell',
    ),
  )
  await stage.ask(
    'which is the latest',
    'GET',
    key,
    { show },
    differs(
      '200 x-amz-version-id=null "suspended"',
      '200 "suspended"',
      'The version is null, and x-amz-version-id says so; Ceph does not tell',
    ),
  )
  await stage.ask(
    'has one version beside it',
    'GET',
    bucket,
    { query: { versions: '' }, show: ['Version/Key', 'IsLatest'] },
    '200 Version/Key=key,key IsLatest=true,false',
  )
  await stage.ask(
    'DELETE',
    'DELETE',
    key,
    { show: bare },
    '204 x-amz-version-id=null x-amz-delete-marker=true',
  )
  await stage.ask(
    'removed the version null',
    'GET',
    bucket,
    {
      query: { versions: '' },
      show: ['Version/Key', 'DeleteMarker/Key', 'DeleteMarker/VersionId'],
    },
    '200 Version/Key=key DeleteMarker/Key=key DeleteMarker/VersionId=null',
  )
  await stage.ask(
    'the marker null',
    'GET',
    key,
    { query: { versionId: 'null' }, show: [...bare, 'allow'] },
    differs(
      '405 MethodNotAllowed x-amz-version-id=null x-amz-delete-marker=true allow=DELETE',
      '404 NoSuchKey x-amz-delete-marker=false',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask(
    'DELETE of the marker null',
    'DELETE',
    key,
    { query: { versionId: 'null' }, show: bare },
    differs(
      '204 x-amz-version-id=null x-amz-delete-marker=true',
      '204 x-amz-version-id=null',
      'Working with delete markers: 405 and Allow: DELETE; Ceph says that there is no such key',
    ),
  )
  await stage.ask('what is the latest then', 'GET', key, { show: ['body'] }, '200 "enabled"')
}
