// A service that takes only parts of one length, as Cloudflare R2 does: a gateway that demands it, before the real servers.
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../../src/core/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import { transferObject } from '../../../src/transfer/object.ts'
import { Semaphore } from '../../../src/transfer/semaphore.ts'
import { copyStream } from '../../../src/transfer/stream.ts'
import { bytesOf, expectSame, failure, get, key, MiB, put } from '../../conformance/tools.ts'
import { type Asked, type Refusal, startGateway } from '../../servers/gateway.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { contextOf, multipartOf, nothing, temporaryState, unfinished, workOf } from '../tools.ts'
import { edited, uploaderTo } from './tools.ts'

/** What R2 answers, and how often it did. */
class EqualParts {
  refused = 0
  readonly #lengths = new Map<string, number[]>()

  refuse({ method, query, headers }: Asked): Refusal | undefined {
    const upload = query.get('uploadId') ?? ''
    const lengths = this.#lengths.get(upload) ?? []
    this.#lengths.set(upload, lengths)
    const number = Number(query.get('partNumber'))
    const [, start, end] = /(\d+)-(\d+)/.exec(String(headers['x-amz-copy-source-range'])) ?? []
    const length = start === undefined ? headers['content-length'] : Number(end) + 1 - Number(start)
    if (method === 'PUT' && number > 0) lengths[number] = Number(length)
    if (method !== 'POST' || !query.has('uploadId')) return undefined
    const [first = 0, ...others] = lengths.slice(1)
    const last = others.pop() ?? 0
    if (last <= first && others.every((other) => other === first)) return undefined
    this.refused++
    const message = 'All non-trailing parts must have the same length.'
    return { status: 400, code: 'InvalidPart', message }
  }
}

const old = bytesOf(64 * MiB, 1)

describeS3('parts of one length', (endpoint) => {
  async function opened(): Promise<{ service: EqualParts; target: Store }> {
    const service = new EqualParts()
    const gateway = await startGateway(endpoint.url, (asked) => service.refuse(asked))
    const target = await openBucket({ ...endpoint, url: gateway.url })
    onTestFinished(async () => {
      expect(await unfinished(target)).toEqual([])
      await target[Symbol.asyncDispose]()
      await gateway[Symbol.asyncDispose]()
    })
    return { service, target }
  }

  test('deltas have them once the service was seen to demand them', async () => {
    const { service, target } = await opened()
    const uploader = await uploaderTo(target)
    await uploader.upload(old)
    expect([service.refused, multipartOf(target).limits.equalParts]).toEqual([0, false])
    const changed = edited(old, 31 * MiB, 1, Buffer.from('x'))
    const first = await uploader.upload(changed)
    expectSame(await get(target, 'big'), changed)
    expect([service.refused, first.sent]).toEqual([1, old.length])
    const again = edited(changed, 50 * MiB, 1, Buffer.from('y'))
    const { saved, sentInAll } = await uploader.upload(again)
    expectSame(await get(target, 'big'), again)
    expect(service.refused).toBe(1)
    expect(saved).toBeGreaterThan(54 * MiB)
    expect(sentInAll).toBeLessThan(11 * MiB)
  })

  test('uploads have them, when they are gone on with, too, and streams', async () => {
    const { service, target } = await opened()
    const source = memoryStore()
    const { journal } = await temporaryState()
    await put(source, 'big', old)
    const work = await workOf(source, target, 'big')
    const controller = new AbortController()
    const buffers = new BufferPool(32 * MiB, 8 * MiB)
    const { signal } = controller
    const begun = { journal, buffers, partSize: 5 * MiB, signal, lanes: new Semaphore(1) }
    const interrupt = (done: number): void => {
      if (done > 12 * MiB) controller.abort()
    }
    await failure(transferObject(work, contextOf(source, target, begun), interrupt), 'interrupted')
    const context = contextOf(source, target, { journal, buffers, partSize: 8 * MiB })
    const { sent } = await transferObject(work, context, nothing)
    expect(sent).toBeLessThan(old.length)
    expectSame(await get(target, 'big'), old)

    const pieces = [1, 7 * MiB, 12 * MiB, 23 * MiB].map((end, i, ends) =>
      old.subarray(ends[i - 1] ?? 0, end),
    )
    await copyStream(Readable.from(pieces), key('streamed'), { store: target }, nothing)
    expectSame(await get(target, 'streamed'), old.subarray(0, 23 * MiB))
    expect(service.refused).toBe(0)
  })
})

test.each([
  ['https://0123.r2.cloudflarestorage.com', true],
  ['https://0123.eu.r2.cloudflarestorage.com', true],
  ['https://0123.r2.cloudflarestorage.com.example.org', false],
  ['https://s3.eu-west-1.amazonaws.com', false],
])('%s is known to demand them: %s', (url, demanded) => {
  const store = s3Store({
    endpoint: url,
    region: 'auto',
    bucket: 'bucket',
    addressing: 'path',
    credentials: undefined,
  })
  expect(store.multipart?.limits.equalParts).toBe(demanded)
})
