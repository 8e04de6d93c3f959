// Reading: whole, in ranges, into a buffer, under a condition.
import { beforeAll, expect, test } from 'vitest'
import type { Bench } from './suite.ts'
import { MiB, bytesOf, collect, expectSame, failure, get, key, put, readAll } from './tools.ts'

const size = 5 * MiB + 12_345
const content = bytesOf(size)

export function readTests(bench: Bench): void {
  let big = ''
  let etag: string | undefined

  beforeAll(async () => {
    big = `${bench.prefix()}big`
    etag = (await put(bench.store, big, content)).etag
  })

  test('an object of more than 5 MiB', async () => {
    const body = await bench.store.read(key(big))
    expect(body.info).toMatchObject({ key: big, size, etag })
    const chunks = await collect(body)
    expectSame(Buffer.concat(chunks), content)
  })

  test('ranges', async () => {
    const ranges = [
      [0, 1],
      [1, 2],
      [65_535, 65_537],
      [size - 1, size],
      [1_000, 3 * MiB],
      [0, size],
    ] as const
    for (const [start, end] of ranges) {
      const body = await bench.store.read(key(big), { range: { start, end } })
      expect(body.info.size).toBe(size)
      expectSame(await readAll(body), content.subarray(start, end))
    }
  })

  test('a range may end past the object, and not begin there', async () => {
    const { store } = bench
    const body = await store.read(key(big), { range: { start: size - 3, end: size + 10 } })
    expectSame(await readAll(body), content.subarray(size - 3))
    const beyond = async (): Promise<Uint8Array> =>
      readAll(await store.read(key(big), { range: { start: size, end: size + 1 } }))
    await failure(beyond(), 'range')
  })

  test('readInto fills its target', async () => {
    const target = new Uint8Array(2 * MiB)
    const { length, info } = await bench.store.readInto(key(big), target, 777)
    expect(length).toBe(target.length)
    expect(info).toMatchObject({ size, etag })
    expectSame(target, content.subarray(777, 777 + length))
  })

  test('readInto is short at the end', async () => {
    const target = new Uint8Array(100)
    const tail = await bench.store.readInto(key(big), target, size - 40)
    expect(tail.length).toBe(40)
    expectSame(target.subarray(0, 40), content.subarray(size - 40))
    expectSame(target.subarray(40), new Uint8Array(60))
    for (const position of [size, size + 5]) {
      const past = await bench.store.readInto(key(big), target, position)
      expect(past).toMatchObject({ length: 0, info: { size } })
    }
  })

  test('readInto writes only into its target', async () => {
    const around = new Uint8Array(300)
    await bench.store.readInto(key(big), around.subarray(100, 200), 5)
    expectSame(around.subarray(100, 200), content.subarray(5, 105))
    expectSame(around.subarray(0, 100), new Uint8Array(100))
    expectSame(around.subarray(200), new Uint8Array(100))
  })

  test('an empty object', async () => {
    const { store } = bench
    const name = `${bench.prefix()}empty`
    const written = await put(store, name, '')
    expect(written.size).toBe(0)
    expect(await get(store, name)).toHaveLength(0)
    const { length, info } = await store.readInto(key(name), new Uint8Array(10), 0)
    expect([length, info.size, info.etag]).toEqual([0, 0, written.etag])
    expect((await store.stat(key(name))).size).toBe(0)
  })

  test('the condition is held', async () => {
    const { store } = bench
    const name = `${bench.prefix()}changed`
    const old = await put(store, name, 'old')
    await put(store, name, 'new!')
    const ifMatch = old.etag
    await failure(store.read(key(name), { ifMatch }), 'precondition-failed')
    await failure(
      store.readInto(key(name), new Uint8Array(3), 0, { ifMatch }),
      'precondition-failed',
    )
    const { etag: current } = await store.stat(key(name))
    expect(current).not.toBe(ifMatch)
    expectSame(
      await readAll(await store.read(key(name), { ifMatch: current })),
      Buffer.from('new!'),
    )
  })

  test('what is absent is not found, and says what it was', async () => {
    const { store } = bench
    const absent = key(`${bench.prefix()}no/such`)
    const errors = [
      await failure(store.stat(absent), 'not-found'),
      await failure(store.read(absent), 'not-found'),
      await failure(store.readInto(absent, new Uint8Array(1), 0), 'not-found'),
    ]
    for (const error of errors) {
      expect(error.key).toBe(absent)
      expect(error.location).toEqual(store.location)
      expect(error.retry).toBe('never')
    }
  })

  test('a body may be left early, and the store goes on', async () => {
    const { store } = bench
    for (let i = 0; i < 5; i++)
      for await (const chunk of await store.read(key(big))) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
    await expect(store.stat(key(big))).resolves.toMatchObject({ size })
  })

  test('into the same memory again and again', async () => {
    const memory = new Uint8Array(MiB)
    const copies: Buffer[] = []
    const buffer = (wanted: number): Uint8Array => memory.subarray(0, wanted)
    for await (const chunk of await bench.store.read(key(big), { buffer })) {
      copies.push(Buffer.from(chunk))
      memory.fill(0)
    }
    expectSame(Buffer.concat(copies), content)
  })

  test('a body that nobody reads is no burden', async () => {
    const { info } = await bench.store.read(key(big))
    expect(info.size).toBe(size)
  })

  test('an abort ends a read', async () => {
    const controller = new AbortController()
    async function run(): Promise<void> {
      for await (const chunk of await bench.store.read(key(big), { signal: controller.signal }))
        if (chunk.length > 0) controller.abort()
    }
    await failure(run(), 'interrupted')
  })
}
