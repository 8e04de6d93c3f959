// Only what is missing is fetched, and what results is right: on the real servers, and in memory for what they never do.
import { link, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { RunMeter } from '../../../src/core/meter.ts'
import type { PartReceipt, Store } from '../../../src/core/store.ts'
import type { CopyWork } from '../../../src/core/work.ts'
import { Scanner } from '../../../src/delta/scanner.ts'
import type { Signature } from '../../../src/delta/signature/types.ts'
import type { Journal } from '../../../src/state/types.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import type { TransferContext } from '../../../src/transfer/context.ts'
import { planDownload } from '../../../src/transfer/delta/plan-download.ts'
import { SignatureShelf } from '../../../src/transfer/delta/shelf.ts'
import { transferObject, type Transferred } from '../../../src/transfer/object.ts'
import { Semaphore } from '../../../src/transfer/semaphore.ts'
import { bytesOf, expectSame, failure, get, MiB, put, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { sharedBlocks } from '../../stores/local/shared-blocks.ts'
import { openBucket } from '../../stores/s3/open.ts'
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
} from '../tools.ts'

const average = 64 * KiB
const largestChunk = 4 * average
const old = bytesOf(12 * MiB + 12_345, 1)

class Bench {
  readonly source: Store
  readonly target: Store
  readonly directory: string
  readonly warnings: string[] = []

  private constructor(source: Store, target: Store, directory: string) {
    this.source = source
    this.target = target
    this.directory = directory
  }

  static async over(source: Store, given?: string): Promise<Bench> {
    const directory = given ?? (await temporaryDirectory())
    return new Bench(source, localStore(directory), directory)
  }

  shelf(meter?: RunMeter): SignatureShelf {
    return new SignatureShelf({
      store: this.source,
      known: undefined,
      reserved: toKey('.hawser/'),
      onWarning: (message) => void this.warnings.push(message),
      meter,
    })
  }

  /** Makes the object, and a signature of it, or of other bytes. */
  async publish(bytes: Uint8Array, change: Partial<Signature> = {}): Promise<void> {
    const { etag, version } = await put(this.source, 'big', bytes)
    if (etag === undefined) throw new Error('the object has no etag')
    await this.shelf().keep(toKey('big'), { ...signed(bytes, etag), version, ...change })
  }

  async download(
    change: Partial<TransferContext> = {},
    more: Partial<CopyWork> = {},
  ): Promise<Transferred & { received: number }> {
    const meter = new RunMeter()
    const context = contextOf(this.source, this.target, {
      buffers: new BufferPool(8 * MiB, MiB),
      partSize: MiB,
      delta: { threshold: 1, average, shelf: this.shelf(meter) },
      meter,
      ...change,
    })
    const done = await transferObject(
      await workOf(context.source, this.target, 'big', more),
      context,
      nothing,
    )
    return { ...done, received: meter.totals().received }
  }

  /** What there is must be these bytes, and no more than that. */
  async expectHeld(bytes: Uint8Array): Promise<void> {
    expectSame(await get(this.target, 'big'), bytes)
    expect(await unfinished(this.target)).toEqual([])
    expect(await readdir(this.directory)).toEqual(['big'])
  }
}

function signed(bytes: Uint8Array, etag: string): Signature {
  const { size, crc64nvme, chunks } = new Scanner(average).update(bytes).finish()
  return { average, size, crc64nvme, etag, version: undefined, chunks }
}

function edited(bytes: Uint8Array, at: number, less: number, insert: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + less)])
}

/** Of the signature, and of the answers around the bytes. */
const overhead = 64 * KiB

