import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Connection } from '../../../src/serve/http/connection.ts'
import { Exchange } from '../../../src/serve/http/exchange.ts'
import { defaultLimits } from '../../../src/serve/http/limits.ts'
import { ask, headText, manyPieces, startHttp, textObject, users, Wire } from './tools.ts'

const [alice] = users

test('answers an object, and tells it in headers', async () => {
  const server = await startHttp()
  server.objects.set('key', textObject('hello'))
  const text = await ask(server.port, { path: '/bucket/key', user: alice })
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(text).toMatch(/\r\nServer: Hawser\r\n/)
  expect(text).toMatch(/\r\nx-amz-request-id: [0-9A-F]{16}\r\n/)
  expect(text).toMatch(/\r\ncontent-length: 5\r\n/)
  expect(text).toMatch(/\r\naccept-ranges: bytes\r\n/)
  expect(text).toMatch(/\r\nDate: /)
  expect(text).toMatch(/\r\n\r\nhello$/)
  expect(server.records).toMatchObject([
    {
      operation: 'GetObject',
      method: 'GET',
      path: '/bucket/key',
      status: 200,
      sent: 5,
      received: 0,
    },
  ])
})

test('errors are XML, with the id of the request; answers to HEAD have no body', async () => {
  const server = await startHttp()
  const text = await ask(server.port, { path: '/bucket/a<b', user: alice })
  expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
  expect(text).toMatch(/\r\nContent-Type: application\/xml\r\n/)
  const id = /x-amz-request-id: (\w+)/.exec(text)?.[1]
  expect(text).toContain('<Error><Code>NoSuchKey</Code>')
  expect(text).toContain('<Key>a&lt;b</Key>')
  expect(text).toContain(`<Resource>/bucket/a%3Cb</Resource><RequestId>${id}</RequestId></Error>`)
  expect(server.records[0]?.error).toBe('NoSuchKey')

  const head = await ask(server.port, { method: 'HEAD', path: '/bucket/none', user: alice })
  expect(head).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
  expect(head).toMatch(/\r\nContent-Length: [1-9]\d*\r\n/)
  expect(head).toMatch(/\r\n\r\n$/)
})

test('connections are kept, and pipelined requests answered in order', async () => {
  const server = await startHttp()
  for (const name of ['one', 'two', 'three']) server.objects.set(name, textObject(name))
  const wire = new Wire(server.port)
  const heads = ['one', 'two', 'three'].map((name) =>
    headText(server.port, { path: `/bucket/${name}`, user: alice }),
  )
  wire.send(heads.join(''))
  const text = await wire.until((seen) => seen.endsWith('three'))
  expect(text.split('HTTP/1.1 200 OK').map((part) => part.split('\r\n\r\n')[1])).toEqual([
    undefined,
    'one',
    'two',
    'three',
  ])
  wire.send(headText(server.port, { path: '/bucket/one', user: alice }))
  await wire.until((seen) => seen.endsWith('one'))
})

test('a client that goes away frees the object', async () => {
  const server = await startHttp()
  const object = manyPieces(64, new Uint8Array(1024 * 1024))
  server.objects.set('large', object)
  const answered = new Promise((resolve) => {
    server.onRecord = resolve
  })
  const wire = new Wire(server.port)
  wire.send(headText(server.port, { path: '/bucket/large', user: alice }))
  await wire.until((text) => text !== '')
  wire.socket.destroy()
  await object.left
  await answered
  expect(object.taken).toBeLessThan(64)
  expect(server.records).toMatchObject([{ operation: 'GetObject', error: 'ServiceUnavailable' }])
  expect(server.failures).toEqual([])
})

test('a body that breaks off ends the connection before its announced end', async () => {
  const server = await startHttp()
  server.objects.set('broken', {
    size: 10,
    async *bytes() {
      yield Buffer.from('12345')
      throw new Error('the disk has gone')
    },
  })
  server.objects.set('unsure', {
    size: 5,
    async *bytes() {
      yield Buffer.from('12345')
      throw new Error('not what it was')
    },
  })
  server.objects.set('short', {
    size: 10,
    async *bytes() {
      yield Buffer.from('12345')
    },
  })
  for (const path of ['/bucket/broken', '/bucket/short'])
    expect(await ask(server.port, { path, user: alice })).toMatch(
      /^$|^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n(?:12345)?$/,
    )
  // Whoever got all that was announced could not know: the last piece waits for the end.
  expect(await ask(server.port, { path: '/bucket/unsure', user: alice })).not.toContain('12345')
  expect(server.records.map(({ error }) => error)).toEqual(Array(3).fill('InternalError'))
  expect(server.failures).toHaveLength(3)
})

test('a body that cannot begin is answered as the error that it is', async () => {
  const server = await startHttp()
  server.objects.set('broken', {
    size: 10,
    // oxlint-disable-next-line require-yield -- it fails at once
    async *bytes() {
      throw new Error('secret detail')
    },
  })
  const text = await ask(server.port, { path: '/bucket/broken', user: alice })
  expect(text).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
  expect(text).toContain('<Code>InternalError</Code>')
  expect(text).not.toContain('secret detail')
  expect(server.failures).toEqual([new Error('secret detail')])
})

