// One body on its way into S3, checked from end to end: what the service holds is what was meant, or an error.
//
// The body is plain, with its length and its CRC64NVME as headers: chunked and trailing forms are refused by older
// servers. A server that computes no CRC64NVME is checked by the MD5 in its ETag.
import { createHash, hash } from 'node:crypto'
import { crc64ToBase64, md5FromEtag } from '../../core/digest.ts'
import { HawserError } from '../../core/errors.ts'
import type { Body, Source } from '../../core/store.ts'
import { crc64nvme, Crc64Nvme } from '../../kernels/crc64nvme.ts'
import type { Call, Client } from './client.ts'
import { crcFrom, etagFrom, isEncrypted } from './info.ts'
import type { HttpResponse, HttpSource } from './message.ts'

type Place = Pick<Call, 'op' | 'key'>

export interface Sent {
  readonly response: HttpResponse
  readonly size: number
  readonly etag: string | undefined
  /** As the service computed it, or as its MD5 proves it; undefined where neither is known. */
  readonly crc64nvme: bigint | undefined
}

/**
 * @param given the CRC64NVME of the bytes as the caller knows it
 * @throws integrity where the bytes are not what `given` says, before they become visible; or where the service holds
 * others than were sent
 */
export async function sendBody(
  client: Client,
  call: Omit<Call, 'method' | 'body'>,
  body: Body,
  given: bigint | undefined,
): Promise<Sent> {
  const watched =
    'open' in body
      ? new WatchedSource(client, call, body, given)
      : watchBytes(client, call, body, given)
  const { announced } = watched
  const checksum = announced !== undefined && {
    'x-amz-sdk-checksum-algorithm': 'CRC64NVME', // Ceph verifies the next one only where this is
    'x-amz-checksum-crc64nvme': crc64ToBase64(announced),
  }
  const response = await client.call({
    ...call,
    method: 'PUT',
    headers: { ...call.headers, ...checksum },
    body: watched.body,
  })
  await response.discard()
  const { headers } = response
  const etag = etagFrom(headers.get('etag'))
  const stored = crcFrom(
    headers.get('x-amz-checksum-crc64nvme'),
    headers.get('x-amz-checksum-type'),
  )
  let proven = stored
  if (stored !== undefined) {
    if (stored !== watched.crc64nvme) throw mismatch(client, call, 'are stored')
  } else if (!isEncrypted(headers)) {
    const md5 = etag && md5FromEtag(etag)
    const own = md5 && watched.md5()
    if (own && own !== md5) throw mismatch(client, call, 'are stored')
    if (own) proven = watched.crc64nvme
  }
  const size = 'open' in body ? body.size : body.length
  return { response, size, etag, crc64nvme: proven }
}

/** A body, and what is known of its bytes: before they are sent (`announced`) and after. */
interface Watched {
  readonly body: Uint8Array | HttpSource
  readonly announced: bigint | undefined
  readonly crc64nvme: bigint | undefined
  md5(): string | undefined
}

/** A service that checks the header itself saves the second look at bytes whose CRC the caller knows. */
function watchBytes(
  client: Client,
  call: Place,
  body: Uint8Array,
  given: bigint | undefined,
): Watched {
  const crc = given !== undefined && client.computesChecksums ? given : crc64nvme(body)
  if (given !== undefined && given !== crc) throw mismatch(client, call, 'were sent')
  return { body, announced: crc, crc64nvme: crc, md5: () => hash('md5', body) }
}

export function mismatch(client: Client, call: Place, what: string): HawserError {
  return new HawserError('integrity', `other bytes ${what} than were meant: the checksums differ`, {
    ...client.details(call),
    retry: 'later',
  })
}

/**
 * A source that digests what it gives. The last chunk goes only when all is right: without it the service refuses the
 * body, and nothing becomes visible. Chunks are passed on before the next is asked for: sources may use them again.
 */
class WatchedSource implements Watched, HttpSource {
  readonly size: number
  readonly announced: bigint | undefined
  crc64nvme: bigint | undefined
  readonly #client: Client
  readonly #call: Place
  readonly #source: Source
  #md5: string | undefined

  constructor(client: Client, call: Place, source: Source, given: bigint | undefined) {
    this.size = source.size
    this.announced = given
    this.#client = client
    this.#call = call
    this.#source = source
  }

  get body(): HttpSource {
    return this
  }

  md5(): string | undefined {
    return this.#md5
  }

  async *open(): AsyncGenerator<Uint8Array> {
    const crc = new Crc64Nvme()
    const needsMd5 = this.announced === undefined || !this.#client.computesChecksums
    const md5 = needsMd5 ? createHash('md5') : undefined
    let size = 0
    for await (const chunk of this.#source.open({ start: 0, end: this.size })) {
      crc.update(chunk)
      md5?.update(chunk)
      size += chunk.length
      if (size > this.size) throw this.#changed(size)
      if (size === this.size) this.#check(crc.digest())
      yield chunk
    }
    if (size < this.size) throw this.#changed(size)
    this.#check(crc.digest())
    this.#md5 = md5?.digest('hex')
  }

  #check(crc: bigint): void {
    this.crc64nvme = crc
    if (this.announced !== undefined && this.announced !== crc)
      throw mismatch(this.#client, this.#call, 'were sent')
  }

  #changed(size: number): HawserError {
    const amount = size > this.size ? 'more' : `${size}`
    return new HawserError('integrity', `the source has ${amount} bytes instead of ${this.size}`, {
      ...this.#client.details(this.#call),
      retry: 'later',
      hint: 'It was changed while it was read.',
    })
  }
}