const edits: readonly [string, Uint8Array, number][] = [
  ['one byte changed', edited(old, 5 * MiB, 1, Buffer.from('x')), 2 * largestChunk],
  ['one byte inserted at the front', edited(old, 0, 0, Buffer.from('x')), 2 * largestChunk],
  ['1 MiB removed', edited(old, 5 * MiB, MiB, Buffer.alloc(0)), 2 * largestChunk],
  ['100 KiB appended', edited(old, old.length, 0, bytesOf(100 * KiB, 2)), 2 * largestChunk],
  [
    'the halves exchanged',
    Buffer.concat([old.subarray(6 * MiB), old.subarray(0, 6 * MiB)]),
    2 * largestChunk,
  ],
  ['nothing changed', old, 0],
]

describeS3('delta download', (endpoint) => {
  let source: Store
  beforeAll(async () => {
    source = await openBucket(endpoint)
  })
  afterAll(async () => source[Symbol.asyncDispose]())

  test.each(edits)('%s: little is received', async (_, bytes, most) => {
    const bench = await Bench.over(source)
    await put(bench.target, 'big', old)
    await bench.publish(bytes)
    // A service that does not tell the checksum of the whole proves nothing.
    const proves = (await source.stat(toKey('big'))).crc64nvme !== undefined
    expect(proves || endpoint.name === 'ceph16').toBe(true)
    const { received, sent } = await bench.download()
    if (proves) expect(received).toBeLessThanOrEqual(most + overhead)
    else expect(sent).toBe(bytes.length)
    await bench.expectHeld(bytes)
    expect(bench.warnings).toEqual([])
  })
})

test('any edits end in equal bytes', async () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    less: fc.nat(300 * KiB),
    more: fc.nat(300 * KiB),
  })
  const base = old.subarray(0, 3 * MiB)
  const bench = await Bench.over(memoryStore())
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 5 }), fc.nat(), async (changes, seed) => {
      let bytes: Uint8Array = base
      for (const { at, less, more } of changes)
        bytes = edited(bytes, Math.floor(at * bytes.length), less, bytesOf(more, seed))
      await put(bench.target, 'big', base)
      await bench.publish(bytes)
      await bench.download({ partSize: 200 * KiB })
      await bench.expectHeld(bytes)
    }),
    { numRuns: 25 },
  )
})

test('one edit anywhere costs two chunks at most', async () => {
  const base = old.subarray(0, 3 * MiB)
  const bench = await Bench.over(memoryStore())
  await fc.assert(
    fc.asyncProperty(fc.nat(base.length - 1), fc.boolean(), async (at, inserts) => {
      const bytes = edited(base, at, inserts ? 0 : 1, Buffer.of((base[at] ?? 0) ^ 1))
      await put(bench.target, 'big', base)
      await bench.publish(bytes)
      const { received } = await bench.download()
      expect(received).toBeLessThanOrEqual(2 * largestChunk + overhead)
    }),
    { numRuns: 50 },
  )
})

const changed = edited(old, 5 * MiB, 1, Buffer.from('x'))

async function benchWithOld(
  bytes: Uint8Array = changed,
  change?: Partial<Signature>,
): Promise<Bench> {
  const bench = await Bench.over(memoryStore())
  await put(bench.target, 'big', old)
  await bench.publish(bytes, change)
  return bench
}

const disk = sharedBlocks()

test('what stays at its place is stored once, where blocks can be shared', async () => {
  const bench = await Bench.over(memoryStore(), disk.directory)
  await put(bench.target, 'big', old)
  await link(join(bench.directory, 'big'), join(bench.directory, 'kept'))
  await bench.publish(changed)
  const before = disk.used()
  expect((await bench.download()).sent).toBeLessThanOrEqual(2 * largestChunk)
  if (disk.shares) expect(disk.used() - before).toBeLessThan(4 * largestChunk)
  expectSame(await get(bench.target, 'big'), changed)
  expectSame(await get(bench.target, 'kept'), old)
})

