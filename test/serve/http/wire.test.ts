// HTTP/1.1 as it comes over the wire: in any pieces, one request behind the other, and broken off anywhere.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { ask, headText, startHttp, textObject, users, Wire, type TestServer } from './tools.ts'

const [alice] = users

function putText(server: TestServer, key: string, body: string): string {
  const headers = { 'content-length': String(Buffer.byteLength(body)) }
  return (
    headText(server.port, { method: 'PUT', path: `/bucket/${key}`, headers, user: alice }) + body
  )
}

function getText(server: TestServer, key: string): string {
  return headText(server.port, { path: `/bucket/${key}`, user: alice })
}

function answers(text: string): number {
  return text.split('HTTP/1.1 ').length - 1
}

test('a request comes byte by byte', async () => {
  const server = await startHttp()
  const wire = new Wire(server.port)
  wire.socket.setNoDelay(true)
  for (const byte of putText(server, 'new', 'hello')) {
    wire.send(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await wire.until((text) => text.includes('HTTP/1.1 200 OK'))
  expect(server.put.get('new')?.toString()).toBe('hello')
})

test('large bodies come whole, in whatever pieces, beside each other', async () => {
  const server = await startHttp()
  const bodies = [3 * 1024 ** 2 + 7, 512 * 1024 + 1, 5 * 1024 ** 2, 100_000].map((size) =>
    randomBytes(size),
  )
  await Promise.all(
    bodies.map(async (body, index) => {
      const wire = new Wire(server.port)
      const headers = { 'content-length': String(body.length) }
      const path = `/bucket/${index}`
      wire.send(headText(server.port, { method: 'PUT', path, headers, user: alice }))
      for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7) % 300_007) {
        await new Promise((resolve) => {
          wire.socket.write(body.subarray(at, at + size), resolve)
        })
      }
      await wire.until((text) => text.includes('HTTP/1.1 200 OK'))
      expect(server.put.get(String(index))?.equals(body)).toBe(true)
    }),
  )
})

test('requests with bodies come together, and are answered in their order', async () => {
  const server = await startHttp()
  server.objects.set('key', textObject('first'))
  const wire = new Wire(server.port)
  wire.send(
    putText(server, 'a', 'hello') +
      getText(server, 'key') +
      putText(server, 'b', 'x'.repeat(200_000)) +
      putText(server, 'c', '') +
      headText(server.port, { path: '/bucket/none', user: alice }),
  )
  const text = await wire.until((seen) => seen.includes('</Error>'))
  expect(answers(text)).toBe(5)
  expect([...server.put].map(([key, bytes]) => [key, bytes.length])).toEqual([
    ['a', 5],
    ['b', 200_000],
    ['c', 0],
  ])
  expect(server.records.map(({ operation }) => operation)).toEqual([
    'PutObject',
    'GetObject',
    'PutObject',
    'PutObject',
    'GetObject',
  ])
})

test('what follows a request is not taken without end', async () => {
  const server = await startHttp()
  const released = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  server.objects.set('slow', {
    size: 5,
    async *bytes() {
      begun.resolve()
      await released.promise
      yield Buffer.from('hello')
    },
  })
  server.objects.set('key', textObject('other'))
  const wire = new Wire(server.port)
  wire.send(getText(server, 'slow'))
  await begun.promise
  const heads = getText(server, 'none').repeat(100)
  let written = 0
  // More than the system takes.
  const count = Math.ceil((32 * 1024 ** 2) / heads.length)
  for (let i = 0; i < count; i++) wire.socket.write(heads, () => written++)
  for (let i = 0; i < 20; i++)
    expect(await ask(server.port, { path: '/bucket/key', user: alice })).toMatch(/other$/)
  expect(written).toBeLessThan(count)
  released.resolve()
  await wire.until((text) => answers(text) > 500)
})

