import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { RunMeter } from '../../src/core/meter.ts'
import type { ObjectInfo, Store } from '../../src/core/store.ts'
import { crc64nvme } from '../../src/kernels/crc64nvme.ts'
import { faulty, type Fault } from '../../src/layers/faulty.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { transferObject } from '../../src/transfer/object.ts'
import { Semaphore } from '../../src/transfer/semaphore.ts'
import { bytesOf, expectSame, failure, get, put } from '../conformance/tools.ts'
import {
  contextOf,
  KiB,
  nothing,
  storeWith,
  temporaryDirectory,
  temporaryState,
  unfinished,
  withMultipart,
  workOf,
} from './tools.ts'

const facts = {
  attributes: { mtime: 1_500_000_000_123_456_789n, mode: 0o100640 },
  metadata: { colour: 'green' },
  contentType: 'text/x-test',
}

/** Runs `before` ahead of each read of the source, with the number of reads before it. */
function disturbed(store: Store, before: (reads: number) => Promise<unknown>): Store {
  let reads = 0
  return storeWith(store, {
    readInto: async (key, target, position, call) => {
      await before(reads++)
      return store.readInto(key, target, position, call)
    },
    read: async (key, call) => {
      await before(reads++)
      return store.read(key, call)
    },
  })
}

test.each([
  ['an empty object whole', 0, { write: 1 }],
  ['an object of one part whole', 10 * KiB, { write: 1 }],
  ['one byte more in two parts', 10 * KiB + 1, { part: 2 }],
  ['many parts', 95 * KiB, { part: 10 }],
])('%s', async (_, size, expected) => {
  const [from, to, meter] = [memoryStore(), memoryStore(), new RunMeter()]
  const bytes = bytesOf(size)
  await put(from, 'a', bytes, facts)
  const told: number[] = []
  const copied = await transferObject(
    await workOf(from, to, 'a', { attributes: 'all' }),
    contextOf(from, to, { meter }),
    (done) => told.push(done),
  )
  expectSame(await get(to, 'a'), bytes)
  expect(copied).toMatchObject({ sent: size, crc64nvme: crc64nvme(bytes) })
  expect(copied.info).toMatchObject({ size, crc64nvme: crc64nvme(bytes), ...facts })
  expect(await to.stat(toKey('a'))).toMatchObject(facts)
  const { write, part } = meter.totals().requests
  expect({ write, part }).toEqual({ write: undefined, part: undefined, ...expected })
  expect(told.at(-1)).toBe(size)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(await unfinished(to)).toEqual([])
})

test('without all attributes only the time goes along, and that of the upload where there is no other', async () => {
  const [files, from, to] = [localStore(await temporaryDirectory()), memoryStore(), memoryStore()]
  await put(files, 'timed', 'x', { attributes: { mtime: 1_500_000_000_000_000_000n } })
  await put(from, 'untimed', 'y')
  const fromFile = await workOf(files, to, 'timed')
  const timed = await transferObject(fromFile, contextOf(files, to), nothing)
  expect(timed.info.attributes).toEqual({ mtime: 1_500_000_000_000_000_000n })
  const work = await workOf(from, to, 'untimed')
  const untimed = await transferObject(work, contextOf(from, to), nothing)
  expect(untimed.info.attributes).toEqual({ mtime: work.from.modified })
})

test.each([
  ['whole', 5 * KiB],
  ['in parts', 50 * KiB],
  ['streamed', 100 * KiB],
])('a source that changes once while it is read %s is looked at anew', async (how, size) => {
  const from = memoryStore()
  const to = how === 'streamed' ? storeWith(memoryStore(), { multipart: undefined }) : memoryStore()
  const later = bytesOf(size + 7, 2)
  await put(from, 'a', bytesOf(size))
  const source = disturbed(from, async (reads) => reads === 0 && put(from, 'a', later))
  const work = await workOf(from, to, 'a')
  const copied = await transferObject(work, contextOf(source, to), nothing)
  expectSame(await get(to, 'a'), later)
  expect(copied.work.from).toMatchObject({
    size: size + 7,
    etag: copied.info.etag && expect.any(String),
  })
  expect(copied.work.from.etag).not.toBe(work.from.etag)
})

