import { expect, test } from 'vitest'
import { ask, bucketOf, startHttp, textObject, users } from '../http/tools.ts'

const [alice] = users

const rules =
  '<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule><ID>one</ID>' +
  '<AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>Content-Type</AllowedHeader>' +
  '<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>' +
  '<AllowedOrigin>https://*.example.org</AllowedOrigin>' +
  '<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>300</MaxAgeSeconds></CORSRule>' +
  '<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>' +
  '</CORSConfiguration>'

test('rules are kept as they were given, and go', async () => {
  const { port } = await startHttp()
  const of = { path: '/bucket', query: { cors: '' }, user: alice }
  expect(await ask(port, of)).toContain('<Code>NoSuchCORSConfiguration</Code>')
  expect(await ask(port, { ...of, method: 'PUT' }, rules)).toMatch(/^HTTP\/1\.1 200 /)
  expect(await ask(port, of)).toContain(rules)
  expect(await ask(port, { ...of, method: 'DELETE' })).toMatch(/^HTTP\/1\.1 204 /)
  expect(await ask(port, of)).toContain('<Code>NoSuchCORSConfiguration</Code>')
})

function rule(inside: string): string {
  return `<CORSConfiguration><CORSRule>${inside}</CORSRule></CORSConfiguration>`
}
const origin = '<AllowedOrigin>*</AllowedOrigin>'
const method = '<AllowedMethod>GET</AllowedMethod>'

test.each([
  ['<CORSConfiguration/>', 'MalformedXML'],
  [rule(origin), 'MalformedXML'],
  [rule(method), 'MalformedXML'],
  [rule(`${origin}${method}<MaxAgeSeconds>soon</MaxAgeSeconds>`), 'MalformedXML'],
  [rule(`${origin}<AllowedMethod>PATCH</AllowedMethod>`), 'InvalidRequest'],
  [rule(`${method}<AllowedOrigin>*.a.*</AllowedOrigin>`), 'InvalidRequest'],
  [rule(`${origin}${method}<AllowedHeader>*-*</AllowedHeader>`), 'InvalidRequest'],
  [rule(`${origin}${method}<ExposeHeader>*</ExposeHeader>`), 'InvalidRequest'],
  [rule(`${origin}${method}<ExposeHeader>a&#13;b</ExposeHeader>`), 'InvalidRequest'],
  [
    `<CORSConfiguration>${`<CORSRule>${origin}${method}</CORSRule>`.repeat(101)}</CORSConfiguration>`,
    'InvalidRequest',
  ],
])('%.90s is %s', async (xml, code) => {
  const { port } = await startHttp()
  const text = await ask(
    port,
    { method: 'PUT', path: '/bucket', query: { cors: '' }, user: alice },
    xml,
  )
  expect(text).toContain(`<Code>${code}</Code>`)
})

const cors = [
  {
    id: undefined,
    origins: ['https://*.example.org'],
    methods: ['PUT', 'GET'],
    headers: ['x-amz-*', 'Content-Type'],
    exposed: ['ETag'],
    maxAge: 300,
  },
  { id: undefined, origins: ['*'], methods: ['GET'], headers: [], exposed: [], maxAge: undefined },
]

test('a browser that asks first is told what it may send', async () => {
  const { port, buckets } = await startHttp()
  const path = '/bucket/key'
  const preflight = (headers: Record<string, string>): Promise<string> =>
    ask(port, { method: 'OPTIONS', path, headers })
  const asking = {
    origin: 'https://www.example.org',
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'X-Amz-Date, content-type',
  }
  expect(await preflight(asking)).toContain('CORS is not enabled for this bucket')
  buckets.set('bucket', bucketOf('bucket', 'alice', cors))

  const allowed = await preflight(asking)
  expect(allowed).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(allowed).toContain('\r\nAccess-Control-Allow-Origin: https://www.example.org\r\n')
  expect(allowed).toContain('\r\nAccess-Control-Allow-Methods: PUT, GET\r\n')
  expect(allowed).toContain('\r\nAccess-Control-Allow-Headers: x-amz-date, content-type\r\n')
  expect(allowed).toContain('\r\nAccess-Control-Allow-Credentials: true\r\n')
  expect(allowed).toContain('\r\nAccess-Control-Expose-Headers: ETag\r\n')
  expect(allowed).toContain('\r\nAccess-Control-Max-Age: 300\r\n')

  const anybody = await preflight({ origin: 'null', 'access-control-request-method': 'GET' })
  expect(anybody).toContain('\r\nAccess-Control-Allow-Origin: *\r\n')
  expect(anybody).not.toContain('Allow-Credentials')

  for (const refused of [
    { ...asking, origin: 'https://example.org' },
    { ...asking, origin: 'https://www.example.org.evil.net' },
    { ...asking, 'access-control-request-method': 'DELETE' },
    { ...asking, 'access-control-request-headers': 'authorization' },
  ]) {
    const text = await preflight(refused)
    expect(text).toMatch(/^HTTP\/1\.1 403 /)
    expect(text).toContain('<Code>AccessForbidden</Code>')
    expect(text).not.toContain('Access-Control-Allow-Origin:')
  }
  expect(await preflight({ origin: 'https://www.example.org' })).toMatch(/^HTTP\/1\.1 400 /)
  expect(await preflight({})).toMatch(/^HTTP\/1\.1 400 /)
})

test('answers tell pages of other origins that they may see them, errors too', async () => {
  const { port, buckets, objects } = await startHttp()
  buckets.set('bucket', bucketOf('bucket', 'alice', cors.slice(0, 1)))
  objects.set('key', textObject('hello'))
  const get = (path: string, from: string): Promise<string> =>
    ask(port, { path, user: alice, headers: { origin: from } })
  const allow = '\r\nAccess-Control-Allow-Origin: https://www.example.org\r\n'
  expect(await get('/bucket/key', 'https://www.example.org')).toContain(allow)
  expect(await get('/bucket/none', 'https://www.example.org')).toContain(allow)
  expect(await get('/bucket/key', 'https://elsewhere.net')).not.toContain('Access-Control')
})
