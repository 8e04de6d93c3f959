import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, headText, manyPieces, startHttp, textObject, users, Wire } from './tools.ts'

const [alice] = users

test('more requests than allowed are told to slow down', async () => {
  const server = await startHttp({ limits: { requests: 1 } })
  let release: (() => void) | undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let begun: (() => void) | undefined
  const running = new Promise<void>((resolve) => {
    begun = resolve
  })
  server.objects.set('slow', {
    size: 5,
    async *bytes() {
      begun?.()
      await released
      yield Buffer.from('hello')
    },
  })
  const first = ask(server.port, { path: '/bucket/slow', user: alice })
  await running
  const second = await ask(server.port, { path: '/bucket/slow', user: alice })
  expect(second).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
  expect(second).toContain('<Code>SlowDown</Code>')
  release?.()
  expect(await first).toMatch(/hello$/)
})

test('connections beyond the limit are closed', async () => {
  const server = await startHttp({ limits: { connections: 1 } })
  server.objects.set('key', textObject('hello'))
  const first = new Wire(server.port)
  first.send(headText(server.port, { path: '/bucket/key', user: alice }))
  await first.until((text) => text.endsWith('hello'))
  expect(await new Wire(server.port).end()).toBe('')
})

test('silence is not waited for: in a head, in a body, and of who does not read', async () => {
  const server = await startHttp({ limits: { idleTimeout: 50, headersTimeout: 50 } })
  const head = new Wire(server.port)
  head.send('GET /bucket/key HTTP/1.1\r\nHost: x\r\n')
  const body = new Wire(server.port)
  const headers = { 'content-length': '10' }
  body.send(
    `${headText(server.port, { method: 'PUT', path: '/bucket/key', headers, user: alice })}hello`,
  )
  await Promise.all([head.end(), body.end()])
  expect(server.put.size).toBe(0)

  const object = manyPieces(64, new Uint8Array(1024 * 1024))
  server.objects.set('large', object)
  const reader = new Wire(server.port)
  reader.socket.pause()
  reader.send(headText(server.port, { path: '/bucket/large', user: alice }))
  await object.left
  // More than the system's own buffers take is not taken from the store.
  expect(object.taken).toBeLessThan(32)
})

test('a slow store is waited for', async () => {
  const server = await startHttp({ limits: { idleTimeout: 20 } })
  server.objects.set('slow', {
    size: 5,
    async *bytes() {
      // A client that says nothing is left meanwhile.
      await new Wire(server.port).end()
      yield Buffer.from('hello')
    },
  })
  expect(await ask(server.port, { path: '/bucket/slow', user: alice })).toMatch(/hello$/)
})

test('heads that are too large or none are refused', async () => {
  const server = await startHttp()
  const large = new Wire(server.port)
  large.send(`GET / HTTP/1.1\r\nHost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`)
  expect(await large.end()).toMatch(/^HTTP\/1\.1 400 [^]*<Code>RequestHeaderSectionTooLarge</)
  for (const text of [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
    'PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nbad\0header: 1\r\n\r\n',
  ]) {
    const wire = new Wire(server.port)
    wire.send(text)
    expect(await wire.end()).toMatch(/^HTTP\/1\.1 400 /)
  }
})

test.each([
  ['/bucket/%', 'InvalidURI'],
  ['/bucket/%ff', 'InvalidURI'],
  ['/bucket/%ED%A0%80', 'InvalidURI'],
  ['//key', 'InvalidURI'],
  ['*', 'InvalidURI'],
  ['/bucket/key?x=%zz', 'InvalidURI'],
  [`/bucket/${'a'.repeat(1025)}`, 'KeyTooLongError'],
  [`/bucket/${'%C3%A4'.repeat(513)}`, 'KeyTooLongError'],
])('%s is %s', async (target, code) => {
  const server = await startHttp()
  const wire = new Wire(server.port)
  wire.send(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  expect(await wire.end()).toContain(`<Code>${code}</Code>`)
})

test('a head comes in pieces, however large the server takes it', async () => {
  const server = await startHttp({ limits: { headerBytes: 64 * 1024, headersTimeout: 2000 } })
  server.objects.set('key', textObject('hello'))
  const headers = { 'x-large': 'a'.repeat(50_000) }
  const head = headText(server.port, { path: '/bucket/key', user: alice, headers })
  const wire = new Wire(server.port)
  for (let at = 0; at < head.length; at += 10_000) {
    wire.send(head.slice(at, at + 10_000))
    await ask(server.port, { path: '/bucket/none' })
  }
  expect(await wire.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('a body of which nobody says how long it is is not taken', async () => {
  const server = await startHttp()
  const headers = { 'transfer-encoding': 'chunked' }
  const wire = new Wire(server.port)
  wire.send(headText(server.port, { method: 'PUT', path: '/bucket/key', headers, user: alice }))
  wire.send('5\r\nhello\r\n')
  await wire.until((text) => text.endsWith('</Error>'))
  expect(wire.text).toMatch(/^HTTP\/1\.1 411 Length Required\r\n/)
  expect(wire.text).toMatch(/\r\nConnection: close\r\n/)
  wire.send('0\r\n\r\n')
  await wire.end()
  expect(server.put.size).toBe(0)
})

test('whatever comes, every request is answered or its connection closed, and the server goes on', async () => {
  const server = await startHttp({ limits: { idleTimeout: 100, headersTimeout: 100 } })
  server.objects.set('key', textObject('hello'))
  const method = fc.constantFrom(
    'GET',
    'HEAD',
    'PUT',
    'POST',
    'DELETE',
    'OPTIONS',
    'PATCH',
    'M-SEARCH',
  )
  const target = fc.oneof(
    fc.webPath().map((path) => `/bucket${path}`),
    fc.webQueryParameters().map((query) => `/bucket/key?${query}`),
    fc.string({ unit: 'binary-ascii', maxLength: 50 }).map((text) => `/${text}`),
    fc.constantFrom('/', '//', '/bucket?', '/bucket/key?&&=&', 'http://h/bucket/key', '/?uploads'),
  )
  const header = fc.oneof(
    fc.constantFrom(
      'content-length: 5',
      'content-length: 99999999999999999999',
      'transfer-encoding: chunked',
      'expect: 100-continue',
      'connection: upgrade\r\nupgrade: h2c',
      'content-type: multipart/form-data; boundary=',
      'content-type: multipart/form-data; boundary=x',
      'origin: null',
      'x-amz-copy-source: %',
      'x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'authorization: AWS4-HMAC-SHA256 Credential=alice/1/2/s3/aws4_request',
      'set-cookie: a\r\nset-cookie: b',
      '__proto__: x',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => `x-any: ${text}`),
  )
  await fc.assert(
    fc.asyncProperty(
      method,
      target,
      fc.array(header, { maxLength: 4 }),
      fc.string({ maxLength: 20 }),
      async (name, path, headers, body) => {
        const wire = new Wire(server.port)
        const lines = ['host: here', 'connection: close', ...headers]
        wire.send(`${name} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
        wire.socket.end()
        const text = await wire.end()
        expect(text).toMatch(/^$|^HTTP\/1\.1 \d{3} /)
        expect(text).not.toMatch(/^HTTP\/1\.1 (?:2|500)/)
      },
    ),
    { numRuns: 300, seed: 1 },
  )
  expect(await ask(server.port, { path: '/bucket/key', user: alice })).toMatch(/hello$/)
  expect(server.failures).toEqual([])
})