test('chunks that no buffer holds are checked as they stream', async () => {
  const bench = await benchWithOld()
  const buffers = new BufferPool(64 * KiB, 64 * KiB)
  const { sent } = await bench.download({ buffers, partSize: 64 * KiB })
  expect(sent).toBeLessThanOrEqual(2 * largestChunk)
  await bench.expectHeld(changed)

  const forged = await benchWithOld(changed, withDigest(7))
  expect((await forged.download({ buffers, partSize: 64 * KiB })).sent).toBe(changed.length)
  await forged.expectHeld(changed)
})

/** The chunks of the changed file, the first of them with another digest. */
function withDigest(byte: number): Pick<Signature, 'chunks'> {
  const { chunks } = signed(changed, 'x')
  return { chunks: { ...chunks, digests: chunks.digests.slice().fill(byte, 0, 32) } }
}

test('a signature of other bytes is caught, whatever it tells wrong', async () => {
  const ofOld = signed(old, 'x')
  for (const forged of [
    // The old bytes are said to be the new ones: the whole does not have its checksum.
    { chunks: ofOld.chunks },
    // A chunk is fetched that is not the one it tells of.
    withDigest(7),
    // It tells of another object, and says so.
    { chunks: ofOld.chunks, crc64nvme: ofOld.crc64nvme },
  ]) {
    const bench = await benchWithOld(changed, forged)
    expect((await bench.download()).sent).toBe(changed.length)
    await bench.expectHeld(changed)
  }
})

test('a signature whose digests are chosen to be hard to tell apart costs no more than others', async () => {
  const bench = await benchWithOld()
  const { chunks } = signed(old, 'x')
  const first = chunks.ends[0] ?? 0
  const count = 2 ** 16
  const ends = Float64Array.from({ length: count }, (_, i) => first + (i * average) / 4)
  const digests = new Uint8Array(count * 32)
  for (let i = 0; i < count; i++) new DataView(digests.buffer).setUint32(i * 32 + 28, i)
  digests.set(chunks.digests.subarray(0, 32))
  const size = ends.at(-1) ?? 0
  const shelf = bench.shelf()
  const { crc64nvme, ...told } = { ...(await bench.source.stat(toKey('big'))), size }
  if (told.etag === undefined || crc64nvme === undefined) throw new Error('nothing proves it')
  const signature = { average, size, crc64nvme, etag: told.etag, version: told.version }
  await shelf.keep(toKey('big'), { ...signature, chunks: { count, ends, digests } })
  const source = storeWith(bench.source, { stat: async () => ({ ...told, crc64nvme }) })
  const from = { ...told, location: source.location, key: toKey('big') }
  const to = { location: bench.target.location, key: toKey('big') }
  const context = contextOf(source, bench.target, { buffers: new BufferPool(8 * MiB, MiB) })
  const begun = process.cpuUsage()
  const delta = { threshold: 1, average, shelf }
  const plan = await planDownload({ from, to }, context, delta, nothing)
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(3000)
  expect(plan.rebuild?.copied.bytes).toBe(first)
})

test('without a signature of this state, or a checksum of the whole, the object comes whole', async () => {
  const stale = await benchWithOld(changed, { etag: 'another' })
  expect((await stale.download()).sent).toBe(changed.length)
  await stale.expectHeld(changed)

  const silent = await benchWithOld()
  const source = storeWith(silent.source, {
    stat: async (key, call) => ({ ...(await silent.source.stat(key, call)), crc64nvme: undefined }),
  })
  expect((await silent.download({ source })).sent).toBe(changed.length)
  await silent.expectHeld(changed)
})

test.each([
  ['replaced before it is copied', 'before', true],
  ['removed before it is copied', 'before', false],
  ['replaced after it was copied', 'after', true],
  ['removed after it was copied', 'after', false],
] as const)('an old file that is %s gives nothing', async (_, when, replaced) => {
  const bench = await benchWithOld()
  let pending = true
  const change = async (moment: typeof when): Promise<void> => {
    if (!pending || moment !== when) return
    pending = false
    if (replaced) await put(bench.target, 'big', bytesOf(old.length, 9))
    else await remove(bench.target, 'big')
  }
  const target = withMultipart(bench.target, ({ copyPart }) => ({
    async copyPart(...given) {
      await change('before')
      if (!copyPart) throw new Error('there is none')
      const receipt = await copyPart(...given)
      await change('after')
      return receipt
    },
  }))
  expect((await bench.download({ target })).sent).toBe(changed.length)
  await bench.expectHeld(changed)
})