test.each([
  ['whole', 5 * KiB],
  ['in parts', 50 * KiB],
  ['streamed', 100 * KiB],
])('a source that keeps changing while it is read %s is a conflict', async (how, size) => {
  const [from, memory] = [memoryStore(), memoryStore()]
  const to = how === 'streamed' ? storeWith(memory, { multipart: undefined }) : memory
  await put(from, 'a', bytesOf(size))
  await put(to, 'a', 'the old one')
  const looks = new RunMeter()
  let changes = 0
  const source = disturbed(from, async () => put(from, 'a', bytesOf(size, ++changes + 1)))
  const context = contextOf(source, to, { meter: looks })
  const error = await failure(
    transferObject(await workOf(from, to, 'a'), context, nothing),
    'conflict',
  )
  expect(error.address).toBe(`memory://${from.location.root}/a`)
  expect(error.message).toContain('source changed')
  expect(changes).toBeGreaterThanOrEqual(3)
  expect(Buffer.from(await get(to, 'a')).toString()).toBe('the old one')
  expect(await unfinished(memory)).toEqual([])
})

test('three tries, not more', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await put(from, 'a', '0')
  let reads = 0
  const source = disturbed(from, async () => put(from, 'a', String(++reads)))
  await failure(
    transferObject(await workOf(from, to, 'a'), contextOf(source, to), nothing),
    'conflict',
  )
  expect(reads).toBe(3)
})

test('a change in the middle of a streamed part is noticed', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await put(from, 'a', bytesOf(200 * KiB))
  let broken = false
  const source = storeWith(from, {
    read: async (key, call) => {
      const body = await from.read(key, call)
      if (broken) return body
      return {
        info: body.info,
        async *[Symbol.asyncIterator]() {
          for await (const chunk of body) {
            yield chunk
            broken = true
            await put(from, 'a', bytesOf(150 * KiB, 3))
            // As a file system says it, which looks at the file again while it reads.
            await from.read(key, call)
          }
        },
      }
    },
  })
  const context = contextOf(source, to, { partSize: 100 * KiB })
  await transferObject(await workOf(from, to, 'a'), context, nothing)
  expect(broken).toBe(true)
  expectSame(await get(to, 'a'), bytesOf(150 * KiB, 3))
})

test('a source that is gone is not found, by its own name', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await put(from, 'a', bytesOf(50 * KiB))
  const work = await workOf(from, to, 'a')
  await Array.fromAsync(
    from.remove(
      (async function* () {
        yield { key: toKey('a') }
      })(),
    ),
  )
  const error = await failure(transferObject(work, contextOf(from, to), nothing), 'not-found')
  expect(error.location).toEqual(from.location)
  expect(await unfinished(to)).toEqual([])
})

test('a condition on the destination that does not hold is no change of the source', async () => {
  const [from, to, meter] = [memoryStore(), memoryStore(), new RunMeter()]
  await put(from, 'a', bytesOf(50 * KiB))
  await put(to, 'a', 'present')
  const work = await workOf(from, to, 'a', { condition: { kind: 'if-absent' } })
  await failure(
    transferObject(work, contextOf(from, to, { meter }), nothing),
    'precondition-failed',
  )
  expect(meter.totals().requests.part).toBe(5)
  expect(await unfinished(to)).toEqual([])
})

