import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { receiveByEvents, receiveInPlace, type Receiver } from '../../../src/serve/http/in-place.ts'

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Connections that the server counts. */
  readonly count: () => Promise<number>
  readonly close: () => Promise<void>
}

async function pair(receive: typeof receiveInPlace, receiver: Receiver): Promise<Pair> {
  const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const accepted = Promise.withResolvers<Socket>()
  listener.on('connection', (socket) => accepted.resolve(receive(socket, receiver)))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  const server = await accepted.promise
  onTestFinished(() => {
    client.destroy()
    server.destroy()
    listener.close()
  })
  return {
    client,
    server,
    count: () =>
      new Promise((resolve) => {
        listener.getConnections((_error, count) => resolve(count))
      }),
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
      }),
  }
}

test('what comes is where it was wanted, in memory that threads share too', async () => {
  const target = Buffer.from(new SharedArrayBuffer(1000))
  let filled = 0
  const { client, server } = await pair(receiveInPlace, {
    room: () => target.subarray(filled),
    received(count, buffer) {
      expect(buffer.buffer).toBe(target.buffer)
      expect(buffer.byteOffset).toBe(filled)
      filled += count
      return true
    },
  })
  for (let part = 0; part < 100; part++) client.write(String(part).padStart(9, '0'))
  client.end()
  await once(server, 'end')
  expect(filled).toBe(900)
  expect(target.toString('latin1', 882, 900)).toBe('000000098000000099')
})

test('its server counts it until it is closed', async () => {
  const receiver = { room: () => Buffer.alloc(10), received: () => true }
  const { client, server, count, close } = await pair(receiveInPlace, receiver)
  expect(await count()).toBe(1)
  const closed = close()
  server.end('bye')
  client.end()
  expect(String(await once(client, 'data'))).toBe('bye')
  await closed
  expect(await count()).toBe(0)
})

test.each([
  ['in place', receiveInPlace],
  ['by events', receiveByEvents],
])('%s: nothing comes while it is paused, and everything afterwards', async (_, receive) => {
  const room = Buffer.alloc(100_000)
  let received = 0
  let paused = 0
  let resume: (() => void) | undefined
  const { client, server } = await pair(receive, {
    room: () => room,
    received(count) {
      expect(resume).toBeUndefined()
      received += count
      paused++
      resume = () => {
        resume = undefined
        server.resume()
      }
      setImmediate(() => resume?.())
      return false
    },
  })
  client.end(Buffer.alloc(3_000_000))
  await once(server, 'end')
  expect(received).toBe(3_000_000)
  expect(paused).toBeGreaterThan(20)
})
