// Writing: all or nothing, verified, under conditions.
import { expect, test } from 'vitest'
import type { Source } from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import type { Bench } from './suite.ts'
import {
  CountedSource,
  MiB,
  bytesOf,
  expectSame,
  failure,
  get,
  getText,
  key,
  keys,
  put,
  readAll,
} from './tools.ts'

const content = bytesOf(1 * MiB + 77, 5)

export function writeTests(bench: Bench): void {
  const { conditions, etagIsMd5 } = bench.profile.traits

  test('a write answers with what stat says', async () => {
    const { store } = bench
    const name = key(`${bench.prefix()}object`)
    const written = await store.write(name, content)
    const info = await store.stat(name)
    expect(written).toMatchObject({ key: name, kind: 'file', size: content.length })
    expect(written.etag).toBeDefined()
    expect(info).toMatchObject({
      key: name,
      kind: 'file',
      size: content.length,
      etag: written.etag,
    })
    if (etagIsMd5) expect(written.etag).toMatch(/^"[0-9a-f]{32}"$/)
  })

  test('a source is opened once', async () => {
    const { store } = bench
    const name = `${bench.prefix()}source`
    const source = new CountedSource(content, 10_007)
    await store.write(key(name), source, { crc64nvme: crc64nvme(content) })
    expect(source.opened).toBe(1)
    expectSame(await get(store, name), content)
    const empty = new CountedSource(new Uint8Array(0))
    await store.write(key(`${name}-empty`), empty)
    expect(await get(store, `${name}-empty`)).toHaveLength(0)
  })

  test('the etag changes with the bytes', async () => {
    const { store } = bench
    const name = `${bench.prefix()}etag`
    const one = await put(store, name, 'one')
    const two = await put(store, name, 'two')
    expect(two.etag).not.toBe(one.etag)
  })

  test('bytes that have not the given CRC64NVME are refused, and the old object stays', async () => {
    const { store } = bench
    const name = `${bench.prefix()}crc`
    await put(store, name, 'old')
    const options = { crc64nvme: crc64nvme(content) ^ 1n }
    await failure(store.write(key(name), content, options), 'integrity')
    await failure(store.write(key(name), new CountedSource(content), options), 'integrity')
    expect(await getText(store, name)).toBe('old')
    await store.write(key(name), content, { crc64nvme: crc64nvme(content) })
    expectSame(await get(store, name), content)
  })

  test.each([-1, 1])('a source that gives %i bytes more than it says is refused', async (more) => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}object`, 'old')
    const source: Source = {
      size: content.length - more,
      open: () => new CountedSource(content).open({ start: 0, end: content.length }),
    }
    await failure(store.write(key(`${prefix}object`), source), 'integrity')
    expect(await getText(store, `${prefix}object`)).toBe('old')
    expect(await keys(store, prefix)).toEqual(['object'])
  })

  test('a failing source leaves the old object, and its error comes through', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}object`, 'old')
    const broken = new Error('the source broke')
    const source: Source = {
      size: content.length,
      async *open() {
        yield content.subarray(0, 100_000)
        throw broken
      },
    }
    await expect(store.write(key(`${prefix}object`), source)).rejects.toSatisfy(
      (error) => error === broken || (error instanceof Error && error.cause === broken),
    )
    expect(await getText(store, `${prefix}object`)).toBe('old')
    expect(await keys(store, prefix)).toEqual(['object'])
  })

  const nearlyAll = content.subarray(0, content.length - 1)
  const refusals = [
    ['before its last byte', nearlyAll],
    ...(bench.profile.readsToEnd ? ([['at its end', content]] as const) : []),
  ] as const

  test.each(refusals)('a source that refuses %s leaves nothing', async (_when, bytes) => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}object`, 'old')
    const refused = new Error('refused')
    const source: Source = {
      size: content.length,
      async *open() {
        yield* new CountedSource(bytes).open({ start: 0, end: bytes.length })
        throw refused
      },
    }
    for (const name of ['object', 'new'])
      await expect(store.write(key(prefix + name), source)).rejects.toSatisfy(
        (error) => error === refused || (error instanceof Error && error.cause === refused),
      )
    expect(await getText(store, `${prefix}object`)).toBe('old')
    expect(await keys(store, prefix)).toEqual(['object'])
  })

  if (bench.profile.readsToEnd)
    test.each([0, 10])('nothing is visible while a source of %i bytes goes on', async (size) => {
      const { store } = bench
      const prefix = bench.prefix()
      const name = key(`${prefix}object`)
      await put(store, name, 'old')
      let during: string | undefined
      const source: Source = {
        size,
        async *open() {
          if (size > 0) yield bytesOf(size)
          during = await getText(store, name)
        },
      }
      await store.write(name, source)
      expect(during).toBe('old')
      expectSame(await get(store, name), bytesOf(size))
    })

  test('an abort in the middle leaves the old object', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}object`, 'old')
    for (const name of ['object', 'new']) {
      const controller = new AbortController()
      const source: Source = {
        size: content.length,
        async *open() {
          yield content.subarray(0, 100_000)
          controller.abort()
          yield content.subarray(100_000)
        },
      }
      const { signal } = controller
      await failure(store.write(key(prefix + name), source, { signal }), 'interrupted')
    }
    expect(await getText(store, `${prefix}object`)).toBe('old')
    expect(await keys(store, prefix)).toEqual(['object'])
  })

  test('a reader sees the old object or the new one, or is told that it changed: never a mix', async () => {
    const { store } = bench
    const name = key(`${bench.prefix()}object`)
    const versions = [300_000, 500_000, 400_000].map((size, i) => Buffer.alloc(size, 97 + i))
    await store.write(name, Buffer.alloc(300_000, 97))
    async function read(): Promise<void> {
      const body = await store.read(name)
      const bytes = await readAll(body)
      expect(bytes.length).toBe(body.info.size)
      expect(versions.some((version) => version.equals(bytes))).toBe(true)
    }
    // A stream that broke goes on in the same object only.
    async function readBeside(): Promise<void> {
      await read().catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'precondition-failed' }),
      )
    }
    for (let round = 0; round < 4; round++)
      for (const version of versions) {
        const write = store.write(name, version)
        await Promise.all([write, readBeside(), readBeside(), write.then(read)])
      }
  })

  test('twenty writers of one name: each leaves a whole object', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const name = `${prefix}object`
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => put(store, name, String(i).repeat(1000))),
    )
    expect(await getText(store, name)).toMatch(/^(\d\d?)\1{999}$/)
    expect(await keys(store, prefix)).toEqual(['object'])
  })

  if (conditions.has('if-absent'))
    test('if-absent: of twenty racers one wins', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      const condition = { kind: 'if-absent' } as const
      const racers = Array.from({ length: 20 }, async (_, i) =>
        put(store, `${prefix}object`, `racer ${i}`, { condition }),
      )
      const results = await Promise.allSettled(racers)
      const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []))
      expect(winners).toHaveLength(1)
      for (const racer of racers)
        await racer.catch((error: unknown) =>
          expect(error).toMatchObject({ code: 'precondition-failed' }),
        )
      expect(await getText(store, `${prefix}object`)).toBe(`racer ${winners[0]}`)
      expect(await keys(store, prefix)).toEqual(['object'])
    })

  test('a condition that does not hold is never ignored', async () => {
    const { store } = bench
    const name = `${bench.prefix()}object`
    const first = await put(store, name, 'first')
    const etag = (await put(store, name, 'second')).etag ?? ''
    const refused = async (condition: { kind: 'if-absent' } | { kind: 'if-match'; etag: string }) =>
      failure(
        put(store, name, 'third', { condition }),
        ...(conditions.has(condition.kind)
          ? (['precondition-failed'] as const)
          : (['precondition-failed', 'unsupported'] as const)),
      )
    await refused({ kind: 'if-absent' })
    await refused({ kind: 'if-match', etag: first.etag ?? '' })
    expect(await getText(store, name)).toBe('second')
    await failure(
      put(store, `${name}-absent`, 'x', { condition: { kind: 'if-match', etag } }),
      'precondition-failed',
      ...(conditions.has('if-match') ? [] : (['unsupported'] as const)),
    )
  })

  if (conditions.has('if-match'))
    test('if-match replaces what it names', async () => {
      const { store } = bench
      const name = `${bench.prefix()}object`
      const { etag = '' } = await put(store, name, 'first')
      await put(store, name, 'second', { condition: { kind: 'if-match', etag } })
      expect(await getText(store, name)).toBe('second')
    })
}
