// Buckets: names, places, owners.
import { createBucketName } from '../../servers/s3.ts'
import { differs, type Scenario } from './stage.ts'

const place = (text: string): string =>
  `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${text}</LocationConstraint></CreateBucketConfiguration>`

export const buckets: Scenario = async (stage) => {
  const bucket = createBucketName()
  stage.call(bucket, 'BUCKET')
  await stage.ask(
    'CreateBucket',
    'PUT',
    bucket,
    { show: ['location'] },
    differs('200 location=/BUCKET', '200', 'CreateBucket: Location; not in Ceph’s answer'),
  )
  await stage.ask('again', 'PUT', bucket, {}, '200')
  await stage.ask('by somebody else', 'PUT', bucket, { as: 'other' }, '409 BucketAlreadyExists')
  await stage.ask(
    'ListBuckets',
    'GET',
    '',
    { query: { prefix: bucket }, show: ['ListAllMyBucketsResult/Prefix', 'BucketRegion'] },
    differs(
      '200 ListAllMyBucketsResult/Prefix=BUCKET BucketRegion=us-east-1',
      '200',
      'ListBuckets: prefix, and the region of each; Ceph lists all, and tells no region',
    ),
  )
  await stage.ask(
    'ListBuckets, a number that is none',
    'GET',
    '',
    { query: { 'max-buckets': 'many' } },
    differs(
      '400 InvalidArgument',
      '200',
      'ListBuckets: max-buckets is a number from 1 to 10,000; Ceph ignores it',
    ),
  )
  await stage.ask(
    'ListBuckets by nobody',
    'GET',
    '',
    { as: 'anonymous' },
    differs(
      '403 AccessDenied',
      '200',
      'ListBuckets: anonymous requests are never supported; Ceph shows that nobody has none',
    ),
  )
  await stage.ask(
    'HEAD',
    'HEAD',
    bucket,
    { show: ['x-amz-bucket-region'] },
    differs(
      '200 x-amz-bucket-region=us-east-1',
      '200',
      'HeadBucket: x-amz-bucket-region; not in Ceph’s answer',
    ),
  )
  await stage.ask('HEAD by somebody else', 'HEAD', bucket, { as: 'other' }, '403')
  await stage.ask(
    'location',
    'GET',
    bucket,
    { query: { location: '' }, show: ['body'] },
    differs(
      '200 "<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?>\\n<LocationConstraint xmlns=\\"http://s3.amazonaws.com/doc/2006-03-01/\\"></LocationConstraint>"',
      '200 "<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?><LocationConstraint xmlns=\\"http://s3.amazonaws.com/doc/2006-03-01/\\">default</LocationConstraint>"',
      'GetBucketLocation: nothing for us-east-1; Ceph names its zone group',
    ),
  )
  await stage.ask(
    'in a region that is none',
    'PUT',
    `${bucket}-a`,
    { body: place('nowhere-9') },
    differs(
      '400 InvalidLocationConstraint',
      '400 IllegalLocationConstraintException',
      'List of error codes: InvalidLocationConstraint; Ceph has one code for both',
    ),
  )
  await stage.ask(
    'in another region',
    'PUT',
    `${bucket}-a`,
    { body: place('eu-west-1') },
    '400 IllegalLocationConstraintException',
  )
  await stage.ask(
    'no XML',
    'PUT',
    `${bucket}-a`,
    { body: 'none' },
    differs(
      '400 MalformedXML',
      '400 InvalidArgument',
      'List of error codes: MalformedXML; Ceph has a general one',
    ),
  )
  await stage.ask(
    'another document',
    'PUT',
    `${bucket}-a`,
    { body: '<Other/>' },
    differs(
      '400 MalformedXML',
      '400 InvalidArgument',
      'List of error codes: MalformedXML; Ceph has a general one',
    ),
  )
  for (const name of [
    'ab',
    'a'.repeat(64),
    'Upper',
    'under_score',
    '-dash',
    'dash-',
    '.dot',
    'dot..dot',
    '192.168.5.4',
  ])
    await stage.ask(`the name ${name}`, 'PUT', name, {}, '400 InvalidBucketName')
  for (const name of ['xn--a', 'a-s3alias', 'sthree-a', 'amzn-s3-demo-a', 'a--ol-s3'])
    await stage.ask(
      `the name ${name}, which S3 keeps for itself`,
      'PUT',
      name,
      {},
      differs(
        '400 InvalidBucketName',
        '200',
        'Bucket naming rules: prefixes and suffixes that S3 keeps for itself; Ceph keeps none',
      ),
    )
  await stage.put(`${bucket}/key`, 'x')
  for (const [what, cephs] of Object.entries({
    policy: '404 NoSuchBucketPolicy',
    policyStatus: '200',
    lifecycle: '404 NoSuchLifecycleConfiguration',
    encryption: '404 ServerSideEncryptionConfigurationNotFoundError',
    website: '405 MethodNotAllowed',
    replication: '200',
    notification: '200',
    'object-lock': '404 ObjectLockConfigurationNotFoundError',
    publicAccessBlock: '404 NoSuchPublicAccessBlockConfiguration',
    ownershipControls: '200',
    accelerate: '200',
    logging: '200',
    requestPayment: '200',
  }))
    await stage.ask(
      `GET ?${what}`,
      'GET',
      bucket,
      { query: { [what]: '' } },
      differs('501 NotImplemented', cephs, 'Not implemented here, which is said; Ceph has it'),
    )
  await stage.ask('DELETE of one that is not empty', 'DELETE', bucket, {}, '409 BucketNotEmpty')
  await stage.done('DELETE', `${bucket}/key`)
  await stage.ask('DELETE by somebody else', 'DELETE', bucket, { as: 'other' }, '403 AccessDenied')
  await stage.ask('DELETE', 'DELETE', bucket, {}, '204')
  await stage.ask('DELETE again', 'DELETE', bucket, {}, '404 NoSuchBucket')
  await stage.ask('HEAD of what is gone', 'HEAD', bucket, {}, '404')
  await stage.ask('list of what is gone', 'GET', bucket, {}, '404 NoSuchBucket')
}
