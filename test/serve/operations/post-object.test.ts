import { createHmac } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import type { ServeCredentials } from '../../../src/serve/options.ts'
import { scopeOf, signingKey, timestamp } from '../../../src/wire/sigv4.ts'
import { startHttp, users, Wire, type TestServer } from '../http/tools.ts'

const [alice, bob] = users
const boundary = 'a-boundary'

interface Form {
  readonly fields?: Readonly<Record<string, string>>
  readonly conditions?: readonly unknown[]
  readonly user?: ServeCredentials | undefined
  readonly unsigned?: boolean
  readonly file?: string | undefined
  readonly filename?: string
  readonly behind?: string
}

/** Fields of a signed form; its conditions take any field of this test. */
function signed({
  fields = {},
  conditions = [],
  user = alice,
  unsigned,
}: Form): Record<string, string> {
  if (!user || unsigned) return { ...fields }
  const now = new Date()
  const time = timestamp(now)
  const day = time.slice(0, 8)
  const all: Record<string, string> = {
    ...fields,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${user.accessKeyId}/${scopeOf(day, 'us-east-1')}`,
    'x-amz-date': time,
  }
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(now.getTime() + 60_000).toISOString(),
      conditions: [
        { bucket: 'bucket' },
        ...Object.keys(all).map((name) => ['starts-with', `$${name}`, '']),
        ...conditions,
      ],
    }),
  ).toString('base64')
  const signature = createHmac('sha256', signingKey(user.secretAccessKey, day, 'us-east-1'))
    .update(policy)
    .digest('hex')
  return { ...all, policy, 'x-amz-signature': signature }
}

function formText(form: Form): string {
  let text = ''
  for (const [name, value] of Object.entries(signed(form)))
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const { file = 'hello', filename = 'C:\\dir\\a "b".txt', behind = '' } = form
  text +=
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; ` +
    `filename="${filename.replaceAll('"', '%22')}"\r\nContent-Type: text/html\r\n\r\n${file}\r\n`
  return `${text}${behind}--${boundary}--\r\n`
}

/** @param split How the body is cut into pieces that are sent one by one. */
async function post(
  { port }: TestServer,
  body: string,
  split: number = Number.POSITIVE_INFINITY,
): Promise<string> {
  const wire = new Wire(port)
  wire.send(
    `POST /bucket HTTP/1.1\r\nHost: here\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`,
  )
  for (let at = 0; at < body.length; at += split) {
    wire.send(body.slice(at, at + split))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return wire.end()
}

test('an object from a form', async () => {
  const server = await startHttp()
  const text = await post(
    server,
    formText({ fields: { key: 'up/${filename}', 'Content-Type': 'text/plain' } }),
  )
  expect(text).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
  expect(text).toMatch(/\r\netag: "[0-9a-f]{32}"\r\n/)
  expect(text).toContain('\r\nlocation: http://here/bucket/up/a%20%22b%22.txt\r\n')
  expect(server.put.get('up/a "b".txt')?.toString()).toBe('hello')
})

test('comes in any pieces, holds what looks like its end, and may go on behind the file', async () => {
  const server = await startHttp()
  const file = `\r\n--a-bound\r\n--\r\n${'--a-boundary'.slice(1)}\r\r\n-`
  const behind = `--${boundary}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nUpload\r\n`
  const body = formText({ fields: { key: 'key' }, file, behind })
  for (const split of [1, 7, 64, 1000]) {
    server.put.clear()
    expect(await post(server, body, split)).toMatch(/^HTTP\/1\.1 204 /)
    expect(server.put.get('key')?.toString()).toBe(file)
  }
})

test('large files do not stay behind', async () => {
  const server = await startHttp()
  const file = 'x'.repeat(3 * 1024 * 1024)
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('hawser-spool-'))
  expect(await post(server, formText({ fields: { key: 'key' }, file }))).toMatch(/^HTTP\/1\.1 204 /)
  expect(server.put.get('key')?.toString()).toBe(file)
  const after = (await readdir(tmpdir())).filter((name) => name.startsWith('hawser-spool-'))
  expect(after).toEqual(before)
})

test('success is told as the form wants it', async () => {
  const server = await startHttp()
  const created = await post(
    server,
    formText({ fields: { key: 'a&b', success_action_status: '201' } }),
  )
  expect(created).toMatch(/^HTTP\/1\.1 201 /)
  expect(created).toContain('<Bucket>bucket</Bucket><Key>a&amp;b</Key><ETag>')
  const ok = await post(server, formText({ fields: { key: 'a', success_action_status: '200' } }))
  expect(ok).toMatch(/^HTTP\/1\.1 200 /)
  const moved = await post(
    server,
    formText({ fields: { key: 'a', success_action_redirect: 'https://x.org/?done=1' } }),
  )
  expect(moved).toMatch(/^HTTP\/1\.1 303 /)
  expect(moved).toContain('\r\nlocation: https://x.org/?done=1&bucket=bucket&key=a&etag=%22')
  const none = await post(
    server,
    formText({ fields: { key: 'a', success_action_redirect: 'javascript:alert(1)' } }),
  )
  expect(none).toMatch(/^HTTP\/1\.1 204 /)
})

test.each<[string, Form, string]>([
  ['no key', {}, 'InvalidArgument'],
  ['no signature', { fields: { key: 'a' }, unsigned: true }, 'AccessDenied'],
  ['the bucket of somebody else', { fields: { key: 'a' }, user: bob }, 'AccessDenied'],
  [
    'a key that is not allowed',
    { fields: { key: 'a' }, conditions: [['eq', '$key', 'b']] },
    'AccessDenied',
  ],
  [
    'a file that is too large',
    { fields: { key: 'a' }, conditions: [['content-length-range', 0, 4]] },
    'EntityTooLarge',
  ],
  [
    'a file that is too small',
    { fields: { key: 'a' }, conditions: [['content-length-range', 6, 9]] },
    'EntityTooSmall',
  ],
  [
    'a wrong digest',
    { fields: { key: 'a', 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' } },
    'BadDigest',
  ],
  [
    'too many fields',
    { fields: { key: 'a', 'x-amz-meta-a': 'x'.repeat(30_000) } },
    'MaxPostPreDataLengthExceededError',
  ],
  [
    'too much metadata',
    { fields: { key: 'a', 'x-amz-meta-a': 'x'.repeat(3000) } },
    'MetadataTooLarge',
  ],
  ['an ACL', { fields: { key: 'a', acl: 'public-read' } }, 'NotImplemented'],
  ['a line end in a header', { fields: { key: 'a', 'x-amz-meta-a': 'b\r\nc' } }, 'InvalidArgument'],
  ['a key that is too long', { fields: { key: 'ä'.repeat(513) } }, 'KeyTooLongError'],
])('%s is refused', async (_what, form, code) => {
  const server = await startHttp()
  expect(await post(server, formText(form))).toContain(`<Code>${code}</Code>`)
  expect(server.put.size).toBe(0)
})

test.each([
  ['', 'MalformedPOSTRequest'],
  ['--a-boundary', 'MalformedPOSTRequest'],
  ['--a-boundary--\r\n', 'IncorrectNumberOfFilesInPostRequest'],
  ['--a-boundary\r\nContent-Disposition: form-data\r\n\r\n', 'MalformedPOSTRequest'],
  ['--a-boundary\r\nContent-Disposition: form-data; name="key"\r\n\r\na', 'MalformedPOSTRequest'],
  ['x'.repeat(30_000), 'MaxPostPreDataLengthExceededError'],
])('%.70s is %s', async (body, code) => {
  const server = await startHttp()
  expect(await post(server, body)).toContain(`<Code>${code}</Code>`)
})

test('a form that ends in its file leaves nothing', async () => {
  const server = await startHttp()
  const whole = formText({ fields: { key: 'a' } })
  const text = await post(server, whole.slice(0, whole.lastIndexOf('\r\n--')))
  expect(text).toContain('<Code>MalformedPOSTRequest</Code>')
  expect(server.put.size).toBe(0)
})

test('fields that come too slowly are not waited for: nobody knows who sends them', async () => {
  const server = await startHttp({ limits: { headersTimeout: 50 } })
  const answered = new Promise((resolve) => {
    server.onRecord = resolve
  })
  const wire = new Wire(server.port)
  wire.send(
    `POST /bucket HTTP/1.1\r\nHost: here\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
      `Content-Length: 1000\r\n\r\n--${boundary}\r\n`,
  )
  const trickle = setInterval(() => wire.send('x'), 10)
  onTestFinished(() => clearInterval(trickle))
  await Promise.all([wire.end(), answered])
  expect(server.records).toMatchObject([{ operation: 'PostObject', error: 'RequestTimeout' }])
})