test('an old file that a sync saw otherwise is not replaced', async () => {
  const bench = await benchWithOld()
  const condition = { kind: 'if-match', etag: 'another' } as const
  await failure(bench.download({}, { condition }), 'precondition-failed')
  await bench.expectHeld(old)
})

test('a source that changes meanwhile is looked at anew', async () => {
  const bench = await benchWithOld()
  const next = edited(old, MiB, 5, Buffer.from('other'))
  let pending = true
  const source = storeWith(bench.source, {
    async readInto(...given) {
      if (pending) {
        pending = false
        await bench.publish(next)
      }
      return bench.source.readInto(...given)
    },
  })
  const { sent } = await bench.download({ source })
  expect(sent).toBeLessThanOrEqual(2 * largestChunk)
  await bench.expectHeld(next)
})

test('a small old file is not looked at', async () => {
  const bench = await benchWithOld()
  const delta = { threshold: changed.length, average, shelf: bench.shelf() }
  await put(bench.target, 'big', old.subarray(0, changed.length / 2 - 1))
  expect((await bench.download({ delta })).sent).toBe(changed.length)
  await put(bench.target, 'big', old.subarray(0, changed.length / 2 + 1))
  expect((await bench.download({ delta })).sent).toBeLessThan(0.6 * changed.length)
})

test('the old file stays until the end, and an interruption is gone on with', async () => {
  const bytes = edited(edited(changed, 2 * MiB, 0, bytesOf(3 * MiB, 4)), 0, 0, Buffer.from('x'))
  const least = (await (await benchWithOld(bytes)).download()).sent
  for (const after of [1, 3, 5]) {
    const bench = await benchWithOld(bytes)
    const { journal } = await temporaryState()
    await interrupted(bench, after, { journal })
    expectSame(await get(bench.target, 'big'), old)
    expect(await unfinished(bench.target)).toEqual(['big'])
    const { sent } = await bench.download({ journal })
    expect(sent).toBeLessThan(least)
    await bench.expectHeld(bytes)
  }
})

test('what was copied from the old file, and not written down, is proven without a download', async () => {
  const bench = await benchWithOld()
  const { journal } = await temporaryState()
  const buffers = new BufferPool(64 * MiB, 16 * MiB)
  const forgetful: Journal = {
    begin: (entry) => journal.begin(entry),
    find: (target, key) => journal.find(target, key),
    all: () => journal.all(),
    end: (target, key) => journal.end(target, key),
    part: async () => {},
  }
  await interrupted(bench, 3, { journal: forgetful, buffers })
  const { received } = await bench.download({ journal, buffers })
  expect(received).toBeLessThanOrEqual(2 * largestChunk + overhead)
  await bench.expectHeld(changed)
})

/** Runs the transfer one part after another, until `after` parts have arrived. */
async function interrupted(
  bench: Bench,
  after: number,
  change: Partial<TransferContext>,
): Promise<void> {
  const controller = new AbortController()
  let arrived = 0
  const arrive = (receipt: PartReceipt): PartReceipt => {
    if (++arrived === after) controller.abort()
    return receipt
  }
  const target = withMultipart(bench.target, (multipart) => ({
    part: async (...given) => arrive(await multipart.part(...given)),
    async copyPart(...given) {
      if (!multipart.copyPart) throw new Error('there is none')
      return arrive(await multipart.copyPart(...given))
    },
  }))
  const { signal } = controller
  const lanes = new Semaphore(1)
  await failure(bench.download({ ...change, target, signal, lanes }), 'interrupted')
}
