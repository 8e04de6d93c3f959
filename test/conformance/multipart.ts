// Objects in parts: any order, sent again, verified, completed or aborted without a trace.
import { beforeAll, expect, test } from 'vitest'
import type { Multipart, PartReceipt, PartSlot, Upload } from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import type { Bench } from './suite.ts'
import {
  CountedSource,
  bytesOf,
  collect,
  expectSame,
  failure,
  get,
  getText,
  key,
  keys,
  put,
} from './tools.ts'

export function multipartTests(bench: Bench): void {
  const { profile } = bench
  let partSize = 0
  let content: Uint8Array = new Uint8Array(0)

  beforeAll(() => {
    partSize = Math.max(multipart().limits.minPart, 100_000)
    content = bytesOf(2 * partSize + 4_321, 9)
  })

  function multipart(): Multipart {
    const facet = bench.store.multipart
    if (!facet) throw new Error('no multipart')
    return facet
  }
  function bytesOfPart(number: number): Uint8Array {
    return content.subarray((number - 1) * partSize, number * partSize)
  }
  async function send(
    upload: Upload,
    number: number,
    bytes: Uint8Array = bytesOfPart(number),
  ): Promise<PartReceipt> {
    const slot = { number, offset: (number - 1) * partSize }
    return multipart().part(upload, slot, bytes, { crc64nvme: crc64nvme(bytes) })
  }
  async function unfinished(prefix: string): Promise<Pick<Upload, 'key' | 'id'>[]> {
    const found = await collect(multipart().uploads(key(prefix)))
    return found.map(({ key: name, id }) => ({ key: name, id }))
  }

  test('limits make sense', () => {
    const { minPart, maxPart, maxParts, maxObject, maxWrite } = multipart().limits
    expect(minPart).toBeGreaterThan(0)
    expect(maxPart).toBeGreaterThanOrEqual(minPart)
    expect(maxParts).toBeGreaterThanOrEqual(10_000)
    expect(maxObject).toBeGreaterThanOrEqual(maxWrite)
  })

  test('parts in any order, one of them sent again', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const name = `${prefix}dir/object \u00e9+%`
    const upload = await multipart().begin(key(name))
    const third = await send(upload, 3)
    await send(upload, 1, bytesOf(partSize, 77))
    const first = await send(upload, 1)
    const source = new CountedSource(bytesOfPart(2))
    const second = await multipart().part(upload, { number: 2, offset: partSize }, source, {
      crc64nvme: crc64nvme(bytesOfPart(2)),
    })
    expect(source.opened).toBe(1)

    expect(await keys(store, prefix)).toEqual([])
    await failure(store.stat(key(name)), 'not-found')
    const parts = await collect(multipart().parts(upload))
    expect(parts.map(({ number, size, etag }) => ({ number, size, etag }))).toEqual(
      [first, second, third].map(({ number, size, etag }) => ({ number, size, etag })),
    )
    for (const part of parts)
      if (part.crc64nvme !== undefined)
        expect(part.crc64nvme).toBe(crc64nvme(bytesOfPart(part.number)))

    const info = await multipart().complete(upload, [first, second, third], {
      size: content.length,
      crc64nvme: crc64nvme(content),
    })
    expect(info).toMatchObject({ key: name, kind: 'file', size: content.length })
    expect(info.etag).toBe((await store.stat(key(name))).etag)
    expectSame(await get(store, name), content)
    expect(await unfinished(prefix)).toEqual([])
  })

  test('what is told at the beginning is kept', async () => {
    const { store } = bench
    const name = key(`${bench.prefix()}object`)
    const mtime = profile.mtime === undefined ? undefined : 1_500_000_000_000_000_000n
    const mode = profile.mode ? 0o100600 : undefined
    const metadata: Record<string, string> = profile.metadata ? { note: 'kept' } : {}
    const upload = await multipart().begin(name, { attributes: { mtime, mode }, metadata })
    const receipt = await send(upload, 1)
    await multipart().complete(upload, [receipt], {
      size: partSize,
      attributes: { mtime, mode },
      metadata,
    })
    const info = await store.stat(name)
    if (mtime !== undefined) expect(info.attributes.mtime).toBe(mtime)
    if (mode !== undefined) expect(info.attributes.mode).toBe(mode)
    expect(info.metadata).toEqual(metadata)
  })

  test('a part with a wrong CRC64NVME is refused', async () => {
    const upload = await multipart().begin(key(`${bench.prefix()}object`))
    const slot = { number: 1, offset: 0 }
    const wrong = { crc64nvme: crc64nvme(bytesOfPart(1)) ^ 1n }
    await failure(multipart().part(upload, slot, bytesOfPart(1), wrong), 'integrity')
    const source = new CountedSource(bytesOfPart(1))
    await failure(multipart().part(upload, slot, source, wrong), 'integrity')
    expect(await collect(multipart().parts(upload))).toEqual([])
    await multipart().abort(upload)
  })

  test('a whole that is not as expected never becomes visible', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}object`, 'old')
    const upload = await multipart().begin(key(`${prefix}object`))
    const receipts = [await send(upload, 1), await send(upload, 2)]
    const size = 2 * partSize
    const crc = crc64nvme(content.subarray(0, size))
    await failure(
      multipart().complete(upload, receipts, { size, crc64nvme: crc ^ 1n }),
      'integrity',
    )
    expect(await getText(store, `${prefix}object`)).toBe('old')
    await multipart().abort(upload)
    expect(await keys(store, prefix)).toEqual(['object'])
    expect(await unfinished(prefix)).toEqual([])
  })

  test('a size that is not as expected never becomes visible', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const upload = await multipart().begin(key(`${prefix}object`))
    const receipt = await send(upload, 1)
    await failure(multipart().complete(upload, [receipt], { size: partSize + 1 }), 'integrity')
    await multipart().abort(upload)
    expect(await keys(store, prefix)).toEqual([])
  })

  test('an abort in the middle of a part leaves the upload usable', async () => {
    const { store } = bench
    const name = `${bench.prefix()}object`
    const upload = await multipart().begin(key(name))
    const controller = new AbortController()
    const part = bytesOfPart(1)
    const source = {
      size: part.length,
      async *open(): AsyncGenerator<Uint8Array> {
        yield part.subarray(0, 50_000)
        controller.abort()
        yield part.subarray(50_000)
      },
    }
    const { signal } = controller
    const slot = { number: 1, offset: 0 }
    await failure(multipart().part(upload, slot, source, { signal }), 'interrupted')
    const receipt = await send(upload, 1)
    await multipart().complete(upload, [receipt], { size: partSize })
    expectSame(await get(store, name), part)
  })

  test('unfinished uploads are listed until they are aborted', async () => {
    const prefix = bench.prefix()
    const one = await multipart().begin(key(`${prefix}a/one`))
    const two = await multipart().begin(key(`${prefix}a/one`))
    const three = await multipart().begin(key(`${prefix}b\u00e9+%`))
    await send(one, 1)
    expect(byId(await unfinished(prefix))).toEqual(byId([one, two, three]))
    expect(byId(await unfinished(`${prefix}b`))).toEqual(byId([three]))
    expect(await keys(bench.store, prefix)).toEqual([])
    for (const upload of [one, two, three]) await multipart().abort(upload)
    await multipart().abort(one)
    expect(await unfinished(prefix)).toEqual([])
    await failure(collect(multipart().parts(one)), 'not-found')
    await failure(send(one, 1), 'not-found')
    await failure(multipart().complete(one, [], { size: 0 }), 'not-found')
  })

  if (profile.traits.conditions.has('if-absent'))
    test('a condition is held when the upload completes', async () => {
      const { store } = bench
      const name = `${bench.prefix()}object`
      const condition = { kind: 'if-absent' } as const
      const upload = await multipart().begin(key(name))
      const receipt = await send(upload, 1)
      await put(store, name, 'came between')
      await failure(
        multipart().complete(upload, [receipt], { size: partSize, condition }),
        'precondition-failed',
      )
      expect(await getText(store, name)).toBe('came between')
      await multipart().abort(upload)
    })

  if (profile.readPart)
    test('a part that has arrived can be read back, and survives where that is asked for', async () => {
      const { readPart } = multipart()
      if (!readPart) throw new Error('no readPart')
      const upload = await multipart().begin(key(`${bench.prefix()}dir/object`))
      const bytes = bytesOfPart(2)
      const slot = { number: 2, offset: partSize }
      await multipart().part(upload, slot, bytes, { durable: true })
      const back = await collect(readPart.call(multipart(), upload, slot, bytes.length))
      expectSame(Buffer.concat(back), bytes)
      const read = async (other: PartSlot, size: number): Promise<unknown> =>
        collect(readPart.call(multipart(), upload, other, size))
      await failure(read({ number: 1, offset: 0 }, bytes.length), 'not-found')
      await failure(read({ ...slot, offset: 0 }, bytes.length), 'not-found')
      await failure(read(slot, bytes.length - 1), 'not-found')
      await multipart().abort(upload)
      await failure(read(slot, bytes.length), 'not-found')
    })

  if (profile.copyPart)
    test('a part is copied from a range of another object', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      const from = `${prefix}from \u00e9`
      const { etag } = await put(store, from, content)
      const upload = await multipart().begin(key(`${prefix}to`))
      const copyPart = multipart().copyPart
      if (!copyPart) throw new Error('no copyPart')
      const source = { location: store.location, key: key(from), etag }
      const second = await send(upload, 2, content.subarray(0, 1_000))
      const range = { start: 1_234, end: 1_234 + partSize }
      const first = await copyPart(upload, { number: 1, offset: 0 }, source, range)
      expect(first).toMatchObject({ number: 1, size: partSize })
      await multipart().complete(upload, [first, second], { size: partSize + 1_000 })
      expectSame(
        await get(store, `${prefix}to`),
        Buffer.concat([content.subarray(range.start, range.end), content.subarray(0, 1_000)]),
      )
    })

  if (profile.copyPart)
    test('a basis changes nothing of what parts make', async () => {
      const { store } = bench
      const name = key(`${bench.prefix()}object`)
      const copyPart = multipart().copyPart
      if (!copyPart) throw new Error('no copyPart')
      const { etag } = await put(store, name, content)
      const basis = { location: store.location, key: name, etag }
      const upload = await multipart().begin(name, { basis })
      expect(await collect(multipart().parts(upload))).toEqual([])
      const range = { start: 0, end: partSize }
      const first = await copyPart(upload, { number: 1, offset: 0 }, basis, range)
      const second = await send(upload, 2, content.subarray(0, 1_000))
      await multipart().complete(upload, [first, second], { size: partSize + 1_000 })
      const expected = [content.subarray(0, partSize), content.subarray(0, 1_000)]
      expectSame(await get(store, name), Buffer.concat(expected))
    })

  if (profile.copyPart)
    test('a part is not copied from behind the end of an object', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      const { etag } = await put(store, `${prefix}from`, 'short')
      const upload = await multipart().begin(key(`${prefix}to`))
      const source = { location: store.location, key: key(`${prefix}from`), etag }
      const copyPart = multipart().copyPart
      if (!copyPart) throw new Error('no copyPart')
      const copied = copyPart(upload, { number: 1, offset: 0 }, source, { start: 2, end: 6 })
      await failure(copied, 'range', 'invalid-argument', 'integrity', 'precondition-failed')
      await multipart().abort(upload)
    })

  test('no upload is left unfinished', async () => {
    expect(await unfinished('')).toEqual([])
  })
}

function byId(uploads: readonly Pick<Upload, 'key' | 'id'>[]): string[] {
  return uploads.map(({ key: name, id }) => `${name} ${id}`).toSorted()
}