test('requests whose answers nobody takes are not carried out, until somebody does', async () => {
  const server = await startHttp()
  const size = 60_000
  server.objects.set('key', textObject('x'.repeat(size)))
  const wire = new Wire(server.port)
  wire.socket.removeAllListeners('data').pause()
  const count = 1000
  wire.send(getText(server, 'key').repeat(count))
  const carriedOut = (): number =>
    server.records.filter(({ path }) => path === '/bucket/key').length
  let seen = -1
  while (seen !== carriedOut()) {
    seen = carriedOut()
    for (let i = 0; i < 20; i++) await ask(server.port, { path: '/bucket/none' })
  }
  expect(seen).toBeLessThan(count)
  let bytes = 0
  await new Promise<void>((resolve) => {
    wire.socket.on('data', (piece) => {
      bytes += piece.length
      if (bytes > count * size) resolve()
    })
    wire.socket.resume()
  })
  while (carriedOut() < count) await ask(server.port, { path: '/bucket/none' })
})

test('a body that is refused is read over, when it comes', async () => {
  const server = await startHttp()
  server.objects.set('key', textObject('hello'))
  const wire = new Wire(server.port)
  const headers = { 'content-length': '50000' }
  wire.send(headText(server.port, { method: 'PUT', path: '/bucket/new', headers }))
  await wire.until((text) => text.endsWith('</Error>'))
  wire.send(`${'GET / HTTP/1.1\r\n'.padEnd(50_000, 'x')}${getText(server, 'key')}`)
  const text = await wire.until((seen) => seen.endsWith('hello'))
  expect(answers(text)).toBe(2)
})

test('where a body in chunks is refused, the connection is closed, and nothing in it is a request', async () => {
  const server = await startHttp()
  const wire = new Wire(server.port)
  const headers = { 'transfer-encoding': 'chunked' }
  wire.send(headText(server.port, { method: 'PUT', path: '/bucket/new', headers, user: alice }))
  await wire.until((text) => text.endsWith('</Error>'))
  wire.send(`5\r\nhello\r\n0\r\n\r\n${getText(server, 'key')}`)
  const text = await wire.end()
  expect(text).toMatch(/^HTTP\/1\.1 411 /)
  expect(text).toMatch(/\r\nConnection: close\r\n/)
  expect(answers(text)).toBe(1)
})

test('a request behind one whose connection is to be closed is not carried out', async () => {
  const server = await startHttp()
  const wire = new Wire(server.port)
  const headers = { 'transfer-encoding': 'chunked' }
  wire.send(headText(server.port, { method: 'PUT', path: '/bucket/new', headers, user: alice }))
  await wire.until((text) => text.endsWith('</Error>'))
  wire.send(`0\r\n\r\n${putText(server, 'smuggled', 'hello')}`)
  await wire.end()
  await ask(server.port, { path: '/bucket/none' })
  expect(server.records.map(({ operation }) => operation)).toEqual(['PutObject', 'GetObject'])
  expect([...server.put.keys()]).toEqual([])
})

test.each(['5\nhello\r\n', '5\r\nhello!\r\n', `5;${'a'.repeat(300)}`])(
  'the chunk %j ends the connection',
  async (chunk) => {
    const server = await startHttp()
    const wire = new Wire(server.port)
    const headers = {
      'transfer-encoding': 'chunked',
      'content-type': 'multipart/form-data; boundary=x',
    }
    wire.send(headText(server.port, { method: 'POST', path: '/bucket', headers }))
    wire.send('5\r\n--x\r\n\r\n')
    // The form is read by now.
    await ask(server.port, { path: '/bucket/none' })
    const answered = new Promise<void>((resolve) => {
      server.onRecord = () => resolve()
    })
    wire.send(chunk)
    expect(await wire.end()).toBe('')
    await answered
    expect(server.records.map(({ operation, error }) => [operation, error])).toContainEqual([
      'PostObject',
      'IncompleteBody',
    ])
  },
)

test('a chunk that is none, and comes with its head, is refused like it', async () => {
  const server = await startHttp()
  const wire = new Wire(server.port)
  wire.send('PUT /bucket/new HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n')
  expect(await wire.end()).toMatch(/^HTTP\/1\.1 400 [^]*<Code>BadRequest</)
})

