// Signatures in headers.
import { differs, type Scenario } from './stage.ts'
import { hash } from 'node:crypto'

export const heads: Scenario = async (stage) => {
  const key = `${await stage.bucket()}/key`
  await stage.put(key, 'hello')
  await stage.ask(
    'the wrong secret',
    'GET',
    key,
    { as: 'wrong secret', show: ['AWSAccessKeyId'] },
    differs(
      '403 SignatureDoesNotMatch AWSAccessKeyId=MAIN',
      '403 SignatureDoesNotMatch',
      'S3 names the key whose secret was wrong; Ceph does not',
    ),
  )
  await stage.ask(
    'an access key that nobody has',
    'GET',
    key,
    { as: 'stranger' },
    '403 InvalidAccessKeyId',
  )
  await stage.ask('somebody else', 'GET', key, { as: 'other' }, '403 AccessDenied')
  await stage.ask('nobody', 'GET', key, { as: 'anonymous' }, '403 AccessDenied')
  await stage.ask(
    'nobody, a bucket that is not there',
    'GET',
    'hawser-no-such-bucket/key',
    { as: 'anonymous' },
    differs(
      '403 AccessDenied',
      '404 NoSuchBucket',
      'Who may not know of a bucket is told nothing of it; Ceph tells',
    ),
  )
  await stage.ask('nobody, a PUT', 'PUT', key, { as: 'anonymous', body: 'x' }, '403 AccessDenied')
  await stage.ask('14 minutes late', 'GET', key, { minutesAgo: 14, show: ['body'] }, '200 "hello"')
  await stage.ask('16 minutes late', 'GET', key, { minutesAgo: 16 }, '403 RequestTimeTooSkewed')
  await stage.ask('16 minutes early', 'GET', key, { minutesAgo: -16 }, '403 RequestTimeTooSkewed')
  await stage.ask('a day late', 'GET', key, { minutesAgo: 1440 }, '403 RequestTimeTooSkewed')
  await stage.ask(
    'a header changed',
    'GET',
    key,
    {
      headers: { 'x-amz-meta-a': '1' },
      forge: (headers) => {
        headers['x-amz-meta-a'] = '2'
      },
    },
    '403 SignatureDoesNotMatch',
  )
  await stage.ask(
    'a signed header gone',
    'GET',
    key,
    {
      headers: { 'x-amz-meta-a': '1' },
      forge: (headers) => {
        delete headers['x-amz-meta-a']
      },
    },
    '403 SignatureDoesNotMatch',
  )
  await stage.ask(
    'no date',
    'GET',
    key,
    {
      forge: (headers) => {
        delete headers['x-amz-date']
      },
    },
    '403 AccessDenied',
  )
  await stage.ask(
    'no payload hash',
    'GET',
    key,
    {
      forge: (headers) => {
        delete headers['x-amz-content-sha256']
      },
    },
    differs(
      '400 InvalidRequest',
      '403 SignatureDoesNotMatch',
      'x-amz-content-sha256 is required, and has few values; Ceph compares signatures first',
    ),
  )
  await stage.ask(
    'a payload hash that is none',
    'GET',
    key,
    { payload: 'none' },
    differs(
      '400 InvalidArgument',
      '400 XAmzContentSHA256Mismatch',
      'x-amz-content-sha256 is required, and has few values; Ceph compares signatures first',
    ),
  )
  await stage.ask(
    'an authorization that is none',
    'GET',
    key,
    {
      forge: (headers) => {
        headers['authorization'] = 'Basic YTpi'
      },
    },
    '400 InvalidArgument',
  )
  await stage.ask(
    'an authorization without a signature',
    'GET',
    key,
    {
      forge: (headers) => {
        headers['authorization'] = String(headers['authorization']).replace(/, Signature=.*/, '')
      },
    },
    differs(
      '400 AuthorizationHeaderMalformed',
      '400 InvalidArgument',
      'List of error codes: AuthorizationHeaderMalformed; Ceph compares signatures first',
    ),
  )
  await stage.ask(
    'another region',
    'GET',
    key,
    {
      forge: (headers) => {
        headers['authorization'] = String(headers['authorization']).replace(
          '/us-east-1/',
          '/eu-west-1/',
        )
      },
      show: ['Region'],
    },
    differs(
      '400 AuthorizationHeaderMalformed Region=us-east-1',
      '403 SignatureDoesNotMatch',
      'List of error codes: AuthorizationHeaderMalformed; Ceph compares signatures first',
    ),
  )
  await stage.ask(
    'another service',
    'GET',
    key,
    {
      forge: (headers) => {
        headers['authorization'] = String(headers['authorization']).replace('/s3/', '/ec2/')
      },
    },
    differs(
      '400 AuthorizationHeaderMalformed',
      '403 SignatureDoesNotMatch',
      'List of error codes: AuthorizationHeaderMalformed; Ceph compares signatures first',
    ),
  )
  await stage.ask(
    'another body',
    'PUT',
    key,
    { body: 'hello', forge: () => {}, payload: hash('sha256', 'other') },
    '400 XAmzContentSHA256Mismatch',
  )
  await stage.ask(
    'an unsigned body',
    'PUT',
    key,
    { body: 'hello', payload: 'UNSIGNED-PAYLOAD' },
    '200',
  )
  await stage.ask(
    'HEAD with the wrong secret',
    'HEAD',
    key,
    { as: 'wrong secret', show: ['body'] },
    '403 ""',
  )
}