const damages: [string, 'readInto' | 'read' | 'write' | 'part', number, number][] = [
  ['read whole', 'readInto', 1, 5 * KiB],
  ['read in parts', 'readInto', 3, 50 * KiB],
  ['read as a streamed part', 'read', 1, 300 * KiB],
  ['written whole', 'write', 1, 5 * KiB],
  ['written in parts', 'part', 2, 50 * KiB],
  ['written as a streamed part', 'part', 2, 300 * KiB],
]
test.each(damages)('wrong bytes %s never become visible', async (_, op, nth, size) => {
  const [from, to] = [memoryStore(), memoryStore()]
  await put(from, 'a', bytesOf(size))
  await put(to, 'a', 'the old one')
  const seen: Fault[] = []
  const schedule = {
    seed: 1,
    exactly: [{ op, nth, fault: 'wrong-bytes' as const }],
    onFault: (fault: Fault) => seen.push(fault),
  }
  const reading = op === 'read' || op === 'readInto'
  const source = reading ? faulty(from, schedule) : from
  const target = reading ? to : faulty(to, schedule)
  const context = contextOf(source, target, { partSize: size > 64 * KiB ? 100 * KiB : 10 * KiB })
  await failure(transferObject(await workOf(from, to, 'a'), context, nothing), 'integrity')
  expect(seen).toEqual(['wrong-bytes'])
  expect(Buffer.from(await get(to, 'a')).toString()).toBe('the old one')
  expect(await unfinished(to)).toEqual([])
})

test('wrong bytes that stream into a store without parts never become visible', async () => {
  const [from, memory] = [memoryStore(), memoryStore()]
  const to = storeWith(memory, { multipart: undefined })
  await put(from, 'a', bytesOf(300 * KiB))
  await put(to, 'a', 'the old one')
  const source = faulty(from, { seed: 1, exactly: [{ op: 'read', nth: 1, fault: 'wrong-bytes' }] })
  // A store that does not know CRCs: what is asked of it is left out.
  const trusting = storeWith(to, {
    write: (key, body, call) => memory.write(key, body, { ...call, crc64nvme: undefined }),
  })
  const work = await workOf(from, to, 'a')
  await failure(transferObject(work, contextOf(source, trusting), nothing), 'integrity')
  expect(Buffer.from(await get(to, 'a')).toString()).toBe('the old one')
})

test.each([
  ['more than the largest buffer, by the part size', { partSize: 1024 * KiB }],
  ['more than all memory', { partSize: 10 * 1024 * KiB }],
])('an object of %s is sent', async (_, more) => {
  const [from, to] = [memoryStore(), memoryStore()]
  const bytes = bytesOf(1000 * KiB)
  await put(from, 'a', bytes, facts)
  const copied = await transferObject(
    await workOf(from, to, 'a'),
    contextOf(from, to, more),
    nothing,
  )
  expectSame(await get(to, 'a'), bytes)
  expect(copied.crc64nvme).toBe(crc64nvme(bytes))
})

test('parts that are bigger than the largest buffer are streamed and verified', async () => {
  const [from, to, meter] = [memoryStore(), memoryStore(), new RunMeter()]
  const bytes = bytesOf(900 * KiB)
  await put(from, 'a', bytes)
  const context = contextOf(from, to, { partSize: 200 * KiB, meter })
  const copied = await transferObject(await workOf(from, to, 'a'), context, nothing)
  expectSame(await get(to, 'a'), bytes)
  expect(copied).toMatchObject({ crc64nvme: crc64nvme(bytes), sent: 900 * KiB })
  expect(meter.totals().requests).toMatchObject({ part: 5, read: 5 })
})

test.each([
  ['small', 5 * KiB],
  ['bigger than all memory', 1000 * KiB],
])('a store that takes neither parts nor copies: an object that is %s', async (_, size) => {
  const from = memoryStore()
  const to = storeWith(memoryStore(), { multipart: undefined, copy: undefined })
  await put(from, 'a', bytesOf(size), facts)
  const copied = await transferObject(
    await workOf(from, to, 'a', { attributes: 'all' }),
    contextOf(from, to),
    nothing,
  )
  expectSame(await get(to, 'a'), bytesOf(size))
  expect(copied).toMatchObject({ crc64nvme: crc64nvme(bytesOf(size)), sent: size })
  expect(copied.info).toMatchObject(facts)
})

