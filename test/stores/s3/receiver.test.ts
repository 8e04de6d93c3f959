import { describe, expect, test } from 'vitest'
import { crc64nvme, kernelBuffer } from '../../../src/kernels/crc64nvme.ts'
import { failure, httpServer, ok, pattern, server, transport } from './rig.ts'
import { request } from './wire.ts'

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

  test('leaves a long error to the ordinary way', async () => {
    const body = pattern(2_000_000)
    const { origin } = await httpServer((_, answer) => {
      answer.writeHead(500, { 'content-length': body.length }).end(body)
    })
    const response = await transport().send(request(origin, { into: new Uint8Array(10) }))
    expect(response.status).toBe(500)
    expect(response.received).toBe(0)
    await expect(response.text(1000)).rejects.toThrow('more than 1000 bytes')
  })

  test('receives into the memory of a kernel', async () => {
    const body = pattern(400_000)
    const { origin } = await server(({ socket }) => {
      socket.write(ok(body.length))
      socket.write(body)
    })
    const kernel = kernelBuffer(body.length)
    await transport().send(request(origin, { into: kernel.bytes }))
    expect(body.equals(kernel.bytes)).toBe(true)
    expect(kernel.crc64nvme(0, body.length)).toBe(crc64nvme(body))
  })

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
