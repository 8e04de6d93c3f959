import { expect, test } from 'vitest'
import { S3Error } from '../../../src/serve/errors.ts'
import { patiently } from '../../../src/serve/http/patience.ts'
import type { Answer } from '../../../src/serve/http/types.ts'
import { headText, startHttp, textObject, users, Wire } from './tools.ts'
import { parseXml, xmlDocument } from '../../../src/wire/xml.ts'

const atOnce = 1
const long = 60_000

async function textOf(answer: Answer): Promise<string> {
  if (typeof answer.body !== 'object') throw new Error('no stream')
  return Buffer.concat(await Array.fromAsync(answer.body)).toString()
}

test('what comes in time is the answer', async () => {
  const answer = { status: 201 }
  expect(await patiently(Promise.resolve(answer), '/b/k', 'id', long)).toBe(answer)
  const error = new S3Error('PreconditionFailed')
  await expect(patiently(Promise.reject(error), '/b/k', 'id', long)).rejects.toBe(error)
})

test('what comes late has spaces ahead, and is still XML', async () => {
  const late = Promise.withResolvers<Answer>()
  const answer = await patiently(late.promise, '/b/k', 'id', atOnce)
  expect(answer.status).toBe(200)
  if (typeof answer.body !== 'object') throw new Error('no stream')
  let text = ''
  for await (const piece of answer.body) {
    text += Buffer.from(piece).toString()
    if (text.endsWith('  ')) late.resolve({ status: 200, body: xmlDocument('Result') })
  }
  expect(text).toMatch(/^<\?xml [^>]*\?>\n +<Result [^>]*><\/Result>$/)
  expect(parseXml(text).name).toBe('Result')
})

test('what fails late says so in the body', async () => {
  const late = Promise.withResolvers<Answer>()
  const answer = await patiently(late.promise, '/b/k', 'id', atOnce)
  late.reject(new S3Error('InvalidPart'))
  const text = await textOf(answer)
  expect(text).toContain('<Error><Code>InvalidPart</Code>')
  expect(text).toContain('<Resource>/b/k</Resource><RequestId>id</RequestId>')
})

test('a client sees that its copy is still being made', async () => {
  const server = await startHttp({ limits: { patience: 1 } })
  server.objects.set('key', textObject('hello'))
  const copied = Promise.withResolvers<void>()
  server.copied = copied.promise
  const wire = new Wire(server.port)
  wire.send(
    headText(server.port, {
      method: 'PUT',
      path: '/bucket/copy',
      headers: { 'x-amz-copy-source': '/bucket/key' },
      user: users[0],
    }),
  )
  const begun = await wire.until((text) => /\r\n1\r\n \r\n1\r\n \r\n/.test(text))
  expect(begun).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nTransfer-Encoding: chunked\r\n/)
  copied.resolve()
  const all = await wire.until((text) => text.endsWith('\r\n0\r\n\r\n'))
  expect(all).toContain('</CopyObjectResult>')
  wire.send(headText(server.port, { path: '/bucket/key', user: users[0] }))
  await wire.until((text) => text.endsWith('\r\n\r\nhello'))
})