test('an abort without a journal leaves nothing, whatever its reason', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await put(from, 'a', bytesOf(95 * KiB))
  const controller = new AbortController()
  const context = contextOf(from, to, { signal: controller.signal })
  const onProgress = (): void => controller.abort(new Error('enough'))
  await failure(transferObject(await workOf(from, to, 'a'), context, onProgress), 'interrupted')
  expect(await unfinished(to)).toEqual([])
})

test('many transfers at once, with memory for few of them, all end', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  const names = Array.from({ length: 40 }, (_, i) => `o${i}`)
  for (const [i, name] of names.entries()) await put(from, name, bytesOf(i * 3 * KiB, i))
  const context = contextOf(from, to)
  await Promise.all(
    names.map(async (name) => transferObject(await workOf(from, to, name), context, nothing)),
  )
  for (const [i, name] of names.entries()) expectSame(await get(to, name), bytesOf(i * 3 * KiB, i))
})

/** Another key of the same store. */
async function insideWork(store: Store, changes = {}): Promise<Awaited<ReturnType<typeof workOf>>> {
  const work = await workOf(store, store, 'a', changes)
  return { ...work, to: { ...work.to, key: toKey('b') } }
}

test('a copy inside the store moves no byte and keeps all', async () => {
  const [store, meter] = [memoryStore(), new RunMeter()]
  await put(store, 'a', bytesOf(95 * KiB), facts)
  const copied = await transferObject(
    await insideWork(store),
    contextOf(store, store, { meter }),
    nothing,
  )
  expectSame(await get(store, 'b'), bytesOf(95 * KiB))
  expect(copied.sent).toBe(0)
  expect(copied.info).toMatchObject(facts)
  expect(meter.totals()).toEqual({ requests: { copy: 1 }, sent: 0, received: 0 })
})

/** A store that copies at most 20 KiB in one request, in parts of at most 8 KiB. */
function smallCopies(memory: Store): Store {
  const limited = withMultipart(memory, ({ limits }) => ({
    limits: { ...limits, maxPart: 8 * KiB },
  }))
  const { copy } = memory
  return storeWith(limited, {
    copy: copy && {
      accepts: (from) => copy.accepts(from),
      copy: (...given) => copy.copy(...given),
      maxSize: 20 * KiB,
    },
  })
}

test('above the size that one copy takes it goes in copied parts', async () => {
  const store = smallCopies(memoryStore())
  await put(store, 'a', bytesOf(30 * KiB), facts)
  const meter = new RunMeter()
  const copied = await transferObject(
    await insideWork(store),
    contextOf(store, store, { meter }),
    nothing,
  )
  expectSame(await get(store, 'b'), bytesOf(30 * KiB))
  expect(copied).toMatchObject({ sent: 0, crc64nvme: crc64nvme(bytesOf(30 * KiB)) })
  expect(copied.info).toMatchObject(facts)
  expect(meter.totals()).toMatchObject({ requests: { copy: 4 }, sent: 0, received: 0 })
  expect(await unfinished(store)).toEqual([])
})

test.each([
  ['in one request', 10 * KiB],
  ['in copied parts', 30 * KiB],
])('a source that changes before it is copied inside the store %s', async (_, size) => {
  const store = smallCopies(memoryStore())
  await put(store, 'a', bytesOf(size))
  const work = await insideWork(store)
  await put(store, 'a', bytesOf(size, 2))
  const copied = await transferObject(work, contextOf(store, store), nothing)
  expectSame(await get(store, 'b'), bytesOf(size, 2))
  expect(copied.work.from.etag).toBe((await store.stat(toKey('a'))).etag)
})

/** As `smallCopies`, but which state of the source is meant is ignored when parts are copied, as some services do. */
function unguardedCopies(memory: Store, onPart: (number: number) => Promise<unknown>): Store {
  return withMultipart(smallCopies(memory), ({ copyPart }) => ({
    copyPart:
      copyPart &&
      (async (upload, slot, { location, key }, range, options) => {
        await onPart(slot.number)
        return copyPart(upload, slot, { location, key }, range, options)
      }),
  }))
}

