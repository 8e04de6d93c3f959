import http from 'node:http'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { HttpRequest } from '../../../src/stores/s3/http.ts'
import { failure, httpServer, ok, pattern, server, transport } from './rig.ts'
import { bytesOf, request } from './wire.ts'

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
    const { origin: silent } = await server(() => {})
    const client = transport({ timeout: 40 })
    const response = await client.send(request(origin))
    let read = 0
    for await (const chunk of response.body) {
      // Takes longer than an answer is waited for.
      if (read === 0)
        await expect(client.send(request(silent))).rejects.toEqual(failure('timeout', 'later'))
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

  test.each([
    ['HEAD', `HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['HEAD', `HTTP/1.1 200 OK\r\ncontent-length: ${2 ** 30}\r\n\r\n`],
    ['DELETE', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ] as const)(
    'keeps its connection where nobody wants what a %s has no body of: %j',
    async (method, answer) => {
      const { origin, connections } = await server(({ socket }) => socket.write(answer))
      const client = transport()
      for (let i = 0; i < 3; i++) {
        const response = await client.send(request(origin, { method }))
        await response.discard()
      }
      expect(connections()).toBe(1)
    },
  )

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

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function sum(bytes: Uint8Array): number {
  let total = 0
  for (const byte of bytes) total = (total * 31 + byte) >>> 0
  return total
}
