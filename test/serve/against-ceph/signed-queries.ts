// Presigned addresses.
import { differs, type Scenario } from './stage.ts'

export const queries: Scenario = async (stage) => {
  const key = `${await stage.bucket()}/a b+c`
  await stage.ask('PUT', 'PUT', key, { expires: 60, body: 'hello' }, '200')
  await stage.ask('GET', 'GET', key, { expires: 60, show: ['body'] }, '200 "hello"')
  await stage.ask(
    'GET with other headers',
    'GET',
    key,
    { expires: 60, query: { 'response-content-type': 'text/x' }, show: ['content-type'] },
    '200 content-type=text/x',
  )
  await stage.ask('HEAD', 'HEAD', key, { expires: 60 }, '200')
  await stage.ask('expired', 'GET', key, { expires: 60, minutesAgo: 2 }, '403 AccessDenied')
  await stage.ask(
    'not yet valid',
    'GET',
    key,
    { expires: 60, minutesAgo: -20 },
    differs('403 AccessDenied', '200', 'An address is not valid before its date; Ceph takes it'),
  )
  await stage.ask(
    'an hour old, and valid for two',
    'GET',
    key,
    { expires: 7200, minutesAgo: 60, show: ['body'] },
    '200 "hello"',
  )
  await stage.ask('for a week', 'GET', key, { expires: 604_800, show: ['body'] }, '200 "hello"')
  await stage.ask(
    'for longer than a week',
    'GET',
    key,
    { expires: 604_801 },
    differs(
      '400 AuthorizationQueryParametersError',
      '403 AccessDenied',
      'List of error codes: AuthorizationQueryParametersError; Ceph takes it for expired',
    ),
  )
  await stage.ask(
    'for no time',
    'GET',
    key,
    { expires: 0 },
    differs(
      '400 AuthorizationQueryParametersError',
      '403 AccessDenied',
      'List of error codes: AuthorizationQueryParametersError; Ceph takes it for expired',
    ),
  )
  await stage.ask(
    'the wrong secret',
    'GET',
    key,
    { expires: 60, as: 'wrong secret' },
    '403 SignatureDoesNotMatch',
  )
  await stage.ask(
    'an access key that nobody has',
    'GET',
    key,
    { expires: 60, as: 'stranger' },
    '403 InvalidAccessKeyId',
  )
  await stage.ask(
    'a signed header',
    'PUT',
    key,
    { expires: 60, headers: { 'x-amz-meta-a': '1' }, body: 'hello' },
    '200',
  )
  await stage.ask(
    'a signed header changed',
    'PUT',
    key,
    {
      expires: 60,
      headers: { 'x-amz-meta-a': '1' },
      body: 'hello',
      forge: (headers) => {
        headers['x-amz-meta-a'] = '2'
      },
    },
    '403 SignatureDoesNotMatch',
  )
  await stage.ask(
    'a header that is not signed',
    'PUT',
    key,
    {
      expires: 60,
      body: 'hello',
      forge: (headers) => {
        headers['x-amz-meta-a'] = '2'
      },
    },
    '403 AccessDenied',
  )
  await stage.ask('DELETE', 'DELETE', key, { expires: 60 }, '204')
}
