// CORS.
import { differs, md5, type Scenario, type Expected } from './stage.ts'

const rule = (inside: string): string => `<CORSRule>${inside}</CORSRule>`

export const cors: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  await stage.put(key, 'x')
  const put = async (label: string, inside: string, expected: Expected): Promise<void> => {
    const body = `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</CORSConfiguration>`
    await stage.ask(
      label,
      'PUT',
      bucket,
      { query: { cors: '' }, body, headers: { 'content-md5': md5(body) } },
      expected,
    )
  }
  await stage.ask('none', 'GET', bucket, { query: { cors: '' } }, '404 NoSuchCORSConfiguration')
  const asked = { origin: 'http://a.example.com', 'access-control-request-method': 'GET' }
  const preflight = async (
    label: string,
    headers: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(
      label,
      'OPTIONS',
      key,
      {
        as: 'anonymous',
        headers,
        show: [
          'access-control-allow-origin',
          'access-control-allow-methods',
          'access-control-allow-headers',
          'access-control-expose-headers',
          'access-control-max-age',
          'access-control-allow-credentials',
          'vary',
        ],
      },
      expected,
    )
  }
  await preflight(
    'preflight without a configuration',
    asked,
    differs(
      '403 AccessForbidden',
      '403 AccessDenied',
      'List of error codes: AccessForbidden; Ceph has a general one',
    ),
  )
  await put(
    'a method that is none',
    rule('<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>'),
    differs(
      '400 InvalidRequest',
      '400 MalformedXML',
      'S3 tells well-formed rules that cannot be from XML that is none; Ceph does not',
    ),
  )
  await put(
    'two wildcards',
    rule('<AllowedOrigin>http://*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>'),
    differs(
      '400 InvalidRequest',
      '400 MalformedXML',
      'S3 tells well-formed rules that cannot be from XML that is none; Ceph does not',
    ),
  )
  await put('no origin', rule('<AllowedMethod>GET</AllowedMethod>'), '400 MalformedXML')
  await put('no rule', '', '400 MalformedXML')
  await put(
    'two rules',
    rule(
      '<ID>one</ID><AllowedOrigin>http://*.example.com</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds>',
    ) + rule('<AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod>'),
    '200',
  )
  await stage.ask(
    'which are there',
    'GET',
    bucket,
    {
      query: { cors: '' },
      show: [
        'ID',
        'AllowedOrigin',
        'AllowedMethod',
        'AllowedHeader',
        'ExposeHeader',
        'MaxAgeSeconds',
      ],
    },
    '200 ID=one AllowedOrigin=http://*.example.com,* AllowedMethod=GET,PUT,HEAD AllowedHeader=x-amz-* ExposeHeader=ETag MaxAgeSeconds=60',
  )
  await preflight(
    'preflight',
    asked,
    differs(
      '200 access-control-allow-origin=http://a.example.com access-control-allow-methods=GET, PUT access-control-expose-headers=ETag access-control-max-age=60 access-control-allow-credentials=true vary=Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      '200 access-control-allow-origin=http://a.example.com access-control-allow-methods=GET access-control-expose-headers=ETag access-control-max-age=60 vary=Origin',
      'S3 tells the methods of the rule, credentials, and all that the answer depends on; Ceph tells less',
    ),
  )
  await preflight(
    'preflight with headers',
    { ...asked, 'access-control-request-headers': 'x-amz-meta-a, X-Amz-Date' },
    differs(
      '200 access-control-allow-origin=http://a.example.com access-control-allow-methods=GET, PUT access-control-allow-headers=x-amz-meta-a, x-amz-date access-control-expose-headers=ETag access-control-max-age=60 access-control-allow-credentials=true vary=Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      '200 access-control-allow-origin=http://a.example.com access-control-allow-methods=GET access-control-allow-headers=x-amz-meta-a,X-Amz-Date access-control-expose-headers=ETag access-control-max-age=60 vary=Origin',
      'S3 tells the methods of the rule, credentials, and all that the answer depends on; Ceph tells less',
    ),
  )
  await preflight(
    'preflight with another header',
    { ...asked, 'access-control-request-headers': 'cache-control' },
    differs(
      '403 AccessForbidden',
      '403 AccessDenied',
      'List of error codes: AccessForbidden; Ceph has a general one',
    ),
  )
  await preflight(
    'preflight of another method',
    { ...asked, 'access-control-request-method': 'DELETE' },
    differs(
      '403 AccessForbidden',
      '403 AccessDenied',
      'List of error codes: AccessForbidden; Ceph has a general one',
    ),
  )
  await preflight(
    'preflight of another origin',
    { ...asked, origin: 'http://example.org' },
    differs(
      '403 AccessForbidden',
      '403 AccessDenied',
      'List of error codes: AccessForbidden; Ceph has a general one',
    ),
  )
  await preflight(
    'preflight of any origin',
    { origin: 'http://example.org', 'access-control-request-method': 'HEAD' },
    differs(
      '200 access-control-allow-origin=* access-control-allow-methods=HEAD vary=Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      '200 access-control-allow-origin=http://example.org access-control-allow-methods=HEAD vary=Origin',
      'S3 answers * where a rule allows all; Ceph repeats the origin',
    ),
  )
  await preflight(
    'preflight without an origin',
    { 'access-control-request-method': 'GET' },
    differs(
      '400 BadRequest',
      '400 InvalidArgument',
      'The request lacks a header, which is no argument; Ceph says otherwise',
    ),
  )
  await preflight(
    'preflight without a method',
    { origin: 'http://a.example.com' },
    differs(
      '400 BadRequest',
      '400 InvalidArgument',
      'The request lacks a header, which is no argument; Ceph says otherwise',
    ),
  )
  const show = ['access-control-allow-origin', 'access-control-expose-headers', 'vary']
  await stage.ask(
    'GET',
    'GET',
    key,
    { headers: { origin: 'http://a.example.com' }, show },
    differs(
      '200 access-control-allow-origin=http://a.example.com access-control-expose-headers=ETag vary=Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      '200 access-control-allow-origin=http://a.example.com access-control-expose-headers=ETag vary=Origin',
      'S3 tells the methods of the rule, credentials, and all that the answer depends on; Ceph tells less',
    ),
  )
  await stage.ask(
    'GET of another origin',
    'GET',
    key,
    { headers: { origin: 'http://example.org' }, show },
    '200',
  )
  await stage.ask('DELETE', 'DELETE', bucket, { query: { cors: '' } }, '204')
  await stage.ask(
    'none again',
    'GET',
    bucket,
    { query: { cors: '' } },
    '404 NoSuchCORSConfiguration',
  )
}
