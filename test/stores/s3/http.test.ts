// What both ways of the transport promise.
import net from 'node:net'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '../../../src/stores/s3/http.ts'
import { failure, fetchAll, httpServer, ok, pattern, server, transport } from './rig.ts'
import { close, listen, request } from './wire.ts'

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
      message: expect.stringContaining('does not answer in https'),
    })
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
