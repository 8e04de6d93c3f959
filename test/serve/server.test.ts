import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { Store } from '../../src/core/store.ts'
import type { RequestRecord, ServeOptions } from '../../src/serve/options.ts'
import { serveS3, type S3Server } from '../../src/serve/server.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { Signer } from '../../src/stores/s3/sign.ts'
import { canonicalQuery, encodeKey, payloadHash } from '../../src/wire/sigv4.ts'

const signer = new Signer('us-east-1')
const tls = join(import.meta.dirname, '..', 'fixtures', 'tls')

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-server-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function start(store: Store, options?: ServeOptions): Promise<S3Server> {
  const server = await serveS3(store, options)
  onTestFinished(() => server.close())
  return server
}

interface Sent {
  readonly query?: Readonly<Record<string, string>>
  readonly body?: string
  /** Which of the server's users asks; undefined: nobody. */
  readonly user?: number | undefined
}

/** Status and body. */
async function send(
  server: S3Server,
  method: string,
  path: string,
  { query = {}, body, user = 0 }: Sent = {},
): Promise<[number | undefined, string]> {
  const url = new URL(server.url)
  const pair = server.credentials[user]
  const target = { path: encodeKey(path), query: canonicalQuery(query) }
  const headers = signer.sign(
    { method, ...target, headers: { host: url.host }, payload: payloadHash(body) },
    pair && { ...pair, sessionToken: undefined },
    new Date(),
  )
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body))
  const make = url.protocol === 'https:' ? httpsRequest : httpRequest
  const outgoing = make({
    hostname: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port,
    method,
    path: `${target.path}?${target.query}`,
    headers,
    agent: false,
    ca: url.protocol === 'https:' ? await readFile(join(tls, 'cert.pem')) : undefined,
  })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject).end(body)
  })
  return [answer.statusCode, await text(answer)]
}

const stores: readonly [string, () => Promise<Store>][] = [
  ['a directory', async () => localStore(await temporaryDirectory())],
  ['memory', async () => memoryStore()],
]

describe.each(stores)('%s', (_name, open) => {
  test('is an S3 endpoint', async () => {
    const server = await start(await open())
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect(await send(server, 'PUT', '/bucket')).toEqual([200, ''])
    expect(await send(server, 'PUT', '/bucket/a/b', { body: 'hello' })).toEqual([200, ''])
    expect(await send(server, 'PUT', '/bucket/a//../b', { body: 'odd' })).toEqual([200, ''])
    expect(await send(server, 'GET', '/bucket/a/b')).toEqual([200, 'hello'])
    expect(await send(server, 'GET', '/bucket/a//../b')).toEqual([200, 'odd'])
    const [status, xml] = await send(server, 'GET', '/bucket', { query: { 'list-type': '2' } })
    expect(status).toBe(200)
    expect(xml.match(/<Key>[^<]*/g)).toEqual(['<Key>a//../b', '<Key>a/b'])
    expect((await send(server, 'GET', '/'))[1]).toContain('<Name>bucket</Name>')
  })

  test('serves nothing that is not below a bucket', async () => {
    const server = await start(await open())
    for (const path of ['/.hawser/s3/ledger.sqlite', '/../../etc/passwd', '/..', '/.hawser']) {
      const [status, body] = await send(server, 'GET', path)
      expect([status, /<Code>(\w+)/.exec(body)?.[1]]).toEqual([404, 'NoSuchBucket'])
    }
  })

  test('closes once, and lets go of everything', async () => {
    const store = await open()
    const before = await readdir(tmpdir())
    const server = await start(store)
    await send(server, 'PUT', '/bucket')
    await Promise.all([server.close(), server[Symbol.asyncDispose]()])
    await expect(send(server, 'GET', '/')).rejects.toThrow('ECONNREFUSED')
    const left = (await readdir(tmpdir())).filter((name) => !before.includes(name))
    expect(left.filter((name) => name.startsWith('hawser-serve-ledger-'))).toEqual([])
    const again = await start(store, { port: server.port })
    expect(again.port).toBe(server.port)
  })
})

test('what was written is there for the next server, whose key is another one', async () => {
  const directory = await temporaryDirectory()
  const first = await start(localStore(directory))
  await send(first, 'PUT', '/bucket')
  await send(first, 'PUT', '/bucket/key', { body: 'hello' })
  await first.close()
  expect(await readFile(join(directory, 'bucket', 'key'), 'utf8')).toBe('hello')
  const second = await start(localStore(directory))
  expect(second.credentials).not.toEqual(first.credentials)
  expect(await send(second, 'GET', '/bucket/key')).toEqual([200, 'hello'])
  expect((await send(second, 'GET', '/'))[1]).toContain('<Name>bucket</Name>')
  expect(await send(second, 'PUT', '/bucket')).toEqual([200, '']) // its own already
})

