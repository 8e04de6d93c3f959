import http from 'node:http'
import net from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import {
  httpTransport,
  type HttpRequest,
  type Transport,
  type TransportOptions,
} from '../../../src/stores/s3/http.ts'
import {
  bytesOf,
  certificate,
  close,
  listen,
  request,
  wireServer,
  type WireRequest,
  type WireServer,
} from './wire.ts'

function transport(options: Partial<TransportOptions> = {}): Transport {
  const made = httpTransport({
    connections: 4,
    timeout: 5000,
    tls: { ca: certificate },
    ...options,
  })
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

async function server(
  answer: (request: WireRequest) => unknown,
  options: { readonly secure?: boolean } = {},
): Promise<WireServer> {
  const made = await wireServer(answer, options)
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

async function httpServer(
  handler: http.RequestListener,
): Promise<{ origin: string; server: http.Server }> {
  const made = http.createServer(handler)
  const port = await listen(made)
  onTestFinished(async () => {
    made.closeAllConnections()
    await close(made)
  })
  return { origin: `http://127.0.0.1:${port}`, server: made }
}

const ok = (length: number, more = ''): string =>
  `HTTP/1.1 200 OK\r\n${more}content-length: ${length}\r\n\r\n`

/** Bytes that tell their place. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 255
  return bytes
}

const failure = (code: string, retry: string, message?: string) =>
  expect.objectContaining({
    name: 'HawserError',
    op: 'http',
    code,
    retry,
    ...(message !== undefined && { message: expect.stringContaining(message) }),
  })

/** Sends the request and reads the whole body, wherever it arrived. */
async function fetchAll(client: Transport, message: HttpRequest) {
  const response = await client.send(message)
  const streamed = await bytesOf(response.body)
  const bytes =
    message.into && streamed.length === 0
      ? Buffer.from(message.into.subarray(0, response.received))
      : streamed
  return { response, bytes }
}

// What holds for both ways: with a buffer the answer comes by a socket of our own, without one by node:http.
const ways = [
  { way: 'in place', into: () => new Uint8Array(100_000) },
  { way: 'ordinary', into: () => undefined },
]
describe.each(ways)('a GET, $way', ({ into }) => {
  const get = (origin: string, more: Partial<HttpRequest> & { path?: string } = {}) => {
    const target = into()
    return request(origin, { ...more, ...(target && { into: target }) })
  }
  test.each([false, true])('brings head and body on one connection (TLS: %s)', async (secure) => {
    const body = pattern(90_000)
    const { origin, connections } = await server(
      ({ socket }) => {
        socket.write(ok(body.length, 'ETag: "x"\r\nX-A: 1\r\nx-a: 2\r\n'))
        socket.write(body)
      },
      { secure },
    )
    const client = transport()
    for (let i = 0; i < 3; i++) {
      const { response, bytes } = await fetchAll(client, get(origin))
      expect(response.status).toBe(200)
      expect(response.length).toBe(body.length)
      expect(response.headers.get('etag')).toBe('"x"')
      expect(response.headers.get('x-a')).toBe('1, 2')
      expect(bytes.equals(body)).toBe(true)
    }
    expect(connections()).toBe(1)
  })

  test('sends path, query and headers byte for byte', async () => {
    const heads: string[] = []
    const { origin } = await server(({ head, socket }) => {
      heads.push(head)
      socket.write(ok(0))
    })
    const client = transport()
    for (const path of ['/b/a//b', '/b/../x', '/b/.', '/b/%2e%2E/%25', '/b/a;b:c@d']) {
      const message = request(origin, {
        path,
        query: 'a=&b=%2F..%2F',
        headers: { host: 'h', 'x-amz-meta-a': 'é' },
      })
      const target = into()
      await client.send({ ...message, ...(target && { into: target }) })
      const head = heads.pop() ?? ''
      expect(head.split('\r\n')[0]).toBe(`GET ${path}?a=&b=%2F..%2F HTTP/1.1`)
      expect(head.toLowerCase()).toContain('\r\nhost: h\r\n')
      expect(head).toContain('x-amz-meta-a: é')
    }
  })

  test('puts together what comes in pieces of any size', async () => {
    const body = pattern(40)
    const bytes = Buffer.concat([
      Buffer.from(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n`),
      Buffer.from(ok(body.length)),
      body,
    ])
    const sizes = [1, 2, 3, 7, 37, bytes.length]
    const { origin } = await server(async ({ socket, number }) => {
      const size = sizes[number - 1] ?? 1
      socket.setNoDelay(true)
      for (let at = 0; at < bytes.length; at += size) {
        const { promise, resolve } = Promise.withResolvers<void>()
        socket.write(bytes.subarray(at, at + size), () => setImmediate(resolve))
        await promise
      }
    })
    const client = transport()
    for (const _ of sizes) {
      const { response, bytes: got } = await fetchAll(client, get(origin))
      expect(response.status).toBe(200)
      expect(got.equals(body)).toBe(true)
    }
  })

  test('understands chunked answers', async () => {
    const { origin } = await httpServer((_, answer) => {
      answer.write('one ')
      answer.end('two')
    })
    const { response, bytes } = await fetchAll(transport(), get(origin))
    expect(response.length).toBeUndefined()
    expect(bytes.toString()).toBe('one two')
  })

  test('refuses a body of which nobody can tell whether it is whole', async () => {
    const { origin } = await server(({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nsome'))
    await expect(transport().send(get(origin))).rejects.toEqual(failure('unavailable', 'later'))
  })

  test.each([404, 301, 503])('gives the body of a %i to whoever reads it', async (status) => {
    const { origin, connections } = await server(({ socket }) => {
      socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 5\r\n\r\nwrong`)
    })
    const client = transport()
    const first = await client.send(get(origin))
    expect(first.status).toBe(status)
    expect(first.received).toBe(0)
    expect(await first.text(5)).toBe('wrong')
    const second = await client.send(get(origin))
    await expect(second.text(4)).rejects.toThrow('more than 4 bytes')
    const third = await client.send(get(origin))
    await third.discard()
    expect(connections()).toBeLessThanOrEqual(2)
  })

  test('calls a truncated body an error', async () => {
    const { origin } = await server(({ socket }) => socket.end(`${ok(10)}12345`))
    await expect(fetchAll(transport(), get(origin))).rejects.toEqual(
      failure('unavailable', 'later', '5 of 10 bytes'),
    )
  })

  test.each(['', 'HTTP/1.1 200 O'])('calls an end after %j an error', async (text) => {
    const { origin } = await server(({ socket }) => socket.end(text))
    await expect(transport().send(get(origin))).rejects.toEqual(failure('unavailable', 'later'))
  })

  test('calls a reset an error', async () => {
    const { origin } = await server(({ socket }) => {
      socket.write(`${ok(10)}12345`, () => socket.resetAndDestroy())
    })
    await expect(fetchAll(transport(), get(origin))).rejects.toEqual(
      failure('unavailable', 'later'),
    )
  })

  test.each([
    'HTTP/1.1 OK\r\n\r\n',
    'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345',
    'HTTP/1.1 200 OK\r\nx y: 5\r\n\r\n',
  ])('calls %j malformed', async (text) => {
    const { origin } = await server(({ socket }) => socket.write(text))
    await expect(transport().send(get(origin))).rejects.toEqual(
      failure('unavailable', 'later', 'malformed'),
    )
  })

  test('opens a new connection when the server closed the kept one', async () => {
    const { origin, connections } = await server(({ socket, number }) => {
      if (number === 2) socket.destroy()
      else socket.write(`${ok(2)}${number}.`)
    })
    const client = transport()
    expect((await fetchAll(client, get(origin))).bytes.toString()).toBe('1.')
    expect((await fetchAll(client, get(origin))).bytes.toString()).toBe('3.')
    expect(connections()).toBe(2)
  })

  test('does so once', async () => {
    const { origin, connections } = await server(({ socket, number }) => {
      if (number > 1) socket.destroy()
      else socket.write(ok(0))
    })
    const client = transport()
    await fetchAll(client, get(origin))
    await expect(fetchAll(client, get(origin))).rejects.toEqual(failure('unavailable', 'later'))
    expect(connections()).toBe(2)
  })

  test('heeds connection: close', async () => {
    const { origin, connections } = await server(({ socket }) => {
      socket.write(`${ok(1, 'connection: close\r\n')}x`)
    })
    const client = transport()
    await fetchAll(client, get(origin))
    await fetchAll(client, get(origin))
    expect(connections()).toBe(2)
  })

  test('never uses a connection again on which more came than was announced', async () => {
    const { origin, connections } = await server(({ socket, connection }) => {
      socket.write(
        connection === 1 ? `${ok(1)}xHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\ny` : `${ok(1)}z`,
      )
    })
    const client = transport()
    const first = await fetchAll(client, get(origin)).then(
      ({ bytes }) => bytes.toString(),
      () => 'x', // node:http may see the surplus before it hands out the answer, and refuses it
    )
    expect(first).toBe('x')
    expect((await fetchAll(client, get(origin))).bytes.toString()).toBe('z')
    expect(connections()).toBe(2)
  })

  test('gives up when no byte moves', async () => {
    const { origin, allClosed } = await server(({ socket }) => socket.write(`${ok(10)}12345`))
    await expect(fetchAll(transport({ timeout: 50 }), get(origin))).rejects.toEqual(
      failure('timeout', 'later', '0.05 s'),
    )
    await allClosed()
  })

  test('stops at once when aborted, before, while waiting and in the middle', async () => {
    const arrived = Promise.withResolvers<void>()
    const { origin, open, allClosed } = await server(({ head, socket }) => {
      if (head.startsWith('GET /half')) socket.write(`${ok(10)}12345`)
      arrived.resolve()
    })
    const client = transport({ connections: 1 })
    await expect(client.send(get(origin, { signal: AbortSignal.abort() }))).rejects.toEqual(
      failure('interrupted', 'never'),
    )
    expect(open()).toBe(0)

    const controllers = [new AbortController(), new AbortController()]
    const [running, queued] = controllers.map(({ signal }) =>
      fetchAll(client, get(origin, { path: '/half', signal })),
    )
    await arrived.promise
    controllers[1]?.abort()
    await expect(queued).rejects.toEqual(failure('interrupted', 'never'))
    controllers[0]?.abort()
    await expect(running).rejects.toEqual(failure('interrupted', 'never'))
    await allClosed()
  })

  test('keeps to its connections, and serves all who wait', async () => {
    const { origin, connections } = await server(({ socket, number }) => {
      socket.write(`${ok(4)}${String(number).padStart(4)}`)
    })
    const client = transport({ connections: 3 })
    const { signal } = new AbortController()
    const all = await Promise.all(
      Array.from({ length: 40 }, () => fetchAll(client, get(origin, { signal }))),
    )
    expect(new Set(all.map(({ bytes }) => bytes.toString())).size).toBe(40)
    expect(connections()).toBeLessThanOrEqual(3)
  })

  test('says which server cannot be reached', async () => {
    const taken = net.createServer()
    const port = await listen(taken)
    await close(taken)
    const error: unknown = await transport()
      .send(get(`http://127.0.0.1:${port}`))
      .catch((cause: unknown) => cause)
    expect(error).toEqual(failure('offline', 'later', `127.0.0.1:${port} refuses connections`))
    expect(error).toHaveProperty('hint', expect.stringContaining(`127.0.0.1:${port}`))
  })

  test('refuses a certificate that it does not trust', async () => {
    const { origin } = await server(() => {}, { secure: true })
    const error: unknown = await transport({ tls: undefined })
      .send(get(origin))
      .catch((cause: unknown) => cause)
    expect(error).toEqual(failure('offline', 'never'))
    expect(error).toHaveProperty('hint', expect.stringContaining('NODE_EXTRA_CA_CERTS'))
  })

  test('says when a server does not speak https', async () => {
    const { origin } = await httpServer((_, answer) => answer.end())
    await expect(transport().send(get(origin.replace('http:', 'https:')))).rejects.toMatchObject({
      code: 'offline',
      hint: expect.stringContaining('speaks https'),
    })
  })
})

describe('receiving in place', () => {
  test('leaves what lies behind the body as it was', async () => {
    const { origin } = await server(({ socket }) => socket.write(`${ok(3)}abc`))
    const into = Buffer.from('........')
    const response = await transport().send(request(origin, { into }))
    expect(response.received).toBe(3)
    expect(into.toString()).toBe('abc.....')
    expect(await response.text(0)).toBe('')
  })

  test.each(['content-length', 'chunked'])(
    'refuses a body that is larger than the buffer (%s)',
    async (framed) => {
      const { origin } = await httpServer((_, answer) => {
        if (framed === 'content-length') answer.setHeader('content-length', 5)
        answer.write('12')
        answer.end('345')
      })
      const into = Buffer.from('....')
      await expect(transport().send(request(origin, { into }))).rejects.toEqual(
        failure('internal', 'never', 'buffer of 4'),
      )
    },
  )

  test('receives an empty body into nothing', async () => {
    const { origin, connections } = await server(({ socket }) => socket.write(ok(0)))
    const client = transport()
    for (let i = 0; i < 2; i++) {
      const response = await client.send(request(origin, { into: new Uint8Array() }))
      expect(response.received).toBe(0)
    }
    expect(connections()).toBe(1)
  })

  test('sends nothing that could be read as more than one request', async () => {
    const { origin, connections } = await server(() => {})
    const client = transport()
    const into = new Uint8Array(1)
    for (const wrong of [
      request(origin, { into, path: '/a b' }),
      request(origin, { into, path: '/a\r\n\r\nDELETE /b' }),
      request(origin, { into, query: 'é' }),
      request(origin, { into, headers: { host: 'h\r\nx: y' } }),
      request(origin, { into, headers: { 'a\r\nb': 'c' } }),
    ])
      await expect(client.send(wrong)).rejects.toEqual(failure('invalid-argument', 'never'))
    expect(connections()).toBe(0)
  })

  test('brings a large body in place over TLS too, whatever the parts', async () => {
    const body = pattern(3_000_000)
    const { origin } = await server(
      ({ head, socket }) => {
        const [, start = '', end = ''] = /bytes=(\d+)-(\d+)/.exec(head) ?? []
        const part = body.subarray(Number(start), Number(end) + 1)
        socket.write(ok(part.length))
        socket.write(part)
      },
      { secure: true },
    )
    const client = transport({ connections: 2 })
    const target = Buffer.alloc(body.length)
    const parts = [0, 1, 70_000, 1_500_000, 2_999_999, body.length]
    await Promise.all(
      parts.slice(1).map(async (end, i) => {
        const start = parts[i] ?? 0
        const headers = { host: 'h', range: `bytes=${start}-${end - 1}` }
        const into = target.subarray(start, end)
        const { received } = await client.send(request(origin, { headers, into }))
        expect(received).toBe(end - start)
      }),
    )
    expect(target.equals(body)).toBe(true)
  })
})

describe('a streamed body', () => {
  test('is pulled: the server cannot send what nobody reads', async () => {
    const size = 64 * 1024 * 1024
    let sent = 0
    const { origin } = await httpServer((_, answer) => {
      answer.setHeader('content-length', size)
      const chunk = Buffer.alloc(1024 * 1024)
      const more = (): void => {
        while (sent < size) {
          sent += chunk.length
          if (!answer.write(chunk)) {
            answer.once('drain', more)
            return
          }
        }
        answer.end()
      }
      more()
    })
    const response = await transport().send(request(origin))
    let read = 0
    for await (const chunk of response.body) {
      if (read === 0) await expect.poll(() => sent, { interval: 1 }).toBeLessThan(size)
      read += chunk.length
    }
    expect(read).toBe(size)
  })

  test('frees its connection when it is left early, or not wanted', async () => {
    const { origin, allClosed } = await server(({ socket }) => {
      socket.write(ok(10_000_000))
      socket.write(pattern(500_000))
    })
    const client = transport()
    const left = await client.send(request(origin))
    for await (const chunk of left.body) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await allClosed()
    const unwanted = await client.send(request(origin))
    await unwanted.discard()
    await allClosed()
  })

  test('may be read slowly: only silence that we wait for counts', async () => {
    const half = pattern(300_000)
    const continued = Promise.withResolvers<void>()
    const { origin } = await server(async ({ socket }) => {
      socket.write(ok(2 * half.length))
      socket.write(half)
      await continued.promise
      socket.write(half)
    })
    const response = await transport({ timeout: 40 }).send(request(origin))
    let read = 0
    for await (const chunk of response.body) {
      if (read === 0) await elapsed(120)
      read += chunk.length
      if (read === half.length) continued.resolve()
    }
    expect(read).toBe(2 * half.length)
  })
})

const echo = (origin: string, more: Partial<HttpRequest> = {}): HttpRequest =>
  request(origin, { method: 'PUT', ...more })
const withLength = (size: number) => ({ host: 'h', 'content-length': String(size) })

/** Answers with what arrived. */
const collect: http.RequestListener = async (incoming, answer) => {
  const body = await bytesOf(incoming).catch(() => undefined)
  if (body)
    answer.end(
      `${incoming.method} ${incoming.headers['content-length']} ${body.length} ${sum(body)}`,
    )
}

describe('an upload', () => {
  test.each([0, 1, 5_000_000])('sends %i bytes from memory, and from a source', async (size) => {
    const { origin } = await httpServer(collect)
    const client = transport()
    const body = pattern(size)
    const expected = `PUT ${size} ${size} ${sum(body)}`
    const whole = await client.send(echo(origin, { headers: withLength(size), body }))
    expect(await whole.text(100)).toBe(expected)
    const source = { size, open: () => pieces(body, 77_777) }
    const streamed = await client.send(echo(origin, { headers: withLength(size), body: source }))
    expect(await streamed.text(100)).toBe(expected)
  })

  test('without a body, and other methods', async () => {
    const { origin } = await httpServer(collect)
    const client = transport()
    for (const method of ['PUT', 'POST', 'DELETE'] as const) {
      const response = await client.send(request(origin, { method, headers: withLength(0) }))
      expect(await response.text(100)).toBe(`${method} 0 0 0`)
    }
    const head = await client.send(request(origin, { method: 'HEAD' }))
    expect(head.status).toBe(200)
    expect(await bytesOf(head.body)).toHaveLength(0)
  })

  test('a HEAD tells the length of what it does not bring', async () => {
    const { origin, connections } = await server(({ socket }) => socket.write(ok(12345)))
    const client = transport()
    for (let i = 0; i < 3; i++) {
      const response = await client.send(request(origin, { method: 'HEAD' }))
      expect(response.length).toBe(12345)
      expect(await response.text(0)).toBe('')
    }
    expect(connections()).toBe(1)
  })

  test('is repeated on a new connection only where that is safe', async () => {
    let seen = 0
    const { origin } = await server(({ socket, number }) => {
      seen++
      if (number % 2 === 0) socket.destroy()
      else socket.write(ok(0))
    })
    const client = transport({ connections: 1 })
    const body = Buffer.from('x')
    const headers = withLength(1)
    await client.send(echo(origin, { headers, body }))
    expect((await client.send(echo(origin, { headers, body }))).status).toBe(200)
    expect(seen).toBe(3)

    for (const unsafe of [
      echo(origin, { headers, body: { size: 1, open: () => pieces(body, 1) } }),
      request(origin, { method: 'POST', headers, body }),
    ]) {
      seen = 0
      const other = await server(({ socket, number }) => {
        seen++
        if (number === 2) socket.destroy()
        else socket.write(ok(0))
      })
      const warm = transport({ connections: 1 })
      await warm.send(request(other.origin))
      const message = { ...unsafe, url: { ...unsafe.url, origin: other.origin } }
      await expect(warm.send(message)).rejects.toEqual(failure('unavailable', 'later'))
      expect(seen).toBe(2)
    }
  })

  test('waits for 100 Continue where asked to, and does not send what is refused', async () => {
    const { origin, server: made } = await httpServer(collect)
    const client = transport()
    const body = pattern(100_000)
    const headers = { ...withLength(body.length), expect: '100-continue' }
    const taken = await client.send(echo(origin, { headers, body }))
    expect(await taken.text(100)).toBe(`PUT 100000 100000 ${sum(body)}`)

    let received = 0
    made.on('checkContinue', (incoming: http.IncomingMessage, answer: http.ServerResponse) => {
      incoming.on('data', (data: Buffer) => (received += data.length))
      answer.writeHead(403).end('no')
    })
    const refused = await client.send(echo(origin, { headers, body }))
    expect(refused.status).toBe(403)
    expect(await refused.text(100)).toBe('no')
    expect(received).toBe(0)
  })

  test('that is answered before its end does not hang', async () => {
    const { origin, allClosed } = await server(({ socket }) => {
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    })
    const body = Buffer.alloc(32 * 1024 * 1024)
    const response = await transport().send(
      echo(origin, { headers: withLength(body.length), body }),
    )
    expect(response.status).toBe(403)
    expect(await response.text(10)).toBe('no')
    await allClosed()
  })

  test.each([1, 3])('fails when the source gives %i bytes instead of 2', async (given) => {
    const { origin } = await httpServer(collect)
    const source = { size: 2, open: () => pieces(Buffer.alloc(given), 1) }
    await expect(
      transport().send(echo(origin, { headers: withLength(2), body: source })),
    ).rejects.toEqual(failure('integrity', 'later'))
  })

  test('fails as its source fails', async () => {
    const { origin } = await httpServer(collect)
    const source = {
      size: 2,
      open: async function* () {
        yield Buffer.from('1')
        throw new HawserError('local-io', 'disk gone', { op: 'read' })
      },
    }
    await expect(
      transport().send(echo(origin, { headers: withLength(2), body: source })),
    ).rejects.toMatchObject({ code: 'local-io', message: 'disk gone' })
  })

  test('stops reading its source when aborted', async () => {
    const { origin } = await server(({ socket }) => socket.pause())
    const controller = new AbortController()
    let left = false
    const source = {
      size: Number.MAX_SAFE_INTEGER,
      open: async function* () {
        try {
          for (let i = 0; ; i++) {
            if (i === 3) setImmediate(() => controller.abort())
            yield Buffer.alloc(1_000_000)
          }
        } finally {
          left = true
        }
      },
    }
    await expect(
      transport().send(
        echo(origin, {
          headers: withLength(source.size),
          body: source,
          signal: controller.signal,
        }),
      ),
    ).rejects.toEqual(failure('interrupted', 'never'))
    await expect.poll(() => left).toBe(true)
  })
})

test('a closed transport takes no requests, and ends those under way', async () => {
  const both = Promise.withResolvers<void>()
  const { origin, allClosed } = await server(({ number }) => {
    if (number === 2) both.resolve()
  })
  const client = transport()
  const running = [
    client.send(request(origin)),
    client.send(request(origin, { into: new Uint8Array(1) })),
  ]
  await both.promise
  const outcomes = Promise.allSettled(running)
  await client[Symbol.asyncDispose]()
  for (const outcome of await outcomes)
    expect(outcome).toEqual({ status: 'rejected', reason: failure('internal', 'never') })
  await expect(client.send(request(origin))).rejects.toEqual(failure('internal', 'never'))
  await allClosed()
})

test('refuses what is no address', async () => {
  await expect(transport().send(request('ftp://x'))).rejects.toEqual(
    failure('invalid-argument', 'never'),
  )
})

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function elapsed(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, milliseconds)
  await promise
}

function sum(bytes: Uint8Array): number {
  let total = 0
  for (const byte of bytes) total = (total * 31 + byte) >>> 0
  return total
}
