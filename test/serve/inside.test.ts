// Nothing outside of the directory is read, listed or changed, and neither is what the server keeps for itself.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { serveS3 } from '../../src/serve/server.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { Signer } from '../../src/stores/s3/sign.ts'
import { payloadHash } from '../../src/wire/sigv4.ts'

const user = { accessKeyId: 'tester', secretAccessKey: new Secret('testing') }

interface Served {
  /** With the bucket `bucket`, links out of it, and a pipe. */
  readonly directory: string
  /** Where the links lead: a file `secret`. */
  readonly outside: string
  /** @param path as it is sent, and signed; @returns the status and the body */
  readonly send: (
    method: string,
    path: string,
    headers?: Record<string, string>,
  ) => Promise<[number, string]>
}

async function serve(): Promise<Served> {
  const top = await mkdtemp(join(tmpdir(), 'hawser-inside-'))
  onTestFinished(() => rm(top, { recursive: true, force: true }))
  const directory = join(top, 'served')
  const outside = join(top, 'outside')
  await mkdir(join(directory, 'bucket'), { recursive: true })
  await mkdir(outside)
  await writeFile(join(outside, 'secret'), 'from outside')
  await symlink(outside, join(directory, 'linked'))
  await symlink(outside, join(directory, 'bucket/directory'))
  await symlink(join(outside, 'secret'), join(directory, 'bucket/file'))
  const server = await serveS3(localStore(directory), { credentials: [user] })
  onTestFinished(() => server.close())
  const { host } = new URL(server.url)
  return {
    directory,
    outside,
    async send(method, path, headers = {}) {
      const body = method === 'PUT' && !headers['x-amz-copy-source'] ? 'changed' : undefined
      const [plain = '', query = ''] = path.split('?')
      const signed = new Signer('us-east-1').sign(
        {
          method,
          // As it is signed: each byte encoded in one way, and a slash always one.
          path: plain.replaceAll('%2f', '/').replaceAll('%2e', '.').replaceAll('%5c', '%5C'),
          query,
          headers: { host, ...headers },
          payload: payloadHash(body),
        },
        { ...user, sessionToken: undefined },
        new Date(),
      )
      const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
      http
        .request(server.url, { method, path, headers: signed, agent: false }, resolve)
        .on('error', reject)
        .end(body)
      const response = await promise
      return [response.statusCode ?? 0, await text(response)]
    },
  }
}

test.each([
  '/.hawser/s3/ledger.sqlite',
  '/.HAWSER/s3/ledger.sqlite',
  '/..%2foutside/secret',
  '/%2e%2e/outside/secret',
  '/../outside/secret',
  '/.%2f.hawser/s3/ledger.sqlite',
  '/./bucket/key',
  '/linked/secret',
  '/linked/new',
  '/bucket%2fkey',
])('%s is in no bucket', async (path) => {
  const { directory, outside, send } = await serve()
  const kept = await readdir(directory)
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect((await send(method, path))[0], method).toBeGreaterThanOrEqual(400)
  expect(await readdir(directory)).toEqual(kept)
  expect(await readdir(outside)).toEqual(['secret'])
})

test.each([
  'bucket/directory/secret',
  'bucket/directory',
  'bucket/file',
  'bucket/../.hawser/s3/ledger.sqlite',
  'bucket/../../outside/secret',
  'bucket/%2e%2e/%2e%2e/outside/secret',
  'bucket/..%2f..%2foutside%2fsecret',
  'bucket/..%5c..%5coutside%5csecret',
  'bucket/a%00/../../../outside/secret',
  'bucket/.hawser-0123456789abcdef.part',
  'bucket//',
  'bucket/.',
])('%s is an object like any other, and stays inside', async (path) => {
  const { directory, outside, send } = await serve()
  expect(await send('GET', `/${path}`)).toMatchObject([404, expect.stringContaining('NoSuchKey')])
  const [copied] = await send('PUT', '/bucket/copy', { 'x-amz-copy-source': path })
  expect(copied).toBe(404)
  expect((await send('PUT', `/${path}`))[0]).toBe(200)
  expect(await send('GET', `/${path}`)).toEqual([200, 'changed'])
  expect((await send('GET', '/bucket?list-type=2'))[1]).not.toContain(
    '<Key>directory/secret<Size>12',
  )
  expect((await send('DELETE', `/${path}`))[0]).toBe(204)
  expect(await readdir(outside)).toEqual(['secret'])
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('from outside')
  expect((await readdir(join(directory, '.hawser/s3'))).includes('ledger.sqlite')).toBe(true)
})

test('links are not listed, nor what they lead to', async () => {
  const { send } = await serve()
  expect((await send('GET', '/'))[1]).not.toContain('linked')
  for (const query of ['', '?prefix=directory%2F', '?delimiter=%2F', '?versions=']) {
    const [status, xml] = await send('GET', `/bucket${query}`)
    expect(status).toBe(200)
    expect(xml).not.toMatch(/<Contents>|<Version>|<CommonPrefixes>/)
  }
})

test('a pipe is no object', async () => {
  const { directory, send } = await serve()
  execFileSync('mkfifo', [join(directory, 'bucket/pipe')])
  for (const method of ['GET', 'HEAD']) expect((await send(method, '/bucket/pipe'))[0]).toBe(404)
})
