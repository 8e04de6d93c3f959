import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { Opened } from '../src/core/opened.ts'
import { toKey } from '../src/core/key.ts'
import { sharedPlaces } from '../src/places.ts'

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