test('one server for each directory', async () => {
  const directory = await temporaryDirectory()
  await start(localStore(directory))
  await expect(serveS3(localStore(directory))).rejects.toMatchObject({ code: 'conflict' })
})

test('a port that is taken', async () => {
  const { port } = await start(memoryStore())
  await expect(serveS3(memoryStore(), { port })).rejects.toMatchObject({
    code: 'local-io',
    hint: expect.stringMatching(/port/),
  })
})

test('an address that this machine has not', async () => {
  const credentials = [{ accessKeyId: 'one', secretAccessKey: new Secret('secret') }]
  await expect(serveS3(memoryStore(), { host: '192.0.2.1', credentials })).rejects.toMatchObject({
    code: 'local-io',
    hint: expect.stringContaining('one of its own'),
  })
})

test('over TLS', async () => {
  const [cert, key] = await Promise.all(
    ['cert.pem', 'key.pem'].map((name) => readFile(join(tls, name))),
  )
  if (!cert || !key) throw new Error('no certificate')
  const server = await start(memoryStore(), { tls: { cert, key } })
  expect(server.url).toMatch(/^https:/)
  expect(await send(server, 'PUT', '/bucket')).toEqual([200, ''])
  const body = 'hello'.repeat(500_000)
  expect(await send(server, 'PUT', '/bucket/key', { body })).toEqual([200, ''])
  const [status, read] = await send(server, 'GET', '/bucket/key')
  expect([status, read === body]).toEqual([200, true])
  await expect(serveS3(memoryStore(), { tls: { cert: 'x', key: 'y' } })).rejects.toMatchObject({
    code: 'invalid-config',
  })
})

test('a client that never says hello over TLS does not keep the server from ending', async () => {
  const [cert, key] = await Promise.all(
    ['cert.pem', 'key.pem'].map((name) => readFile(join(tls, name))),
  )
  if (!cert || !key) throw new Error('no certificate')
  const limits = { closeTimeout: 50, headersTimeout: 3_600_000 }
  const server = await start(memoryStore(), { tls: { cert, key }, limits })
  const silent = connect(server.port, '127.0.0.1')
  const ended = new Promise((resolve) => {
    silent.on('error', () => {}).on('close', resolve)
  })
  await once(silent, 'connect')
  // Behind the silent one: by now the server has that, too.
  await send(server, 'PUT', '/bucket')
  await server.close()
  await ended
})

test.each(['before', 'after'])(
  'over TLS too a connection ends with its client, who leaves without a word %s the handshake',
  async (when) => {
    const [cert, key] = await Promise.all(
      ['cert.pem', 'key.pem'].map((name) => readFile(join(tls, name))),
    )
    if (!cert || !key) throw new Error('no certificate')
    const server = await start(memoryStore(), { tls: { cert, key }, limits: { closeTimeout: 50 } })
    const client = connect(server.port, '127.0.0.1')
    const closed = once(client, 'close')
    if (when === 'after')
      await once(connectTls({ socket: client, ca: cert, servername: 'localhost' }), 'secureConnect')
    else client.resume()
    // The end of TCP, and none of TLS.
    client.end()
    await closed
  },
)

test('each key has its own buckets', async () => {
  const credentials = ['one', 'two'].map((accessKeyId) => ({
    accessKeyId,
    secretAccessKey: new Secret(`secret ${accessKeyId}`),
  }))
  const server = await start(memoryStore(), { credentials })
  await send(server, 'PUT', '/first', { user: 0 })
  await send(server, 'PUT', '/second', { user: 1 })
  expect((await send(server, 'GET', '/', { user: 0 }))[1]).not.toContain('second')
  expect((await send(server, 'GET', '/second', { user: 0 }))[0]).toBe(403)
  expect((await send(server, 'GET', '/second', { user: 1 }))[0]).toBe(200)
})

test('everybody may read where that is allowed, and nobody write', async () => {
  const directory = await temporaryDirectory()
  const writer = await start(localStore(directory))
  await send(writer, 'PUT', '/bucket')
  await send(writer, 'PUT', '/bucket/key', { body: 'hello' })
  await writer.close()
  const reader = await start(localStore(directory), { anonymous: 'read' })
  expect(reader.credentials).toEqual([])
  expect(await send(reader, 'GET', '/bucket/key')).toEqual([200, 'hello'])
  expect((await send(reader, 'PUT', '/bucket/key', { body: 'new' }))[0]).toBe(403)
})

test('requests are told to who asked for it', async () => {
  const records: RequestRecord[] = []
  const told = Promise.withResolvers<void>()
  const server = await start(memoryStore(), {
    onRequest: (record) => {
      records.push(record)
      told.resolve()
    },
  })
  await send(server, 'PUT', '/no_bucket')
  await told.promise
  expect(records).toMatchObject([
    {
      id: expect.stringMatching(/^[0-9A-F]{16}$/),
      operation: 'CreateBucket',
      method: 'PUT',
      path: '/no_bucket',
      status: 400,
      error: 'InvalidBucketName',
    },
  ])
})
