// A client that changes its own keys at random, one request after the other, and keeps account of the answers.
import { createHash } from 'node:crypto'
import { bytesOf } from '../../conformance/tools.ts'
import type { Reply, Sent, TestClient } from '../../serve/client.ts'
import { putting, removing, removingVersion, type Content, type Effect, type Key } from './model.ts'

const MiB = 2 ** 20
const noise = bytesOf(7 * MiB, 1)
let made = 0

interface Part {
  readonly etag: string
  readonly md5: string
  readonly bytes: Buffer
}
export interface Upload {
  readonly key: Key
  readonly id: string
  readonly parts: Map<number, Part>
  /** The part that has no answer. */
  pending: { readonly number: number; readonly part: Part } | undefined
  /** It may have been completed or aborted. */
  ending: boolean
  /** Its key was changed since then: what it became may be gone. */
  overtaken: boolean
}

/** The connection ended before there was an answer. */
export class NoAnswer extends Error {}

export class Worker {
  readonly keys: readonly Key[]
  uploads: Upload[] = []
  #s3: TestClient | undefined
  readonly #onAnswer: () => void

  constructor(name: string, onAnswer: () => void) {
    this.#onAnswer = onAnswer
    const names = ['a', 'a/below', 'dir/b', '/odd', 'slash/', 'é \u{1f600}&<']
    this.keys = ['plain', 'versioned'].flatMap((bucket) =>
      names.map((each) => ({
        bucket,
        name: `${name}/${each}`,
        versioned: bucket === 'versioned',
        state: [],
        pending: undefined,
      })),
    )
  }

  /** Until there is no answer. */
  async work(s3: TestClient): Promise<void> {
    this.#s3 = s3
    try {
      for (;;) {
        const dice = Math.random()
        if (dice < 0.4) await this.#put(this.#anyKey())
        else if (dice < 0.5) await this.#remove(this.#anyKey())
        else if (dice < 0.6) await this.#copy(this.#anyKey(), this.#anyKey())
        else if (dice < 0.8) await this.#removeVersion(this.#anyKey())
        else await this.#upload()
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
    }
  }

  /** Brings its uploads to their end. */
  async finish(s3: TestClient): Promise<void> {
    this.#s3 = s3
    for (const upload of this.uploads)
      await (upload.parts.size > 0 ? this.#complete(upload) : this.#end(upload, 'DELETE'))
  }

  #anyKey(): Key {
    return any(this.keys)
  }

  async #put(key: Key): Promise<void> {
    const bytes = anyBytes(Math.random() < 0.05)
    const content = contentOf(bytes, 1)
    const headers = { ...headersOf(content), 'x-amz-tagging': `made=${made}` }
    await this.#change(key, putting(key, content), 'PUT', { headers, body: bytes })
  }