test('HTTP/1.0 is answered, and its connection kept only where it is asked to be', async () => {
  const server = await startHttp({ anonymousRead: true })
  server.objects.set('key', textObject('hello'))
  const wire = new Wire(server.port)
  wire.send('GET /bucket/key HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  const first = await wire.until((text) => text.endsWith('hello'))
  expect(first).toMatch(/\r\nConnection: keep-alive\r\n/)
  wire.send('GET /bucket/key HTTP/1.0\r\n\r\n')
  const both = await wire.end()
  expect(answers(both)).toBe(2)
  expect(both).toMatch(/\r\nConnection: close\r\n[^]*hello$/)
})

test('an answer of unknown length goes in chunks, and in HTTP/1.0 to the connection’s end', async () => {
  const server = await startHttp({ limits: { patience: 5 } })
  server.objects.set('key', textObject('hello'))
  const asked = headText(server.port, {
    method: 'PUT',
    path: '/bucket/new',
    headers: { 'x-amz-copy-source': '/bucket/key' },
    user: alice,
  })
  /** Asks for a copy that ends once a space has come ahead of its answer. */
  const copy = async (head: string): Promise<Wire> => {
    const copied = Promise.withResolvers<void>()
    server.copied = copied.promise
    const wire = new Wire(server.port)
    wire.send(head)
    await wire.until((seen) => /\?>\n[^<]* /.test(seen))
    copied.resolve()
    return wire
  }
  const wire = await copy(asked)
  const text = await wire.until((seen) => seen.endsWith('\r\n0\r\n\r\n'))
  expect(text).toMatch(/\r\nTransfer-Encoding: chunked\r\n/)
  const [, coded = ''] = text.split(/\r\n\r\n(.*)/s)
  expect(coded).toMatch(/^27\r\n<\?xml [^]*\r\n1\r\n \r\n[^]*<\/CopyObjectResult>\r\n0\r\n\r\n$/)

  const old = await copy(asked.replace('HTTP/1.1', 'HTTP/1.0'))
  const plain = await old.end()
  expect(plain).not.toMatch(/\r\nTransfer-Encoding/)
  expect(plain).toMatch(/\r\nConnection: close\r\n[^]*\r\n\r\n<\?xml [^]*<\/CopyObjectResult>$/)
})

test('a head that breaks off is refused, and an idle connection closed', async () => {
  const server = await startHttp()
  const wire = new Wire(server.port)
  wire.send('GET / HTTP/1.1\r\nHost: here\r\n')
  wire.socket.end()
  expect(await wire.end()).toMatch(/^HTTP\/1\.1 400 [^]*<Code>BadRequest</)
  const idle = new Wire(server.port)
  idle.socket.end()
  expect(await idle.end()).toBe('')
})

test('a head that takes too long is refused, however busily it comes', async () => {
  const server = await startHttp({ limits: { headersTimeout: 50 } })
  const wire = new Wire(server.port)
  wire.send('GET / HTTP/1.1\r\nHost: here\r\n')
  const busy = setInterval(() => wire.send('a: b\r\n'), 5)
  try {
    expect(await wire.end()).toMatch(/^HTTP\/1\.1 400 [^]*<Code>RequestTimeout</)
  } finally {
    clearInterval(busy)
  }
})

test('a connection without a request is closed after a while', async () => {
  const server = await startHttp({ limits: { keepAliveTimeout: 1 } })
  server.objects.set('key', textObject('hello'))
  const wire = new Wire(server.port)
  wire.send(getText(server, 'key'))
  expect(await wire.end()).toMatch(/\r\nKeep-Alive: timeout=0\r\n[^]*hello$/)
})

test('the client’s end of sending is its end, as with Node: what it asked for is not waited for', async () => {
  const server = await startHttp()
  const ended = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  server.objects.set('slow', {
    size: 5,
    async *bytes(signal) {
      begun.resolve()
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      ended.resolve()
      yield Buffer.from('hello')
    },
  })
  const wire = new Wire(server.port)
  wire.send(getText(server, 'slow'))
  await begun.promise
  wire.socket.end()
  await ended.promise
  expect(await wire.end()).toBe('')
})
