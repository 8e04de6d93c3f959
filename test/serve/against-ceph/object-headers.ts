// What is told of an object beside its bytes.
import { differs, type Scenario } from './stage.ts'

export const told: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  await stage.put(key, 'hello', {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'max-age=60',
    'content-disposition': 'attachment; filename="a b"',
    'content-encoding': 'br',
    'content-language': 'de',
    expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
    'x-amz-meta-one': '1',
    'x-amz-meta-two-words': 'zwei',
    'x-amz-tagging': 'a=1&b=2',
  })
  const show = [
    'content-type',
    'cache-control',
    'content-disposition',
    'content-encoding',
    'content-language',
    'expires',
    'x-amz-meta-one',
    'x-amz-meta-two-words',
    'accept-ranges',
    'content-length',
  ]
  await stage.ask(
    'GET',
    'GET',
    key,
    { show },
    '200 content-type=text/plain; charset=utf-8 cache-control=max-age=60 content-disposition=attachment; filename="a b" content-encoding=br content-language=de expires=Wed, 21 Oct 2026 07:28:00 GMT x-amz-meta-one=1 x-amz-meta-two-words=zwei accept-ranges=bytes content-length=5',
  )
  await stage.ask(
    'HEAD',
    'HEAD',
    key,
    { show },
    '200 content-type=text/plain; charset=utf-8 cache-control=max-age=60 content-disposition=attachment; filename="a b" content-encoding=br content-language=de expires=Wed, 21 Oct 2026 07:28:00 GMT x-amz-meta-one=1 x-amz-meta-two-words=zwei accept-ranges=bytes content-length=5',
  )
  await stage.ask(
    'the number of tags',
    'GET',
    key,
    { show: ['x-amz-tagging-count'] },
    '200 x-amz-tagging-count=2',
  )
  const overrides = {
    'response-content-type': 'text/html',
    'response-cache-control': 'no-store',
    'response-content-disposition': 'inline',
    'response-content-encoding': 'identity',
    'response-content-language': 'fr',
    'response-expires': 'Thu, 01 Dec 1994 16:00:00 GMT',
  }
  await stage.ask(
    'other headers',
    'GET',
    key,
    { query: overrides, show },
    '200 content-type=text/html cache-control=no-store content-disposition=inline content-encoding=identity content-language=fr expires=Thu, 01 Dec 1994 16:00:00 GMT x-amz-meta-one=1 x-amz-meta-two-words=zwei accept-ranges=bytes content-length=5',
  )
  await stage.ask(
    'HEAD with other headers',
    'HEAD',
    key,
    { query: overrides, show },
    '200 content-type=text/html cache-control=no-store content-disposition=inline content-encoding=identity content-language=fr expires=Thu, 01 Dec 1994 16:00:00 GMT x-amz-meta-one=1 x-amz-meta-two-words=zwei accept-ranges=bytes content-length=5',
  )
  await stage.put(`${bucket}/plain`, 'x')
  await stage.ask(
    'without a content type',
    'GET',
    `${bucket}/plain`,
    { show: ['content-type'] },
    '200 content-type=binary/octet-stream',
  )
  await stage.put(`${bucket}/unicode`, 'x', { 'x-amz-meta-name': '=?UTF-8?B?w6TDtsO8?=' })
  await stage.ask(
    'metadata that is not ASCII',
    'GET',
    `${bucket}/unicode`,
    { show: ['x-amz-meta-name'] },
    '200 x-amz-meta-name==?UTF-8?B?w6TDtsO8?=',
  )
  await stage.put(`${bucket}/q`, 'x', { 'x-amz-meta-name': '=?UTF-8?Q?=C3=A4b?=' })
  await stage.ask(
    'metadata in quoted printable',
    'GET',
    `${bucket}/q`,
    { show: ['x-amz-meta-name'] },
    differs(
      '200 x-amz-meta-name==?UTF-8?B?w6Ri?=',
      '200 x-amz-meta-name==?UTF-8?Q?=C3=A4b?=',
      'The text is stored that the words mean, and written again; Ceph keeps the words',
    ),
  )
  await stage.ask(
    'too much metadata',
    'PUT',
    `${bucket}/meta`,
    { body: 'x', headers: { 'x-amz-meta-a': 'x'.repeat(2048) } },
    differs('400 MetadataTooLarge', '200', 'User-defined metadata: 2 KB; Ceph takes more'),
  )
  await stage.ask(
    'as much metadata as can be',
    'PUT',
    `${bucket}/meta`,
    { body: 'x', headers: { 'x-amz-meta-a': 'x'.repeat(2047) } },
    '200',
  )
}