  async #remove(key: Key): Promise<void> {
    await this.#change(key, removing(key), 'DELETE', {})
  }

  async #removeVersion(key: Key): Promise<void> {
    if (!key.versioned || key.state.length === 0) return
    const { version } = any(key.state)
    await this.#change(key, removingVersion(version), 'DELETE', { query: { versionId: version } })
  }

  async #copy(from: Key, to: Key): Promise<void> {
    const source = from.state[0]?.content
    if (!source) return
    const content: Content = { ...source, etag: source.md5, type: 'text/copied', note: `${++made}` }
    const headers = {
      ...headersOf(content),
      'x-amz-copy-source': encodeURI(`${from.bucket}/${from.name}`).replaceAll('&', '%26'),
      'x-amz-metadata-directive': 'REPLACE',
    }
    await this.#change(to, putting(to, content), 'PUT', { headers })
  }

  async #upload(): Promise<void> {
    const upload = this.uploads.length > 0 ? any(this.uploads) : undefined
    const dice = Math.random()
    if (!upload || (dice < 0.1 && this.uploads.length < 3)) await this.#begin(this.#anyKey())
    // Whoever gets no answer to a completion asks for it again.
    else if (upload.parts.size > 0 && (upload.ending || dice < 0.35)) await this.#complete(upload)
    else if (dice < 0.4) await this.#end(upload, 'DELETE')
    else await this.#sendPart(upload)
  }

  async #begin(key: Key): Promise<void> {
    const headers = { 'content-type': 'text/parts', 'x-amz-meta-note': 'in parts' }
    const reply = await this.#send('POST', key, { query: { uploads: '' }, headers })
    const id = reply.get('UploadId') ?? ''
    this.uploads.push({
      key,
      id,
      parts: new Map(),
      pending: undefined,
      ending: false,
      overtaken: false,
    })
  }

  async #sendPart(upload: Upload): Promise<void> {
    const number = 1 + Math.floor(Math.random() * 3)
    const bytes = anyBytes(number < 3)
    const etag = md5(bytes)
    upload.pending = { number, part: { etag, md5: etag, bytes } }
    const query = { partNumber: String(number), uploadId: upload.id }
    await this.#send('PUT', upload.key, { query, body: bytes })
    upload.parts.set(number, upload.pending.part)
    upload.pending = undefined
  }

  async #complete(upload: Upload): Promise<void> {
    const parts = [...upload.parts].toSorted(([a], [b]) => a - b)
    const hash = createHash('md5')
    for (const [, { etag }] of parts) hash.update(Buffer.from(etag, 'hex'))
    const whole = Buffer.concat(parts.map(([, { bytes }]) => bytes))
    const content: Content = {
      md5: md5(whole),
      size: whole.length,
      etag: `${hash.digest('hex')}-${parts.length}`,
      type: 'text/parts',
      note: 'in parts',
      tags: 0,
    }
    const named = parts.map(
      ([number, { etag }]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
    )
    const body = `<CompleteMultipartUpload>${named.join('')}</CompleteMultipartUpload>`
    upload.key.pending = putting(upload.key, content)
    await this.#end(upload, 'POST', body)
  }

  async #end(upload: Upload, method: string, body?: string): Promise<void> {
    const { key, id, overtaken } = upload
    upload.ending = true
    this.#overtake(key, upload)
    const sent = { query: { uploadId: id }, ...(body === undefined ? {} : { body }) }
    const reply = await this.#ask(method, key, sent)
    if (overtaken && reply.status === 404) key.pending = undefined
    else settle(key, accepted(method, key, reply))
    this.uploads = this.uploads.filter((other) => other !== upload)
  }

  #overtake(key: Key, by?: Upload): void {
    for (const upload of this.uploads)
      if (upload !== by && upload.ending && upload.key === key) upload.overtaken = true
  }

  async #change(key: Key, effect: Effect, method: string, sent: Sent): Promise<void> {
    key.pending = effect
    this.#overtake(key)
    settle(key, await this.#send(method, key, sent))
  }

  async #send(method: string, key: Key, sent: Sent): Promise<Reply> {
    return accepted(method, key, await this.#ask(method, key, sent))
  }

  /** @throws NoAnswer */
  async #ask(method: string, { bucket, name }: Key, sent: Sent): Promise<Reply> {
    if (!this.#s3) throw new Error('it does not work yet')
    let reply: Reply
    try {
      reply = await this.#s3.send(method, `${bucket}/${name}`, sent)
    } catch (cause) {
      throw new NoAnswer('', { cause })
    }
    this.#onAnswer()
    return reply
  }
}

function accepted(method: string, { bucket, name }: Key, reply: Reply): Reply {
  if (reply.status >= 300 || reply.text.includes('<Error>'))
    throw new Error(`${method} ${bucket}/${name}: ${reply.status} ${reply.text}`)
  return reply
}

function settle(key: Key, reply: Reply): void {
  if (key.pending) key.state = key.pending(key.state, reply.header('x-amz-version-id') ?? 'null')
  key.pending = undefined
}

function headersOf({ type, note }: Content): Record<string, string> {
  return { 'content-type': type, 'x-amz-meta-note': note }
}

function contentOf(bytes: Buffer, tags: number): Content {
  const hash = md5(bytes)
  const size = bytes.length
  return { md5: hash, size, etag: hash, type: `text/${made}`, note: `note ${made}`, tags }
}

/** Never twice the same. */
function anyBytes(large: boolean): Buffer {
  const size = large
    ? 5 * MiB + Math.floor(Math.random() * 2) * 1000
    : Math.floor(Math.random() * 9000)
  const bytes = Buffer.from(noise.subarray(0, size))
  const number = `${++made} `
  bytes.write(number, 0)
  return size < number.length ? Buffer.from(number) : bytes
}

function any<T>(list: readonly T[]): T {
  const found = list[Math.floor(Math.random() * list.length)]
  if (found === undefined) throw new Error('there is none')
  return found
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}