test('the body is asked for only of who may send it', async () => {
  const server = await startHttp()
  const put = { method: 'PUT', path: '/bucket/new', user: alice }
  const wire = new Wire(server.port)
  wire.send(
    headText(server.port, { ...put, headers: { 'content-length': '5', expect: '100-continue' } }),
  )
  await wire.until((text) => text.endsWith('HTTP/1.1 100 Continue\r\n\r\n'))
  wire.send('hello')
  await wire.until((text) => text.includes('HTTP/1.1 200 OK'))
  expect(server.put.get('new')?.toString()).toBe('hello')

  const refused = new Wire(server.port)
  const headers = { 'content-length': '5', expect: '100-continue' }
  refused.send(headText(server.port, { method: 'PUT', path: '/bucket/new', headers }))
  const text = await refused.until((seen) => seen.endsWith('</Error>'))
  expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
  expect(text).toMatch(/\r\nConnection: close\r\n/)
  refused.socket.end()
  await refused.end()
})

test('a refusal is seen by a client that sends its whole body first', async () => {
  const server = await startHttp()
  const body = new Uint8Array(8 * 1024 * 1024)
  const text = await ask(server.port, { method: 'PUT', path: '/bucket/new' }, body)
  expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
  expect(text).toMatch(/\r\nConnection: close\r\n/)
  expect(text).toContain('<Code>AccessDenied</Code>')
})

test('a refusal of a small body keeps the connection', async () => {
  const server = await startHttp()
  server.objects.set('key', textObject('hello'))
  const wire = new Wire(server.port)
  const headers = { 'content-length': '5' }
  wire.send(`${headText(server.port, { method: 'PUT', path: '/bucket/new', headers })}hello`)
  await wire.until((text) => text.endsWith('</Error>'))
  wire.send(headText(server.port, { path: '/bucket/key', user: alice }))
  await wire.until((text) => text.endsWith('\r\n\r\nhello'))
})

test('an upload that breaks off leaves nothing', async () => {
  const server = await startHttp()
  const answered = new Promise((resolve) => {
    server.onRecord = resolve
  })
  const wire = new Wire(server.port)
  const headers = { 'content-length': '10' }
  wire.send(
    `${headText(server.port, { method: 'PUT', path: '/bucket/new', headers, user: alice })}hello`,
  )
  wire.socket.end()
  await answered
  expect(server.put.size).toBe(0)
})

test('closing lets requests end, and stops those that do not', async () => {
  const server = await startHttp({ limits: { closeTimeout: 100 } })
  let release: (() => void) | undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let begun: (() => void) | undefined
  const running = new Promise<void>((resolve) => {
    begun = resolve
  })
  server.objects.set('ends', {
    size: 10,
    async *bytes() {
      yield Buffer.from('12345')
      begun?.()
      await released
      yield Buffer.from('67890')
    },
  })
  const wire = new Wire(server.port)
  wire.send(headText(server.port, { path: '/bucket/ends', user: alice }))
  await running
  const idle = new Wire(server.port)
  const closed = server[Symbol.asyncDispose]()
  release?.()
  await closed
  expect(await wire.end()).toMatch(/\r\n\r\n1234567890$/)
  await idle.end()
})

test('closing aborts what does not end', async () => {
  const server = await startHttp({ limits: { closeTimeout: 0 } })
  let begun: (() => void) | undefined
  const running = new Promise<void>((resolve) => {
    begun = resolve
  })
  server.objects.set('hangs', {
    size: 10,
    async *bytes(signal) {
      yield Buffer.from('12345')
      begun?.()
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      throw signal.reason
    },
  })
  const wire = new Wire(server.port)
  wire.send(headText(server.port, { path: '/bucket/hangs', user: alice }))
  await running
  await server[Symbol.asyncDispose]()
  expect(await wire.end()).toMatch(/\r\n\r\n12345$/)
})

test('a reader that takes its time is waited for, though it has taken all that was read', async () => {
  const exchange = Promise.withResolvers<Exchange>()
  const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true })
  listener.on('connection', (socket: Socket) => {
    const connection = new Connection(socket, {
      limits: { ...defaultLimits, idleTimeout: 200 },
      newId: () => '1',
      begin(head, body) {
        const begun = new Exchange('1', head, body, connection)
        exchange.resolve(begun)
        return begun
      },
      closed: () => {},
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const { port } = listener.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  onTestFinished(() => {
    client.destroy()
    listener.close()
  })
  const sent = 'x'.repeat(1000)
  client.write(`PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${sent}`)
  const { body } = await exchange.promise
  let pieces = 0
  for await (const piece of body.pieces()) {
    expect(piece).toHaveLength(1000)
    if (++pieces === 2) break
    expect(body.starved).toBe(true)
    // It may have sent more, which is not read yet. A client that began later and says nothing is not waited for.
    await new Wire(port).end()
    client.write(sent)
  }
  expect(pieces).toBe(2)
})
