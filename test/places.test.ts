import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { Opened } from '../src/core/opened.ts'
import { toKey } from '../src/core/key.ts'
import { Secret } from '../src/core/secret.ts'
import { sharedPlaces } from '../src/places.ts'

function key(byte: number): Secret {
  return new Secret(Buffer.alloc(32, byte).toString('base64'))
}

test('addresses share a store where they are of one place and one key', async () => {
  await using opened = new Opened()
  const options = { endpoint: 'http://127.0.0.1:9', anonymous: true, customerKey: key(1) }
  const place = sharedPlaces(options, opened)
  const { store } = await place('s3://bucket/a')
  expect((await place('s3://bucket/b')).store).toBe(store)
  expect((await place('s3://bucket/b', { customerKey: key(1) })).store).toBe(store)
  const other = await place('s3://bucket/b', { customerKey: key(2) })
  expect(other.store).not.toBe(store)
  expect((await place('s3://bucket/c', { customerKey: key(2) })).store).toBe(other.store)
  expect((await place('s3://other/a')).store).not.toBe(store)
})

test('the addresses of one service share what may be under way there', async () => {
  const arrived: { readonly path: string | undefined; readonly response: ServerResponse }[] = []
  const server = createServer(({ url }, response) => arrived.push({ path: url, response }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await using opened = new Opened()
  const endpoint = `http://127.0.0.1:${port}`
  const place = sharedPlaces({ endpoint, anonymous: true, connections: 1 }, opened)
  const stores = [(await place('s3://one/')).store, (await place('s3://two/')).store]
  const paths: (string | undefined)[] = []
  const answers = stores.map((store) => store.stat(toKey('a')).catch(String))
  for (const answer of answers) {
    await expect.poll(() => arrived.length).toBe(1)
    const [request] = arrived.splice(0)
    paths.push(request?.path)
    request?.response.writeHead(404).end()
    expect(await answer).toContain('no such object')
  }
  expect(paths).toEqual(['/one/a', '/two/a'])
})
