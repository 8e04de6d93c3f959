// GetObject and HeadObject: conditions.
import { differs, type Scenario, type Expected } from './stage.ts'

const day = 86_400_000

export const conditions: Scenario = async (stage) => {
  const key = `${await stage.bucket()}/key`
  const { headers } = await stage.done('PUT', key, { body: 'hello' })
  const mine = String(headers.etag)
  const other = '"0123456789abcdef0123456789abcdef"'
  const past = new Date(Date.now() - day).toUTCString()
  const now = String((await stage.done('HEAD', key)).headers['last-modified'])
  const future = new Date(Date.now() + day).toUTCString()
  const get = async (
    label: string,
    given: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(label, 'GET', key, { headers: given, show: ['etag', 'content-type'] }, expected)
  }
  await get(
    'If-Match of its etag',
    { 'if-match': mine },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-Match without quotes',
    { 'if-match': mine.replaceAll('"', '') },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-Match of several',
    { 'if-match': `${other}, ${mine}` },
    differs(
      '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
      '412 PreconditionFailed',
      'RFC 9110, which S3 follows, has lists of etags; Ceph takes the list for one',
    ),
  )
  await get(
    'If-Match of any',
    { 'if-match': '*' },
    differs(
      '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
      '412 PreconditionFailed',
      'RFC 9110, which S3 follows, has * for any etag; Ceph compares it',
    ),
  )
  await get('If-Match of another', { 'if-match': other }, '412 PreconditionFailed')
  await get(
    'If-None-Match of its etag',
    { 'if-none-match': mine },
    '304 etag="5d41402abc4b2a76b9719d911017c592"',
  )
  await get(
    'If-None-Match of several',
    { 'if-none-match': `${other}, ${mine}` },
    differs(
      '304 etag="5d41402abc4b2a76b9719d911017c592"',
      '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
      'RFC 9110, which S3 follows, has lists of etags; Ceph takes the list for one',
    ),
  )
  await get(
    'If-None-Match of any',
    { 'if-none-match': '*' },
    differs(
      '304 etag="5d41402abc4b2a76b9719d911017c592"',
      '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
      'RFC 9110, which S3 follows, has * for any etag; Ceph compares it',
    ),
  )
  await get(
    'If-None-Match of another',
    { 'if-none-match': other },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-None-Match, weak',
    { 'if-none-match': `W/${mine}` },
    differs(
      '304 etag="5d41402abc4b2a76b9719d911017c592"',
      '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
      'RFC 9110 compares weakly here; Ceph does not know weak etags',
    ),
  )
  await get(
    'If-Modified-Since the past',
    { 'if-modified-since': past },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-Modified-Since its time',
    { 'if-modified-since': now },
    '304 etag="5d41402abc4b2a76b9719d911017c592"',
  )
  await get(
    'If-Modified-Since no date',
    { 'if-modified-since': 'soon' },
    differs(
      '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
      '400 InvalidArgument',
      'RFC 9110: a date that is none is ignored; Ceph refuses it',
    ),
  )
  await get(
    'If-Unmodified-Since the past',
    { 'if-unmodified-since': past },
    '412 PreconditionFailed',
  )
  await get(
    'If-Unmodified-Since its time',
    { 'if-unmodified-since': now },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-Unmodified-Since the future',
    { 'if-unmodified-since': future },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-Match holds, If-Unmodified-Since does not',
    { 'if-match': mine, 'if-unmodified-since': past },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-None-Match holds, If-Modified-Since does not',
    { 'if-none-match': other, 'if-modified-since': now },
    '200 etag="5d41402abc4b2a76b9719d911017c592" content-type=binary/octet-stream',
  )
  await get(
    'If-None-Match does not hold, If-Modified-Since does',
    { 'if-none-match': mine, 'if-modified-since': past },
    '304 etag="5d41402abc4b2a76b9719d911017c592"',
  )
  await stage.ask(
    'HEAD, If-Match of another',
    'HEAD',
    key,
    { headers: { 'if-match': other }, show: ['body'] },
    '412 ""',
  )
  await stage.ask(
    'HEAD, If-None-Match of its etag',
    'HEAD',
    key,
    { headers: { 'if-none-match': mine }, show: ['body', 'etag'] },
    '304 "" etag="5d41402abc4b2a76b9719d911017c592"',
  )
  await stage.ask(
    'If-Match of a key that is not there',
    'GET',
    `${key}s`,
    { headers: { 'if-match': mine } },
    '404 NoSuchKey',
  )
  await stage.ask(
    'If-None-Match of a key that is not there',
    'GET',
    `${key}s`,
    { headers: { 'if-none-match': '*' } },
    '404 NoSuchKey',
  )
}