test('parts that were copied of two states of the source never become one object', async () => {
  const memory = memoryStore()
  let parts = 0
  const changing = unguardedCopies(memory, async () => {
    if (++parts === 3) await put(memory, 'a', bytesOf(30 * KiB, 2))
  })
  await put(memory, 'a', bytesOf(30 * KiB))
  const copied = await transferObject(
    await insideWork(changing),
    contextOf(changing, changing, { lanes: new Semaphore(1) }),
    nothing,
  )
  expectSame(await get(memory, 'b'), bytesOf(30 * KiB, 2))
  expect(copied.work.from.etag).toBe((await memory.stat(toKey('a'))).etag)
  expect(parts).toBe(8)
  expect(await unfinished(memory)).toEqual([])
})

test('a source that was another one only for a moment is noticed by its checksum', async () => {
  const memory = memoryStore()
  const from = await put(memory, 'a', bytesOf(30 * KiB))
  const restored = { ...(await memory.stat(toKey('a'))), etag: from.etag }
  const changing = storeWith(
    unguardedCopies(memory, async (number) => {
      if (number === 2) await put(memory, 'a', bytesOf(30 * KiB, 2))
    }),
    { stat: async (key, call) => (key === 'a' ? restored : memory.stat(key, call)) },
  )
  const work = await insideWork(changing)
  const copying = transferObject(
    work,
    contextOf(changing, changing, { lanes: new Semaphore(1) }),
    nothing,
  )
  await failure(copying, 'integrity')
})

test('from disk to store and back, with the time and the mode', async () => {
  const [directory, state] = [await temporaryDirectory(), await temporaryState()]
  const [disk, memory] = [localStore(directory), memoryStore()]
  const back = localStore(`${directory}/back`)
  for (const [name, size] of [
    ['small', 3],
    ['empty', 0],
    ['big', 300 * KiB],
  ] as const) {
    const before = await put(disk, name, bytesOf(size), { attributes: facts.attributes })
    const all = { attributes: 'all' } as const
    const { journal } = state
    const up = await workOf(disk, memory, name, all)
    await transferObject(up, contextOf(disk, memory, { journal }), nothing)
    const down = await workOf(memory, back, name, all)
    await transferObject(down, contextOf(memory, back, { journal, partSize: 100 * KiB }), nothing)
    const after: ObjectInfo = await back.stat(toKey(name))
    expectSame(await get(back, name), bytesOf(size))
    expect(after.attributes).toEqual(before.attributes)
    // A file's time is set by way of a double.
    expect(Number((after.attributes.mtime ?? 0n) - facts.attributes.mtime)).toBeCloseTo(0, -3)
  }
  expect(await Array.fromAsync(state.journal.all())).toEqual([])
  expect(await unfinished(back)).toEqual([])
})

test('a file that has become a link is not copied as its text', async () => {
  const directory = await temporaryDirectory()
  const [from, to] = [localStore(directory), memoryStore()]
  await put(from, 'a', 'the content')
  const work = await workOf(from, to, 'a')
  await rm(join(directory, 'a'))
  await symlink('elsewhere', join(directory, 'a'))
  await failure(transferObject(work, contextOf(from, to), nothing), 'conflict')
  await failure(to.stat(toKey('a')), 'not-found')
})

/** A store that heeds no precondition on reads, as some services do not. */
function heedless(store: Store): Store {
  return storeWith(store, {
    read: (key, call) => store.read(key, { ...call, ifMatch: undefined }),
    readInto: (key, target, position, call) =>
      store.readInto(key, target, position, { ...call, ifMatch: undefined }),
  })
}

test('parts of two states are never joined, also where the service guards nothing', async () => {
  const [old, now] = [bytesOf(95 * KiB, 1), bytesOf(95 * KiB, 2)]
  const [memory, to] = [memoryStore(), memoryStore()]
  await put(memory, 'a', old)
  const from = disturbed(heedless(memory), async (reads) => {
    if (reads === 3) await put(memory, 'a', now)
  })
  await transferObject(await workOf(from, to, 'a'), contextOf(from, to), nothing)
  expectSame(await get(to, 'a'), now)
})
