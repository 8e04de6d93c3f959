// An HTTP gateway in front of a real server: notes what is asked, and answers some of it itself, as other services would.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

export interface Asked {
  readonly method: string
  /** Still encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

export interface Refusal {
  readonly status: number
  /** S3's word for it. */
  readonly code: string
  readonly message?: string
}

export interface Gateway extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
  /** How many requests were under way at once, at most. */
  readonly mostAtOnce: number
}

/** Whether it is to change something only where a condition holds. */
export function isConditional({ method, headers }: Asked): boolean {
  const isChange = method !== 'GET' && method !== 'HEAD'
  return isChange && (headers['if-match'] ?? headers['if-none-match']) !== undefined
}

/** @param refuse what is answered in the server's stead; undefined passes the request on */
export async function startGateway(
  upstream: string,
  refuse: (asked: Asked) => Refusal | undefined = () => undefined,
): Promise<Gateway> {
  const all: Asked[] = []
  let [pending, mostAtOnce] = [0, 0]
  const { hostname, port } = new URL(upstream)
  const handle = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = incoming
    const [path = '', query] = url.split('?', 2)
    const asked = { method, path, query: new URLSearchParams(query), headers }
    all.push(asked)
    const refusal = refuse(asked)
    if (refusal) {
      // The body is left unread, as a service does that looks at the head alone.
      const { status, code, message = '' } = refusal
      const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
      answer.writeHead(status).end(error)
      return
    }
    const forward = request({ hostname, port, method, path: url, headers })
    answer.on('close', () => forward.destroy())
    const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    forward.on('response', resolve).on('error', reject)
    const [response] = await Promise.all([answered, pipeline(incoming, forward)])
    answer.writeHead(response.statusCode ?? 502, response.headers)
    await pipeline(response, answer)
  }
  const server = createServer((incoming, answer) => {
    mostAtOnce = Math.max(mostAtOnce, ++pending)
    answer.on('close', () => pending--)
    handle(incoming, answer).catch(() => answer.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked: all,
    get mostAtOnce() {
      return mostAtOnce
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
