// What receiving costs: CPU and wall time of 1 GiB in parts of 8 MiB, in place and by node:http, http and https, from a
// server in a process of its own that sends the same bytes over and over.
//
//   node bench/transport.ts [GiB]
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { httpTransport } from '../src/stores/s3/http.ts'
import type { HttpRequest } from '../src/stores/s3/http.ts'

const part = 8 * 1024 * 1024
const flows = 4
const tlsFile = (name: string): string =>
  readFileSync(new URL(`../test/fixtures/tls/${name}`, import.meta.url), 'utf8')

if (process.argv[2] === 'serve') serve()
else await measure(Number(process.argv[2] ?? 1) * 1024 ** 3)

/** Answers each request with a part; tells its parent where. */
function serve(): void {
  const head = Buffer.from(`HTTP/1.1 206 Partial Content\r\ncontent-length: ${part}\r\n\r\n`)
  const body = Buffer.alloc(part, 'x')
  const accept = (socket: net.Socket): void => {
    socket.on('error', () => {})
    socket.on('data', () => {
      socket.cork()
      socket.write(head)
      socket.write(body)
      socket.uncork()
    })
  }
  const servers = [
    net.createServer(accept),
    tls.createServer({ key: tlsFile('key.pem'), cert: tlsFile('cert.pem') }, accept),
  ]
  for (const [index, server] of servers.entries())
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address)
        process.send?.(`${index === 0 ? 'http' : 'https'}://127.0.0.1:${address.port}`)
    })
  process.on('disconnect', () => process.exit())
}

async function measure(size: number): Promise<void> {
  const server = fork(import.meta.filename, ['serve'])
  const origins: string[] = []
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  server.on('message', (origin) => {
    if (typeof origin === 'string') origins.push(origin)
    if (origins.length === 2) resolve()
  })
  await ready
  for (const round of [1, 2])
    for (const origin of origins.toSorted())
      for (const inPlace of [true, false]) {
        const { cpu, wall } = await receive(origin, size, inPlace)
        const name = `${origin.split(':')[0]} ${inPlace ? 'in place' : 'node:http'}`
        console.log(
          `${name.padEnd(18)} ${cpu.toFixed(2)} CPU s  ${wall.toFixed(2)} s  (round ${round})`,
        )
      }
  server.disconnect()
}

async function receive(
  origin: string,
  size: number,
  inPlace: boolean,
): Promise<{ cpu: number; wall: number }> {
  await using transport = httpTransport({
    connections: flows,
    timeout: 10_000,
    tls: { ca: tlsFile('cert.pem') },
  })
  const request: HttpRequest = {
    method: 'GET',
    url: { origin, path: '/', query: '' },
    headers: { host: 'bench' },
    body: undefined,
    signal: undefined,
  }
  let left = size / part
  const flow = async (): Promise<void> => {
    const into = Buffer.allocUnsafeSlow(part).fill(0)
    while (left-- > 0) {
      if (inPlace) {
        await transport.send({ ...request, into })
        continue
      }
      const { body } = await transport.send(request)
      let at = 0
      for await (const chunk of body) {
        into.set(chunk, at)
        at += chunk.length
      }
    }
  }
  const start = performance.now()
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: flows }, flow))
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3 }
}
