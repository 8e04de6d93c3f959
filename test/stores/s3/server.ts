// A server that answers as a test says: what a real one does only on its worst day.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Secret } from '../../../src/core/secret.ts'
import type { Store } from '../../../src/core/store.ts'
import { type S3Options, s3Store } from '../../../src/stores/s3/store.ts'

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface HostileServer extends AsyncDisposable {
  readonly store: Store
  readonly asked: readonly Asked[]
}

export async function hostileServer(
  answer: (asked: Asked) => Answer | Promise<Answer>,
  options: Partial<S3Options> = {},
): Promise<HostileServer> {
  const requests: Asked[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    const asked = {
      method,
      url,
      query: new URL(url, 'http://host').searchParams,
      headers,
      body: await buffer(request),
    }
    requests.push(asked)
    const { status = 200, headers: more = {}, body = '' } = await answer(asked)
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    response.writeHead(status, { ...length, ...more }).end(method === 'HEAD' ? undefined : body)
  }
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const credentials = { accessKeyId: 'id', secretAccessKey: new Secret('secret') }
  const store = s3Store({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'us-east-1',
    bucket: 'bucket',
    addressing: 'path',
    credentials: async () => credentials,
    ...options,
  })
  return {
    store,
    asked: requests,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
