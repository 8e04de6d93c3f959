// The HTTP transport of the S3 store: ordinary requests by node:http, object bodies received in place by plain sockets.
import { closed } from './failures.ts'
import type { HttpRequest, HttpResponse, Transport, TransportOptions } from './message.ts'
import { OrdinaryClient } from './ordinary.ts'
import { parseOrigin } from './origin.ts'
import { Receiver } from './receiver.ts'

export type { HttpRequest, HttpResponse, Transport, TransportOptions } from './message.ts'

export function httpTransport(options: TransportOptions): Transport {
  return new HttpTransport(options)
}

class HttpTransport implements Transport {
  readonly #options: TransportOptions
  /** By origin. A store speaks to one or two. */
  readonly #clients = new Map<string, Clients>()
  #closed = false

  constructor(options: TransportOptions) {
    this.#options = options
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    if (this.#closed) throw closed()
    const { ordinary, receiver } = this.#clientsOf(request.url.origin)
    const { into } = request
    const inPlace = request.method === 'GET' && request.body === undefined && into !== undefined
    const received = inPlace ? await receiver.receive(request, into) : undefined
    return received ?? (await ordinary.send(request))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { ordinary, receiver } of this.#clients.values()) {
      ordinary.close()
      receiver.close()
    }
  }

  #clientsOf(address: string): Clients {
    let clients = this.#clients.get(address)
    if (!clients) {
      const origin = parseOrigin(address)
      clients = {
        ordinary: new OrdinaryClient(this.#options, origin),
        receiver: new Receiver(this.#options, origin),
      }
      this.#clients.set(address, clients)
    }
    return clients
  }
}

interface Clients {
  readonly ordinary: OrdinaryClient
  readonly receiver: Receiver
}
